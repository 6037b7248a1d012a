#!/usr/bin/env bash
# The WordPress plugin as a zip that WordPress can install: the adapter with the library inside. Prints where it is.
# The same sources give the same bytes.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/lib.sh

plugin=php-bridge/wordpress
version=$(awk '/^ \* Version:/ { print $3 }' $plugin/mfa-sidecar.php)
zip=$(realpath -m "${1:-$target/mfa-sidecar-wordpress-$version.zip}")
for said in "readme.txt:Stable tag: $version" "src/Plugin.php:VERSION = '$version'"; do
    grep -qF "${said#*:}" "$plugin/${said%%:*}" || die "$plugin/${said%%:*} does not say version $version"
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/mfa-sidecar
mkdir -p "$root/bridge" "$(dirname "$zip")"
cp -R $plugin/{mfa-sidecar.php,autoload.php,uninstall.php,readme.txt,src,templates,assets,languages} "$root"
cp LICENSE-MIT "$root/LICENSE"
cp -R php-bridge/autoload.php php-bridge/lib "$root/bridge"

find "$work" -type d -exec chmod 755 {} + -o -type f -exec chmod 644 {} +
# The oldest time that a zip can say.
find "$work" -exec touch -d '1980-01-01 00:00:00 UTC' {} +
rm -f "$zip"
(cd "$work" && find mfa-sidecar -type f | LC_ALL=C sort | TZ=UTC zip -qX9 "$zip" -@)
echo "$zip"
