#!/usr/bin/env bash
#
# Puts very many waivers in force at once on a throwaway Postfix, and beside it does what one would do
# by hand: a shell loop of `nft add element` and one postmap for each sender.
#
#     sudo src/benchmark/burst.sh [WAIVERS [ADDRESSES OF EACH]]
#
# Needs compiled tests (mvn test-compile) and what examples/setup.sh installs.
set -euo pipefail

waivers=${1:-500} addresses=${2:-10}
cd "$(dirname "$0")/../.."
folder=$(mktemp -d)
chmod 755 "$folder"
trap 'examples/lab.sh down "$folder/lab" || true; rm -rf "$folder"' EXIT
mvn -o -q -B dependency:build-classpath -Dmdep.outputFile="$folder/classpath" -Dmdep.includeScope=test
examples/lab.sh up "$folder/lab" >/dev/null

apply() {
  examples/lab.sh exec "$folder/lab" mx java -XX:TieredStopAtLevel=1 \
    -cp "target/classes:target/test-classes:$(cat "$folder/classpath")" \
    dev.tlswaiver.actuator.ApplyOnce "$folder/lab/postfix" "$folder/state" "$@" >/dev/null
}

loop() {
  examples/lab.sh exec "$folder/lab" mx bash -euc '
    nft "add table inet loop; add set inet loop legacy6 { type ipv6_addr; flags interval, timeout; }"
    for ((w = 0; w < $1; w++)); do
      for ((a = 0; a < $2; a++)); do
        address=$(printf "2001:db8:%x:%x::1" $((w + 4096)) "$a")
        nft "add element inet loop legacy6 { $address timeout 7d }"
        echo "$address OK" >>"$3/loop"
      done
      postmap -c "$3" "$3/loop"
    done
    postfix -c "$3" reload' loop "$waivers" "$addresses" "$folder/lab/postfix" >/dev/null
}

seconds() {
  local start=$EPOCHREALTIME
  "$@" >&2
  awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.2f", b - a }'
}

ours=$(seconds apply burst "$waivers" "$addresses")
apply undo
theirs=$(seconds loop)
echo "$waivers waivers with $((waivers * addresses)) addresses: one plan $ours s, a shell loop $theirs s," \
  "$(awk -v a="$ours" -v b="$theirs" 'BEGIN { printf "%.1f", b / a }') times as long"
