#!/usr/bin/env bash
#
# The whole story on a throwaway Postfix, in half a minute: an old sender is refused by a strict mail
# host, tlswaiver sees why, lets that one sender through, proves it, and takes the exception back.
#
#     sudo examples/demo.sh           tell the story, and remove everything
#     sudo examples/demo.sh --keep    leave the laboratory and the agent running, to look around
#
# It installs what is missing, builds, and touches nothing of this machine's own Postfix or firewall:
# all of it happens in two network namespaces. It fails when anything goes otherwise than told.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
readonly lab=examples/lab.sh
readonly old=mta1.oldbank.example unlisted=legacy.elsewhere.example modern=mail.modern.example
readonly rung=10127
keep=no
case ${1:-} in
  '') ;;
  --keep) keep=yes ;;
  *) sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}" >&2 && exit 64 ;;
esac

bold='' dim='' plain=''
if [[ -t 1 ]]; then
  bold=$'\e[1m' dim=$'\e[2m' plain=$'\e[0m'
fi

step=0
tell() {
  step=$((step + 1))
  printf '\n%s%d. %s%s\n' "$bold" "$step" "$*" "$plain"
}

# What a program printed, set off from the story.
quote() {
  sed "s/^/   ${dim}| /; s/\$/${plain}/"
}

# Whoever reads this can't ask again: what the agent said, what each of its threads does, and the end of the log.
fail() {
  printf '\ndemo.sh: %s\n' "$*" >&2
  if [[ -n $agent ]] && kill -QUIT "$agent" 2>/dev/null; then
    sleep 2 # It writes them down in its own time, and does not say when it is done.
  fi
  [[ ! -s $out ]] || sed 's/^/  agent: /' "$out" >&2
  [[ ! -s $dir/maillog ]] || tail -n 40 "$dir/maillog" | sed 's/^/  log: /' >&2
  exit 1
}

# Waits until the agent has said something.
heard() {
  local end=$((SECONDS + 90))
  until grep -Eq -- "$1" "$out"; do
    kill -0 "$agent" 2>/dev/null || fail "the agent ended, and never said: $1"
    ((SECONDS < end)) || fail "the agent never said: $1"
    sleep 0.1
  done
}

tlswaiver() {
  "$lab" exec "$dir" mx java -jar target/tlswaiver.jar "$@" --config "$folder/tlswaiver.yaml"
}

start_agent() {
  # Not through tlswaiver(): the process must be Java's own, so that it can be stopped.
  "$lab" exec "$dir" mx java -jar target/tlswaiver.jar run "$@" \
    --config "$folder/tlswaiver.yaml" >"$out" 2>&1 &
  agent=$!
  heard 'start version='
}

stop_agent() {
  [[ -z $agent ]] || kill "$agent" 2>/dev/null || true
  [[ -z $agent ]] || wait "$agent" 2>/dev/null || true
  agent=''
}

clean_up() {
  stop_agent
  "$lab" down "$dir"
  rm -rf "${folder:?}"
}

failures() {
  grep -c 'SSL_accept error from' "$dir/maillog" || true
}

# A sender that never got through to the handshake was not refused.
refused() {
  local before end=$((SECONDS + 30))
  before=$(failures)
  ! "$lab" send "$dir" "$@" >"$folder/refusal" 2>&1 || fail "$1 should have been refused"
  until (($(failures) > before)); do
    ((SECONDS < end)) || fail "$1 was not refused in its handshake: $(cat "$folder/refusal")"
    sleep 0.1
  done
}

last_session() {
  grep "$1\\|library" "$dir/maillog" | tail -n 5 | grep -v disconnect
}

examples/setup.sh
if [[ ! -e target/tlswaiver.jar || -n $(find pom.xml src/main -newer target/tlswaiver.jar -print -quit) ]]; then
  echo 'Building tlswaiver ...'
  mvn -B -q -DskipTests package
fi

folder=$(mktemp -d /tmp/tlswaiver-demo.XXXXXX)
chmod 755 "$folder"
dir=$folder/lab
out=$folder/agent.log
agent=''
: >"$out"
trap clean_up EXIT

tell 'A strict mail host: TLS 1.2 at least, forward secrecy only.'
"$lab" up "$dir"
cp "$dir/postfix/master.cf" "$folder/master.cf"
"$lab" exec "$dir" mx postconf -c "$dir/postfix" smtpd_tls_protocols smtpd_tls_exclude_ciphers | quote
cat >"$folder/tlswaiver.yaml" <<END
mode: enforce
log: {source: file, path: $dir/maillog, trust: file}
postfix: {config_directory: $dir/postfix}
# A real host waits for failures that are spread over ten minutes. A demonstration can't.
rules:
  - {name: old-protocol, reasons: [unsupported-protocol], failures: 3, within: 1h, spread: 0s, rung: legacy}
settle: 200ms
state_directory: $folder/state
control_socket: $folder/control.sock
END

tell "$old speaks TLS 1.0 at best. It tries three times, and is refused."
start_agent --dry-run
for _ in 1 2 3; do
  refused "$old" --protocol tls1
done
last_session "$old" | quote

tell 'What tlswaiver would do about it: run --dry-run prints it, and touches nothing.'
heard 'elements = .*198\.51\.100\.10'
grep -A 200 '^proposal' "$out" | grep -v '^$' | quote
stop_agent
cmp "$dir/postfix/master.cf" "$folder/master.cf" || fail 'the dry run touched master.cf'
[[ -z $("$lab" exec "$dir" mx nft list ruleset) ]] || fail 'the dry run touched nftables'

tell 'Now in earnest: tlswaiver asks the sender what it offers, before it relaxes anything.'
start_agent
for _ in 1 2 3; do
  refused "$old" --protocol tls1
done
heard 'PROPOSED -> DIAGNOSING'
refused "$old" --protocol tls1
heard 'DIAGNOSING -> ACTIVE'
grep -E 'waiver 1 ' "$out" | quote

tell 'Its hello told which rung is the lowest that admits it. That one is in force now.'
"$lab" exec "$dir" mx nft list table inet tlswaiver | grep -E 'elements|redirect|drop' | quote

tell 'The sender comes back, as mail systems do. Its mail is accepted.'
queue_id=$("$lab" send "$dir" "$old" --protocol tls1) || fail "$old was refused"
echo "queue id $queue_id" | quote
heard "PROVEN .*$queue_id"
grep -E "tlswaiver-legacy.*(established from $old|$queue_id)" "$dir/maillog" | quote

tell 'Nobody else is weakened.'
refused "$unlisted" --protocol tls1
echo "$unlisted, TLS 1.0, not waived: refused" | quote
"$lab" send "$dir" "$modern" >/dev/null || fail "$modern was refused"
echo "$modern: $(grep -E 'postfix/smtpd.*established.*modern' "$dir/maillog" | tail -n 1 | sed 's/.*: \(TLSv[^ ]*\).*/\1/'), on the strict listener" | quote
! "$lab" connect "$dir" "$unlisted" $rung 2>/dev/null || fail "port $rung is open to everybody"
! "$lab" connect "$dir" "$old" $rung 2>/dev/null || fail "port $rung is open without the redirect"
echo "port $rung, connected to directly: no answer, not even to $old" | quote

tell 'What is relaxed now, and until when.'
tlswaiver list | quote

if [[ $keep == yes ]]; then
  trap - EXIT
  cat <<END

The laboratory goes on, with the agent as process $agent. Look around:

  sudo $lab log $dir
  sudo $lab exec $dir mx nft list ruleset
  sudo $lab exec $dir mx java -jar target/tlswaiver.jar list --config $folder/tlswaiver.yaml
  sudo $lab send $dir $old --protocol tls1
  less $out

And end it:

  sudo kill $agent; sudo $lab down $dir; sudo rm -rf $folder
END
  exit 0
fi

tell 'The waiver ends: here by hand, else by its date.'
tlswaiver revoke 1 >"$folder/revoked" 2>&1 ||
  fail "revoke failed: $(cat "$folder/revoked")"
quote <"$folder/revoked"
refused "$old" --protocol tls1
echo "$old, TLS 1.0: refused again" | quote

tell 'No trace is left.'
cmp "$dir/postfix/master.cf" "$folder/master.cf" || fail 'master.cf is not as it was'
[[ -z $("$lab" exec "$dir" mx nft list ruleset) ]] || fail 'nftables is not as it was'
[[ -z $(find "$dir/postfix" -name '*tlswaiver*') ]] || fail 'files are left in the configuration directory'
echo 'master.cf is the same to the byte, nftables is empty, no file is left' | quote

printf '\n%sDone.%s\n' "$bold" "$plain"
