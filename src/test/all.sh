#!/usr/bin/env bash
#
# Sets everything up and passes all tests, those on a real Postfix, nftables and OpenSSL included:
#
#     sudo src/test/all.sh
#
# The whole Debian bullseye, bookworm and trixie that the release matrix runs on, and the bookworm that is booted, are made
# by debootstrap the first time, below /var/cache/tlswaiver-releases and /var/tmp/tlswaiver-booted.
#
# It fails when a host test was skipped: a green run means that all of them ran.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

examples/setup.sh --releases
if ((EUID != 0)); then
  echo 'all.sh: the host tests make network namespaces, which needs root: sudo src/test/all.sh' >&2
  exit 1
fi

mvn -B clean verify </dev/null
mvn -B verify -Preleases </dev/null
src/test/booted.sh

# The attributes of each report's root element.
sum() {
  sed -n "s/.*<testsuite [^>]*\\b$1=\"\\([0-9]*\\)\".*/\\1/p" "${@:2}" | awk '{ sum += $1 } END { print sum + 0 }'
}
tests=$(sum tests target/failsafe-reports/TEST-*.xml)
skipped=$(sum skipped target/{surefire,failsafe}-reports/TEST-*.xml)
classes=$(find src/test/java -name '*IT.java' | wc -l)
reports=$(find target/failsafe-reports -name 'TEST-*.xml' | wc -l)
if ((tests == 0 || skipped > 0 || reports != classes)); then
  echo "all.sh: of $classes host test classes $reports ran; $tests tests; $skipped were skipped, here or among the others" >&2
  exit 1
fi

examples/demo.sh >target/demo.out || { cat target/demo.out >&2; exit 1; }
echo "all.sh: $tests host tests passed, none skipped, and the demo told its story"
