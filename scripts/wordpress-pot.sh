#!/usr/bin/env bash
# The WordPress plugin's own sentences for translators. Without --check it writes the template anew.
set -euo pipefail
cd "$(dirname "$0")/../php-bridge/wordpress"

pot=languages/mfa-sidecar.pot
made=$(mktemp)
trap 'rm -f "$made"' EXIT
find . -name '*.php' | LC_ALL=C sort | xgettext --files-from=- --output=- --language=PHP --from-code=UTF-8 --no-wrap \
    --add-comments=translators: --package-name='MFA Sidecar' --copyright-holder='the mfa-sidecar authors' \
    --keyword --keyword=__ --keyword=_e --keyword=esc_html__ --keyword=esc_html_e --keyword=esc_attr__ \
    --keyword=esc_attr_e --keyword=_x:1,2c --keyword=_n:1,2 |
    # Lines move and days pass without a change for translators.
    sed -e '/^"POT-Creation-Date/d' -e 's/^\(#: .*\):[0-9]*$/\1/' -e 's/\(\.php\):[0-9]\+/\1/g' \
        -e 's/charset=CHARSET/charset=UTF-8/' >"$made"

if [[ ${1:-} == --check ]]; then
    cmp "$made" "$pot" || {
        echo "php-bridge/wordpress/$pot is not what the code says: run scripts/wordpress-pot.sh and commit the result" >&2
        exit 1
    }
    echo "$pot is what the code says"
else
    cp "$made" "$pot"
    chmod 644 "$pot"
fi
