#!/usr/bin/env bash
# The CiviCRM extension as one file that needs nothing else: target/mfasidecar-VERSION.zip
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/lib.sh

version=$(sed -n 's~.*<version>\(.*\)</version>.*~\1~p' php-bridge/civicrm/info.xml)
zip=$(realpath -m "${1:-$target/mfasidecar-$version.zip}")
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT

mkdir -p "$stage/mfasidecar/bridge" "$(dirname "$zip")"
cp -R php-bridge/civicrm/. "$stage/mfasidecar"
cp -R php-bridge/autoload.php php-bridge/lib "$stage/mfasidecar/bridge"
cp LICENSE LICENSE-APACHE LICENSE-MIT "$stage/mfasidecar"

while IFS= read -r -d '' catalogue; do
    msgfmt --output-file="${catalogue%.po}.mo" "$catalogue"
done < <(find "$stage/mfasidecar/l10n" -name '*.po' -print0)

# The same content gives the same file: names in order, the time of the commit.
find "$stage" -exec touch --no-dereference --date="@$(git log -1 --format=%ct 2>/dev/null || echo 0)" {} +
rm -f "$zip"
(cd "$stage" && find mfasidecar -type f | LC_ALL=C sort | TZ=UTC zip -X -q "$zip" -@)
echo "$zip"
