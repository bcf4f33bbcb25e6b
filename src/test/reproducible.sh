#!/bin/sh
# Builds the jar twice, from two copies of the source in different folders, and compares the bytes.
# Exit 0: the same. Options go to Maven, like -o.
set -eu
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
for copy in first second-with-another-name; do
    mkdir "$work/$copy"
    git ls-files -z | tar --create --null --files-from=- | tar --extract --directory="$work/$copy"
    (cd "$work/$copy" && mvn -q -B "$@" -Dmaven.test.skip=true package)
done
cd "$work"
sha256sum first/target/tlswaiver.jar second-with-another-name/target/tlswaiver.jar | sed 's/  .*//' | uniq -c
if ! cmp first/target/tlswaiver.jar second-with-another-name/target/tlswaiver.jar; then
    echo "reproducible.sh: the two builds differ; diffoscope on the two jars says where" >&2
    exit 1
fi
