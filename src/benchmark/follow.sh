#!/usr/bin/env bash
#
# Measures what following a log costs: the processor time of the running agent when idle and with a
# writer of 1000 lines a second, and whether a heap of 64 MiB is enough for a million addresses
# that fail, live and after a kill -9 and restart.
#
#     src/benchmark/follow.sh [LINES_EACH_SECOND] [SECONDS_TO_WARM_UP] [ADDRESSES]
#
# Needs target/tlswaiver.jar.
set -euo pipefail

rate=${1:-1000}
warm=${2:-180}
addresses=${3:-1000000}
cd "$(dirname "$0")/../.."
folder=$(mktemp -d)
agent=
trap '[[ -z $agent ]] || kill -9 "$agent" 2>/dev/null || true; rm -rf "$folder"' EXIT
log=$folder/maillog
ticks=$(getconf CLK_TCK)

start() {
  port=$((20000 + RANDOM % 20000))
  cat >"$folder/tlswaiver.yaml" <<END
mode: observe
log: {source: file, path: $log, trust: file}
state_directory: $folder/state
control_socket: $folder/control.sock
status: {listen: 127.0.0.1:$port}
END
  java "-Xmx$1" -jar target/tlswaiver.jar run --config "$folder/tlswaiver.yaml" >>"$folder/out" 2>&1 &
  agent=$!
  until metric tlswaiver_mode >/dev/null 2>&1; do
    kill -0 "$agent" || { cat "$folder/out" >&2; exit 1; }
    sleep 0.2
  done
}

stop() { kill "-${1:-TERM}" "$agent"; wait "$agent" 2>/dev/null || true; agent=; }

# Of user and kernel, in clock ticks; the name of the program has no blank in it.
cpu() { awk '{print $14 + $15}' "/proc/$agent/stat"; }

metric() (
  exec 3<>"/dev/tcp/127.0.0.1/$port"
  printf 'GET /metrics HTTP/1.0\r\n\r\n' >&3
  awk -v name="$1" '{ sub(/\r$/, "") } index($1, name) == 1 {sum += $2; found = 1} END {printf "%.0f\n", sum; exit !found}' <&3
)

# The share of a core in the next 40 seconds.
share() {
  local before from; before=$(cpu); from=$(date +%s%N)
  sleep 40
  awk "BEGIN {printf \"%.2f\", ($(cpu) - $before) / $ticks / (($(date +%s%N) - $from) / 1e9) * 100}"
}

row() { printf '%-52s %8s %s\n' "$@"; }

: >"$log"
java src/benchmark/GenerateMaillog.java "$folder/content" $((rate * (warm + 65) * 130))
start 64m
sleep 20
row 'processor, idle' "$(share)" %
java src/benchmark/FollowLoad.java lines "$log" "$folder/content" "$rate" $((warm + 50)) &
writer=$!
sleep 20
row "processor, $rate lines a second, from second 20 to 60" "$(share)" %
sleep $((warm > 60 ? warm - 60 : 0))
row "the same, after $warm seconds, when all is compiled" "$(share)" %
wait "$writer"
stop

: >"$log"
start 64m
java src/benchmark/FollowLoad.java failures "$log" "$addresses" 100000
until (($(metric 'tlswaiver_handshakes_total{outcome="failed"') >= addresses)); do
  kill -0 "$agent" || { tail -20 "$folder/out" >&2; exit 1; }
  sleep 0.5
done
row "resident after $addresses addresses, -Xmx64m" $(($(awk '/^VmRSS/ {print $2}' "/proc/$agent/status") / 1024)) MB
stop KILL
began=$(date +%s%N)
start 64m
row 'started again after kill -9' $((($(date +%s%N) - began) / 1000000)) ms
stop
