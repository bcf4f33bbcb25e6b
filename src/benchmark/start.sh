#!/usr/bin/env bash
#
# Measures a start as the package makes it, with and without the archive of classes: the time until the agent is
# ready, what the processors worked until then, and what it holds in memory when idle. In turns, medians.
#
#     src/benchmark/start.sh [ROUNDS]
#
# Needs target/tlswaiver.jar, Postfix and OpenSSL. The Postfix that is looked at has a configuration of its own, with
# Debian's services and a certificate; nothing of the host's is touched, and nothing of it is started.
set -euo pipefail

rounds=${1:-5}
cd "$(dirname "$0")/../.."
folder=$(mktemp -d)
agent=
trap '[[ -z $agent ]] || kill -9 "$agent" 2>/dev/null || true; rm -rf "$folder"' EXIT
jar=$PWD/target/tlswaiver.jar
port=$((20000 + RANDOM % 20000))
ticks=$(getconf CLK_TCK)
flags=(-Xms8m -Xmx64m -Xss512k -XX:+UseSerialGC -XX:TieredStopAtLevel=1)

TLSWAIVER_JAR=$jar sh src/package/make-archive.sh "$folder/classes.jsa"
: >"$folder/maillog"
mkdir "$folder/postfix"
cp /etc/postfix/master.cf.proto "$folder/postfix/master.cf"
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$folder/postfix/key.pem" -out "$folder/postfix/cert.pem" \
  -days 30 -subj /CN=mx.example.org 2>/dev/null
cat >"$folder/postfix/main.cf" <<END
myhostname = mx.example.org
smtpd_tls_security_level = may
smtpd_tls_cert_file = $folder/postfix/cert.pem
smtpd_tls_key_file = $folder/postfix/key.pem
smtpd_tls_protocols = >=TLSv1.2
END
cat >"$folder/tlswaiver.yaml" <<END
mode: observe
log: {source: file, path: $folder/maillog, trust: file}
postfix: {config_directory: $folder/postfix}
state_directory: $folder/state
control_socket: $folder/control.sock
status: {listen: 127.0.0.1:$port}
END

exec {nap}<> <(:)
is_ready() {
  { exec 3<>"/dev/tcp/127.0.0.1/$port"; } 2>/dev/null || return 1
  printf 'GET /-/ready HTTP/1.0\r\n\r\n' >&3
  read -r line <&3 || line=
  exec 3>&-
  [[ $line == *' 200 '* ]]
}

# Of user and kernel, in milliseconds; the name of the program has no blank in it.
cpu() { awk -v ticks="$ticks" '{print ($14 + $15) * 1000 / ticks}' "/proc/$agent/stat"; }

once() { # into the files of this name: time, cpu, memory
  local name=$1 from
  shift
  from=$(date +%s%N)
  java "${flags[@]}" "$@" -jar "$jar" run --config "$folder/tlswaiver.yaml" >"$folder/out" 2>&1 &
  agent=$!
  until is_ready; do
    kill -0 "$agent" || { cat "$folder/out" >&2; exit 1; }
    read -rt 0.005 -u "$nap" || true # sleep(1) would take a third of a processor from what is measured.
  done
  echo $((($(date +%s%N) - from) / 1000000)) >>"$folder/$name.time"
  cpu >>"$folder/$name.cpu"
  sleep 5
  awk '/^VmRSS/ {print $2 / 1024}' "/proc/$agent/status" >>"$folder/$name.memory"
  kill "$agent"
  wait "$agent" || true
  agent=
}

command() { # a command that only reads, like --version
  local name=$1 from
  shift
  from=$(date +%s%N)
  java "${flags[@]}" "$@" -jar "$jar" --version >/dev/null
  echo $((($(date +%s%N) - from) / 1000000)) >>"$folder/$name.version"
}

median() { sort -n "$1" | awk '{v[NR] = $1} END {printf "%.0f", v[int((NR + 1) / 2)]}'; }

for ((i = 0; i < rounds; i++)); do
  once plain -Xshare:auto
  once archive "-XX:SharedArchiveFile=$folder/classes.jsa"
  command plain -Xshare:auto
  command archive "-XX:SharedArchiveFile=$folder/classes.jsa"
done
for name in plain archive; do
  printf '%-8s ready after %5s ms, processors %5s ms, resident %3s MB, --version %4s ms\n' "$name" \
    "$(median "$folder/$name.time")" "$(median "$folder/$name.cpu")" "$(median "$folder/$name.memory")" \
    "$(median "$folder/$name.version")"
done
