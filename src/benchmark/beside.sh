#!/usr/bin/env bash
#
# Follows one growing log with tlswaiver (as the package starts it, mode observe), fail2ban (its postfix filter, all
# modes) and CrowdSec (its parser and scenarios for Postfix), all at the same time: what each holds in memory and works
# when idle, and after the lines.
#
#     sudo src/benchmark/beside.sh [LINES] [LINES_EACH_SECOND]
#
# Needs target/tlswaiver.jar, fail2ban and crowdsec (Debian's packages). It uses none of their configuration in /etc but
# fail2ban's filters, and nobody is banned.
set -euo pipefail

lines=${1:-1000000}
rate=${2:-4000}
cd "$(dirname "$0")/../.."
folder=$(mktemp -d)
declare -A pids
trap 'for pid in "${pids[@]}"; do kill -9 "$pid"; done 2>/dev/null; wait 2>/dev/null; rm -rf "$folder"' EXIT
log=$folder/maillog
ticks=$(getconf CLK_TCK)
java src/benchmark/GenerateMaillog.java "$folder/content" $((lines * 130))
: >"$log"

# tlswaiver
TLSWAIVER_JAR=$PWD/target/tlswaiver.jar sh src/package/make-archive.sh "$folder/classes.jsa"
cat >"$folder/tlswaiver.yaml" <<END
mode: observe
log: {source: file, path: $log, trust: file}
state_directory: $folder/state
control_socket: $folder/control.sock
status: {listen: 127.0.0.1:$((20000 + RANDOM % 10000))}
END
java -Xms8m -Xmx64m -Xss512k -XX:+UseSerialGC -XX:TieredStopAtLevel=1 "-XX:SharedArchiveFile=$folder/classes.jsa" \
  -jar target/tlswaiver.jar run --config "$folder/tlswaiver.yaml" >"$folder/tlswaiver.out" 2>&1 &
pids[tlswaiver]=$!

# fail2ban
mkdir -p "$folder/fail2ban/jail.d"
for file in /etc/fail2ban/*; do
  case $file in *.local | */jail.d) ;; *) ln -s "$file" "$folder/fail2ban/" ;; esac
done
printf '[Definition]\ndbfile = None\n' >"$folder/fail2ban/fail2ban.local"
cat >"$folder/fail2ban/jail.d/postfix.local" <<END
[postfix]
enabled = true
filter = postfix[mode=aggressive]
logpath = $log
backend = polling
action =
END
fail2ban-server -f -c "$folder/fail2ban" -s "$folder/fail2ban.sock" -p "$folder/fail2ban.pid" \
  --logtarget "$folder/fail2ban.log" start >"$folder/fail2ban.out" 2>&1 &
pids[fail2ban]=$!

# CrowdSec
hub=/usr/share/crowdsec/hub
etc=$folder/crowdsec
mkdir -p "$etc/parsers/s00-raw" "$etc/parsers/s01-parse" "$etc/parsers/s02-enrich" "$etc/scenarios" "$etc/data"
cp "$hub/parsers/s00-raw/crowdsecurity/syslog-logs.yaml" "$etc/parsers/s00-raw/"
cp "$hub/parsers/s01-parse/crowdsecurity/postfix-logs.yaml" "$etc/parsers/s01-parse/"
cp "$hub/parsers/s02-enrich/crowdsecurity/dateparse-enrich.yaml" "$etc/parsers/s02-enrich/"
cp "$hub/scenarios/crowdsecurity/postfix-spam.yaml" "$etc/scenarios/"
cp -r /etc/crowdsec/patterns /etc/crowdsec/profiles.yaml /etc/crowdsec/simulation.yaml "$etc/"
printf 'filenames: [%s]\nlabels: {type: syslog}\n' "$log" >"$etc/acquis.yaml"
port=$((30000 + RANDOM % 10000))
cat >"$etc/config.yaml" <<END
common: {daemonize: false, log_media: file, log_level: info, log_dir: $etc/, working_dir: .}
config_paths: {config_dir: $etc/, data_dir: $etc/data/, simulation_path: $etc/simulation.yaml, hub_dir: /var/lib/crowdsec/hub/, index_path: /var/lib/crowdsec/hub/.index.json, notification_dir: $etc/, plugin_dir: $etc/}
crowdsec_service: {acquisition_path: $etc/acquis.yaml, parser_routines: 1}
cscli: {output: human}
db_config: {log_level: info, type: sqlite, db_path: $etc/data/crowdsec.db}
api:
  client: {insecure_skip_verify: false, credentials_path: $etc/credentials.yaml}
  server: {log_level: info, listen_uri: 127.0.0.1:$port, profiles_path: $etc/profiles.yaml}
prometheus: {enabled: false}
END
printf 'url: http://127.0.0.1:%s/\nlogin: me\npassword: word\n' "$port" >"$etc/credentials.yaml"
cscli -c "$etc/config.yaml" machines add --force me --password word -f "$etc/credentials.yaml" >"$folder/cscli.out" 2>&1
crowdsec -c "$etc/config.yaml" >"$folder/crowdsec.out" 2>&1 &
pids[crowdsec]=$!

# Of user and kernel, in seconds; the names of the programs have no blank in them.
cpu() { awk -v ticks="$ticks" '{printf "%.1f", ($14 + $15) / ticks}' "/proc/${pids[$1]}/stat"; }
resident() { awk '/^VmRSS/ {printf "%.0f", $2 / 1024}' "/proc/${pids[$1]}/status"; }
# Until nobody has worked for more than a tenth of a core in five seconds.
settle() {
  local name before busy=yes
  while [[ $busy == yes ]]; do
    busy=no
    local -A then=()
    for name in "${!pids[@]}"; do then[$name]=$(cpu "$name"); done
    sleep 5
    for name in "${!pids[@]}"; do
      if awk "BEGIN {exit !($(cpu "$name") - ${then[$name]} > 0.5)}"; then busy=yes; fi
    done
  done
}

sleep 20
settle
declare -A idle memory
for name in "${!pids[@]}"; do
  kill -0 "${pids[$name]}" || { cat "$folder/$name.out" "$etc"/*.log >&2; exit 1; }
  idle[$name]=$(cpu "$name") memory[$name]=$(resident "$name")
done
java src/benchmark/FollowLoad.java lines "$log" "$folder/content" "$rate" $((lines / rate))
settle
printf '%-10s %14s %26s %22s\n' '' 'MB when idle' "MB after $lines lines" 'seconds of a core'
for name in tlswaiver fail2ban crowdsec; do
  printf '%-10s %14s %26s %22s\n' "$name" "${memory[$name]}" "$(resident "$name")" \
    "$(awk "BEGIN {printf \"%.1f\", $(cpu "$name") - ${idle[$name]}}")"
done
grep -c ' Found ' "$folder/fail2ban.log" | sed 's/^/fail2ban found: /'
