#!/usr/bin/env bash
# The READMEs' pictures, taken from the pages that the browser stories walk through.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/install-deps.sh test
php-bridge/tests/browser/run
php-bridge/tests/wordpress/run
mkdir -p docs/screenshots
shots=php-bridge/tests/browser/screenshots
cp "$shots/setup-light.png" docs/screenshots/setup.png
cp "$shots/admin-light.png" docs/screenshots/admin.png
cp "$shots/code-dark.png" docs/screenshots/code.png
cp "$shots/security-light.png" docs/screenshots/security.png
cp "$shots/setup-choice-light.png" docs/screenshots/methods.png
shots=php-bridge/tests/wordpress/screenshots
cp "$shots/playground-setup.png" docs/screenshots/wordpress-setup.png
cp "$shots/playground-settings-rules.png" docs/screenshots/wordpress-settings.png
