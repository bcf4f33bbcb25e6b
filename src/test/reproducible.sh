#!/bin/sh
# Builds the jar and the packages twice, from two copies of the source in different folders, and compares the bytes.
# Exit 0: the same. Options go to Maven, like -o.
set -eu
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
for copy in first second-with-another-name; do
    mkdir "$work/$copy"
    git ls-files -z | tar --create --null --files-from=- | tar --extract --directory="$work/$copy"
    (cd "$work/$copy" && mvn -q -B "$@" -Dmaven.test.skip=true -Ppackages package)
done
cd "$work"
differ=0
for made in tlswaiver.jar tlswaiver.deb tlswaiver.rpm; do
    sha256sum "first/target/$made" | sed "s/ .*/  $made/"
    cmp "first/target/$made" "second-with-another-name/target/$made" || differ=1
done
if [ "$differ" = 1 ]; then
    echo "reproducible.sh: the two builds differ; diffoscope on the two files says where" >&2
    exit 1
fi
