#!/usr/bin/env bash
#
# Whether the agent keeps up with what strangers write: on a throwaway Postfix, with the package's heap and stack,
# sessions of every character, long open ones, imitated faults and floods of connections, all at once. Fails when a line
# was read later than the seconds that are given, or an honest old sender's mail did not get through meanwhile.
#
#     sudo src/benchmark/strangers.sh [SECONDS [LATEST]]
#
# On a machine that does nothing else. Needs what examples/setup.sh installs.
set -euo pipefail

cd "$(dirname "$0")/../.."
mvn -q -B test-compile failsafe:integration-test failsafe:verify -Dit.test=StrangersIT \
  "-Dstrangers.seconds=${1:-60}" "-Dstrangers.behind=${2:-5}"
echo "for ${1:-60} s no line was read later than ${2:-5} s after it was written"
