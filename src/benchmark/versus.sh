#!/usr/bin/env bash
#
# Lets this build and another one follow the same log at the same time, as the package starts them, mode observe, and
# tells what each works for the lines and when idle, and its peak of memory: in pairs, so that whatever else the machine does
# disturbs both alike.
#
#     src/benchmark/versus.sh OTHER_JAR [PAIRS] [LINES] [LINES_EACH_SECOND]
#
# Needs target/tlswaiver.jar.
set -euo pipefail

other=$(realpath "$1")
pairs=${2:-7}
lines=${3:-360000}
rate=${4:-12000}
idle=15
cd "$(dirname "$0")/../.."
folder=$(mktemp -d)
declare -A pid port jar=([this]=$PWD/target/tlswaiver.jar [other]=$other)
trap 'for agent in "${pid[@]}"; do kill -9 "$agent"; done 2>/dev/null || true; rm -rf "$folder"' EXIT
log=$folder/maillog
ticks=$(getconf CLK_TCK)
java src/benchmark/GenerateMaillog.java "$folder/content" $((lines * 130))
javac -d "$folder/load" src/benchmark/FollowLoad.java

start() {
  port[$1]=$((20000 + RANDOM % 20000))
  mkdir "$folder/$1"
  cat >"$folder/$1/tlswaiver.yaml" <<END
mode: observe
log: {source: file, path: $log}
state_directory: $folder/$1/state
control_socket: $folder/$1/control.sock
status: {listen: 127.0.0.1:${port[$1]}}
END
  java -Xms8m -Xmx64m -Xss512k -XX:+UseSerialGC -XX:TieredStopAtLevel=1 \
    -jar "${jar[$1]}" run --config "$folder/$1/tlswaiver.yaml" >"$folder/$1/out" 2>&1 &
  pid[$1]=$!
}

# How many lines the agent has read; it need not answer yet.
counted() (
  exec 3<>"/dev/tcp/127.0.0.1/${port[$1]}"
  printf 'GET /metrics HTTP/1.0\r\n\r\n' >&3
  awk 'index($1, "tlswaiver_log_lines_total") == 1 {sum += $2} END {printf "%.0f\n", sum}' <&3
) 2>/dev/null

await() {
  until (($(counted "$1" || echo -1) >= $2)); do
    kill -0 "${pid[$1]}" || { cat "$folder/$1/out" >&2; exit 1; }
    sleep 0.5
  done
}

# Of user and kernel, in seconds; the name of the program has no blank in it.
cpu() { awk "{print (\$14 + \$15) / $ticks}" "/proc/${pid[$1]}/stat"; }

declare -A from still
printf '%-6s %8s %8s %8s   %8s %8s %8s   %8s %8s %8s\n' '' 'lines s' 'other' ratio 'idle s' 'other' ratio 'peak MB' 'other' ratio
for ((pair = 1; pair <= pairs; pair++)); do
  : >"$log"
  agents=(this other)
  ((pair % 2)) || agents=(other this)
  for agent in "${agents[@]}"; do start "$agent"; done
  for agent in "${agents[@]}"; do await "$agent" 0; done
  sleep 5
  for agent in "${agents[@]}"; do from[$agent]=$(cpu "$agent"); done
  sleep "$idle"
  for agent in "${agents[@]}"; do still[$agent]=$(cpu "$agent"); done
  java -cp "$folder/load" FollowLoad lines "$log" "$folder/content" "$rate" $((lines / rate))
  for agent in "${agents[@]}"; do await "$agent" $((lines / rate * rate)); done
  row=
  for agent in this other; do
    row+="$(cpu "$agent") ${still[$agent]} ${from[$agent]} $(awk '/^VmHWM/ {print $2 / 1024}' "/proc/${pid[$agent]}/status") "
    kill "${pid[$agent]}"
    wait "${pid[$agent]}" 2>/dev/null || true
    rm -rf "${folder:?}/$agent"
  done
  pid=()
  echo "$row" | tee -a "$folder/rows" | awk -v pair="$pair" '{
    printf "%-6s %8.2f %8.2f %8.3f   %8.2f %8.2f %8.2f   %8.0f %8.0f %8.3f\n", pair,
      $1 - $2, $5 - $6, ($1 - $2) / ($5 - $6), $2 - $3, $6 - $7, ($2 - $3) / ($6 - $7 + 1e-9), $4, $8, $4 / $8}'
done
median() { awk "{print $1}" "$folder/rows" | sort -n | awk '{a[NR] = $1} END {print a[int((NR + 1) / 2)]}'; }
printf 'median ratios: lines %.3f, idle %.2f, peak %.3f\n' "$(median '($1 - $2) / ($5 - $6)')" \
  "$(median '($2 - $3) / ($6 - $7 + 1e-9)')" "$(median '$4 / $8')"
