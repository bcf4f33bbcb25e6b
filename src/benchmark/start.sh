#!/usr/bin/env bash
#
# Measures a start as the package makes it, with and without the archive of classes: the time until the agent is
# ready, what the processors worked until then, and what it holds in memory when idle. In turns, medians. As root it measures
# two processes besides: an agent without power, and the privileged one behind its socket.
#
#     src/benchmark/start.sh [ROUNDS]
#
# Needs target/tlswaiver.jar, Postfix and OpenSSL. The Postfix that is looked at has a configuration of its own, with
# Debian's services and a certificate; nothing of the host's is touched, and nothing of it is started.
set -euo pipefail

rounds=${1:-5}
cd "$(dirname "$0")/../.."
folder=$(mktemp -d)
chmod 755 "$folder"
agent=
hand=
trap 'for pid in $agent $hand; do kill -9 "$pid" 2>/dev/null || true; done; rm -rf "$folder"' EXIT
jar=$folder/tlswaiver.jar
cp target/tlswaiver.jar "$jar"
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

sed "s,^state_directory:.*,state_directory: $folder/apart," "$folder/tlswaiver.yaml" >"$folder/apart.yaml"
sed -i "s,^control_socket:.*,control_socket: $folder/apart/control.sock," "$folder/apart.yaml"
echo "hand: $folder/hand.sock" >>"$folder/apart.yaml"
mkdir "$folder/apart"
mkdir -m 700 "$folder/apart-hand"
powerless=(setpriv --reuid=nobody --regid=65534 --clear-groups --inh-caps=-all --bounding-set=-all --no-new-privs)

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

once() { # into the files of this name: time, cpu, memory; then the configuration, and what is before and behind java
  local name=$1 configuration=$2 from
  local -n before=$3
  shift 3
  from=$(date +%s%N)
  "${before[@]}" java "${flags[@]}" "$@" -jar "$jar" run --config "$configuration" >"$folder/out" 2>&1 &
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

apart() { # the same of an agent without power, and what the process behind its socket holds
  local from
  from=$(date +%s%N)
  java "${flags[@]}" "-XX:SharedArchiveFile=$folder/classes.jsa" -jar "$jar" hand --config "$folder/apart.yaml" \
    --socket "$folder/hand.sock" --user nobody >"$folder/hand.out" 2>&1 &
  hand=$!
  until [[ -S $folder/hand.sock ]]; do
    kill -0 "$hand" || { cat "$folder/hand.out" >&2; exit 1; }
    read -rt 0.005 -u "$nap" || true
  done
  echo $((($(date +%s%N) - from) / 1000000)) >>"$folder/hand.time"
  chown -R nobody "$folder/apart"
  once apart "$folder/apart.yaml" powerless "-XX:SharedArchiveFile=$folder/classes.jsa"
  awk '/^VmRSS/ {print $2 / 1024}' "/proc/$hand/status" >>"$folder/hand.memory"
  kill "$hand"
  wait "$hand" || true
  hand=
  rm -f "$folder/hand.sock"
}

command() { # a command that only reads, like --version
  local name=$1 from
  shift
  from=$(date +%s%N)
  java "${flags[@]}" "$@" -jar "$jar" --version >/dev/null
  echo $((($(date +%s%N) - from) / 1000000)) >>"$folder/$name.version"
}

median() { sort -n "$1" | awk '{v[NR] = $1} END {printf "%.0f", v[int((NR + 1) / 2)]}'; }

# shellcheck disable=SC2034 # Used by its name.
nothing=(env)
for ((i = 0; i < rounds; i++)); do
  once plain "$folder/tlswaiver.yaml" nothing -Xshare:auto
  once archive "$folder/tlswaiver.yaml" nothing "-XX:SharedArchiveFile=$folder/classes.jsa"
  ((EUID != 0)) || apart
  command plain -Xshare:auto
  command archive "-XX:SharedArchiveFile=$folder/classes.jsa"
done
for name in plain archive; do
  printf '%-8s ready after %5s ms, processors %5s ms, resident %3s MB, --version %4s ms\n' "$name" \
    "$(median "$folder/$name.time")" "$(median "$folder/$name.cpu")" "$(median "$folder/$name.memory")" \
    "$(median "$folder/$name.version")"
done
if ((EUID == 0)); then
  printf 'without power: ready after %s ms, processors %s ms, resident %s MB; the hand listens after %s ms, resident %s MB\n' \
    "$(median "$folder/apart.time")" "$(median "$folder/apart.cpu")" "$(median "$folder/apart.memory")" \
    "$(median "$folder/hand.time")" "$(median "$folder/hand.memory")"
fi
