#!/usr/bin/env bash
#
# Installs, upgrades, removes and purges the packages in a Debian that is booted for it, with systemd, the journal and Postfix:
#
#     sudo src/test/booted.sh
#
# The Debian is made once, by examples/release.sh; it is booted on a file system that is forgotten afterwards.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

if ((EUID != 0)); then
  echo 'booted.sh: it boots a Debian, which needs root: sudo src/test/booted.sh' >&2
  exit 1
fi
examples/setup.sh --releases
mvn -B verify -Ppackages,booted -Dtest=none -Dsurefire.failIfNoSpecifiedTests=false </dev/null
