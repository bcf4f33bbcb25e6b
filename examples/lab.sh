#!/usr/bin/env bash
#
# A throwaway mail host and the senders that talk to it, in two network namespaces. The tests and
# the demo run on it; so can you. Nothing outside DIR, the two namespaces and their folders under
# /etc/netns is touched, and `down` removes all of it.
#
#     lab.sh up DIR [--loglevel N]     build the laboratory in DIR, an empty or absent directory
#     lab.sh up DIR --release NAME     the mail host is a whole Debian of its own: bullseye, bookworm, trixie,
#                                      or the folder that release.sh printed
#     lab.sh hosts                     the senders: name, IPv4 and IPv6 address
#     lab.sh send DIR HOST [--protocol P] [--port N] [--to ADDRESS] [--ipv6]
#                                      deliver one mail; prints the queue id, or fails with the refusal
#                                      P: modern tls1_2-rsa tls1_1 tls1 sslv3 plain
#     lab.sh connect DIR HOST PORT     0 if HOST can open a TCP connection to PORT, else 1
#     lab.sh exec DIR mx|senders COMMAND...
#     lab.sh log DIR                   the mail log
#     lab.sh reload DIR                postfix reload
#     lab.sh status DIR                0 if Postfix runs; names of the namespaces
#     lab.sh stop-postfix DIR          postfix stop, everything else stays
#     lab.sh down DIR                  remove everything; may be repeated
#
# DIR afterwards: postfix/ (configuration), spool/, data/, tls/, maillog. With --release the mail host's root
# is root/, and what runs on the mail host runs in it: with its /etc/postfix (to which postfix/ leads), its
# /var/log/mail.log (to which maillog leads), its programs.
#
# A sender that fails the handshake gives up, as old mail systems do; it never falls back to plaintext.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

readonly mx4=192.0.2.25 mx6=2001:db8:0:25::25
readonly gateway4=192.0.2.1 gateway6=2001:db8:0:25::1
readonly recipient=postmaster@strict.example
deadline=20 # seconds that anything here may take

# Names are verified: /etc/hosts of the namespace knows them in both directions. "-" has none.
senders() {
  cat <<'HOSTS'
mta1.oldbank.example      198.51.100.10  2001:db8:100::10
mta2.oldbank.example      198.51.100.11  2001:db8:100::11
relay.static-rsa.example  198.51.100.20  2001:db8:100::20
mail.modern.example       198.51.100.30  2001:db8:100::30
legacy.elsewhere.example  203.0.113.40   2001:db8:113::40
-                         203.0.113.66   2001:db8:113::66
HOSTS
}

fail() {
  echo "lab.sh: $*" >&2
  exit 1
}

usage() {
  sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}" >&2
  exit 64
}

# Runs the arguments until they succeed or the deadline has passed.
await() {
  local end=$((SECONDS + deadline))
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < end)) || return 1
    sleep 0.1
  done
}

# Sets dir and the names that follow from it. Two laboratories never share one.
locate() {
  dir=$(realpath -m -- "$1")
  [[ $dir =~ ^/[A-Za-z0-9._/-]+$ ]] || fail "$dir: only letters, digits, '.', '_' and '-' in the path"
  id=$(printf '%s' "$dir" | sha256sum | cut -c1-10)
  mx=lab-$id-mx
  out=lab-$id-senders
  configuration=$dir/postfix spool=$dir/spool inside=()
  [[ ! -e $dir/root ]] || enter_release
}

# What is mounted by a command is seen by nobody else, and ends with it: ip-netns(8) gives each one a
# mount namespace.
enter_release() {
  configuration=/etc/postfix spool=$dir/root/var/spool/postfix
  # shellcheck disable=SC2016
  inside=(sh -c 'mount -t proc proc "$0/proc" && exec chroot "$0" env "$@"' "$dir/root"
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C)
}

standing() {
  [[ -e $dir/.lab ]] || fail "no laboratory in $dir"
}

on_mx() {
  ip netns exec "$mx" "${inside[@]}" "$@"
}

on_senders() {
  ip netns exec "$out" "$@"
}

on_postfix() {
  on_mx postfix -c "$configuration" "$@"
}

up() {
  local loglevel=1 release=''
  while (($#)); do
    case $1 in
      --release) release=${2:?--release needs a name} && shift 2 ;;
      --loglevel) loglevel=${2:?--loglevel needs a number} && shift 2 ;;
      *) usage ;;
    esac
  done
  ((EUID == 0)) || fail "network namespaces need root"
  if [[ -e $dir ]] && [[ -n $(ls -A "$dir") ]]; then
    fail "$dir is not empty"
  fi
  mkdir -p "$dir"
  touch "$dir/.lab"
  trap down EXIT
  make_network
  if [[ -n $release ]]; then
    make_release "$release" "$loglevel"
  else
    make_postfix "$loglevel"
  fi
  on_postfix start >"$dir/start.out" 2>&1 || fail "postfix did not start: $(cat "$dir/start.out")"
  await greeted || fail "port 25 does not answer: $(tail -n 5 "$dir/maillog" 2>&1)"
  trap - EXIT
}

make_network() {
  local name four six space
  for space in "$mx" "$out"; do
    mkdir -p "/etc/netns/$space"
    # Names come from this file alone; nothing asks the Internet.
    echo 'hosts: files' >"/etc/netns/$space/nsswitch.conf"
    # Whoever asks DNS all the same asks a resolver of the laboratory, if it has one.
    echo 'nameserver 127.0.0.1' >"/etc/netns/$space/resolv.conf"
    {
      echo '127.0.0.1 localhost'
      echo '::1 localhost'
      echo "$mx4 mx.strict.example"
      echo "$mx6 mx.strict.example"
      senders | while read -r name four six; do
        [[ $name == - ]] || printf '%s %s\n%s %s\n' "$four" "$name" "$six" "$name"
      done
    } >"/etc/netns/$space/hosts"
    ip netns add "$space"
    ip -n "$space" link set lo up
  done
  # Both ends are born inside: no name of theirs is ever seen by the machine.
  ip -n "$mx" link add wire type veth peer name wire netns "$out"
  ip -n "$mx" address add "$mx4/24" dev wire
  ip -n "$mx" address add "$mx6/64" dev wire nodad
  ip -n "$out" address add "$gateway4/24" dev wire
  ip -n "$out" address add "$gateway6/64" dev wire nodad
  senders | while read -r name four six; do
    ip -n "$out" address add "$four/32" dev wire
    ip -n "$out" address add "$six/128" dev wire nodad
  done
  ip -n "$mx" link set wire up
  ip -n "$out" link set wire up
  ip -n "$mx" route add default via "$gateway4"
  ip -n "$mx" -6 route add default via "$gateway6"
}

make_postfix() {
  local loglevel=$1 master file
  # smtpd(8) gives up root, then still opens tables: it must be able to walk to them.
  chmod 755 "$dir"
  mkdir "$dir/postfix" "$dir/spool" "$dir/data" "$dir/tls"
  chown postfix "$dir/data"
  for master in /usr/share/postfix/master.cf.dist /etc/postfix/master.cf.proto /etc/postfix/master.cf; do
    [[ ! -f $master ]] || break
  done
  cp "$master" "$dir/postfix/master.cf"
  cp "$here/main.cf" "$dir/postfix/main.cf"
  for file in /etc/postfix/dynamicmaps.cf* /etc/postfix/postfix-files*; do
    [[ ! -e $file ]] || cp -r "$file" "$dir/postfix/"
  done
  (umask 077 && openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=mx.strict.example \
    -keyout "$dir/tls/key.pem" -out "$dir/tls/cert.pem" 2>"$dir/openssl.out") ||
    fail "openssl made no certificate: $(cat "$dir/openssl.out")"
  postconf -c "$dir/postfix" -e \
    "queue_directory = $dir/spool" \
    "data_directory = $dir/data" \
    "maillog_file = $dir/maillog" \
    "maillog_file_prefixes = $dir" \
    "smtpd_tls_chain_files = $dir/tls/key.pem, $dir/tls/cert.pem" \
    "smtpd_tls_loglevel = $loglevel" \
    'local_transport = discard:the laboratory keeps no mail' \
    'local_recipient_maps =' \
    'alias_maps =' \
    'alias_database ='
  postconf -c "$dir/postfix" -F '*/*/chroot = n'
}

# Debian's own configuration, chroot and all, made strict.
make_release() {
  local debian=$1
  [[ $debian == */* ]] || debian=$("$here/release.sh" "$1")
  # What is written stays in memory, above the installation that all share.
  mkdir "$dir/root" "$dir/layer"
  mount -t tmpfs -o mode=755 layer "$dir/layer"
  mkdir "$dir/layer/upper" "$dir/layer/work"
  mount -t overlay -o "lowerdir=$debian,upperdir=$dir/layer/upper,workdir=$dir/layer/work" root "$dir/root"
  chmod 755 "$dir" "$dir/root"
  enter_release
  ln -s root/etc/postfix "$dir/postfix"
  ln -s root/var/log/mail.log "$dir/maillog"
  cp "/etc/netns/$mx/hosts" "/etc/netns/$mx/nsswitch.conf" "/etc/netns/$mx/resolv.conf" "$dir/root/etc/"
  on_mx sh -c 'umask 077 && openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=mx.strict.example \
    -keyout /etc/postfix/key.pem -out /etc/postfix/cert.pem' 2>"$dir/openssl.out" ||
    fail "openssl made no certificate: $(cat "$dir/openssl.out")"
  on_mx postconf -e \
    'myhostname = mx.strict.example' \
    'mydestination = strict.example, $myhostname' \
    'maillog_file = /var/log/mail.log' \
    'smtpd_tls_security_level = may' \
    'smtpd_tls_cert_file = /etc/postfix/cert.pem' \
    'smtpd_tls_key_file = /etc/postfix/key.pem' \
    'smtpd_tls_protocols = !SSLv2, !SSLv3, !TLSv1, !TLSv1.1' \
    'smtpd_tls_mandatory_protocols = $smtpd_tls_protocols' \
    'smtpd_tls_ciphers = high' \
    'smtpd_tls_mandatory_ciphers = high' \
    'smtpd_tls_exclude_ciphers = aNULL, kRSA' \
    "smtpd_tls_loglevel = $2" \
    'local_transport = discard:the laboratory keeps no mail' \
    'local_recipient_maps =' \
    'alias_maps =' \
    'alias_database ='
  # What the unit does before it starts Postfix; in newer releases Postfix does it by itself.
  on_mx sh -c 'grep -q INSTANCE /usr/lib/postfix/configure-instance.sh || exit 0
    exec /usr/lib/postfix/configure-instance.sh -' >"$dir/instance.out" 2>&1 ||
    fail "configure-instance.sh: $(cat "$dir/instance.out")"
}

greeted() {
  # shellcheck disable=SC2016
  on_senders perl -MIO::Socket::IP -e '
    alarm 2;
    my $mx = IO::Socket::IP->new(PeerHost => $ARGV[0], PeerPort => 25, Type => SOCK_STREAM) or exit 1;
    exit(<$mx> !~ /^220 /);' "$mx4"
}

# Sets from4 and from6 to the addresses of a host that is given by name or by either address, and
# helo to what it calls itself.
find_host() {
  local name four six
  while read -r name four six; do
    if [[ $1 == "$name" || $1 == "$four" || $1 == "$six" ]]; then
      from4=$four from6=$six helo=$name
      [[ $name != - ]] || helo=unknown.example
      return
    fi
  done < <(senders)
  fail "no sender $1; see 'lab.sh hosts'"
}

send() {
  local from4 from6 helo from to=$mx4 protocol=modern port=25 rcpt=$recipient family=() status=0 answer
  (($#)) || usage
  find_host "$1"
  from=$from4
  [[ $1 != "$from6" ]] || set -- "$@" --ipv6
  shift
  while (($#)); do
    case $1 in
      --protocol) protocol=${2:?} && shift 2 ;;
      --port) port=${2:?} && shift 2 ;;
      --to) rcpt=${2:?} && shift 2 ;;
      --ipv6) from=$from6 to=$mx6 family=(-6) && shift ;;
      *) usage ;;
    esac
  done
  local swaks=(swaks "${family[@]}" --server "$to" --port "$port" --local-interface "$from" --helo "$helo"
    --from "postmaster@$helo" --to "$rcpt" --timeout "$deadline" --header "Subject: $protocol")
  case $protocol in
    plain) ;;
    modern) swaks+=(--tls) ;;
    tls1_2-rsa) swaks+=(--tls --tls-protocol tlsv1_2 --tls-cipher AES128-SHA) ;;
    tls1_1) swaks+=(--tls --tls-protocol tlsv1_1 --tls-cipher 'ALL:@SECLEVEL=0') ;;
    tls1) swaks+=(--tls --tls-protocol tlsv1 --tls-cipher 'ALL:@SECLEVEL=0') ;;
    # OpenSSL is built without it nowadays; Java can still be talked into it.
    sslv3) swaks=(java -Xshare:auto "$here/lab/OldClient.java" "$from" "$to" "$port" SSLv3 "$helo" "$rcpt") ;;
    *) usage ;;
  esac
  answer=$(on_senders timeout --kill-after=1 $((deadline * 2)) "${swaks[@]}" 2>&1 </dev/null) || status=$?
  if ((status == 0)) && [[ $answer =~ queued\ as\ ([0-9A-Za-z]+) ]]; then
    echo "${BASH_REMATCH[1]}"
    return
  fi
  # What the client says of it: its own complaints and the refusals of the server.
  grep -E '^(\*\*\*|<\*\*|<~\*|<[-~ *]+ [45][0-9][0-9])' <<<"$answer" >&2 || echo "$answer" >&2
  return 1
}

connect() {
  local from4 from6 helo
  (($# == 2)) || usage
  find_host "$1"
  # shellcheck disable=SC2016
  on_senders perl -MIO::Socket::IP -e '
    alarm 2;
    exit !IO::Socket::IP->new(LocalHost => $ARGV[0], PeerHost => $ARGV[1], PeerPort => $ARGV[2],
        Type => SOCK_STREAM);' "$from4" "$mx4" "$2"
}

stop_postfix() {
  [[ ! -e $spool/pid/master.pid ]] || on_postfix stop >"$dir/stop.out" 2>&1 || true
}

running_in() {
  [[ ! -e /run/netns/$1 ]] || ip netns pids "$1"
}

idle() {
  [[ -z $(running_in "$1") ]]
}

signal_all() {
  local pid
  for pid in $(running_in "$2"); do
    kill "-$1" "$pid" 2>/dev/null || true
  done
}

down() {
  local space mount
  if [[ -e $dir/.lab && -e /run/netns/$mx ]]; then
    stop_postfix
  fi
  for space in "$mx" "$out"; do
    signal_all TERM "$space"
    if ! await idle "$space"; then
      signal_all KILL "$space"
      await idle "$space" || echo "lab.sh: processes left in $space" >&2
    fi
    [[ ! -e /run/netns/$space ]] || ip netns delete "$space"
    rm -rf "/etc/netns/${space:?}"
  done
  rmdir --ignore-fail-on-non-empty /etc/netns 2>/dev/null || true
  # Without the mark the directory is not ours.
  [[ -e $dir/.lab ]] || return 0
  for mount in "$dir/root" "$dir/layer"; do
    ! mountpoint -q "$mount" || umount "$mount" || umount --lazy "$mount"
  done
  rm -rf --one-file-system "${dir:?}"
}

(($# > 0)) || usage
command=$1
shift
if [[ $command == hosts ]]; then
  senders
  exit
fi
(($# > 0)) || usage
locate "$1"
shift
case $command in
  up) up "$@" ;;
  down) down ;;
  send) standing && send "$@" ;;
  connect) standing && connect "$@" ;;
  exec)
    standing
    side=${1:-}
    shift || usage
    (($#)) || usage
    case $side in
      mx) exec ip netns exec "$mx" "${inside[@]}" "$@" ;;
      senders) exec ip netns exec "$out" "$@" ;;
      *) usage ;;
    esac
    ;;
  log) standing && cat "$dir/maillog" ;;
  reload) standing && on_postfix reload ;;
  status) standing && echo "$mx $out" && on_postfix status ;;
  stop-postfix) standing && stop_postfix ;;
  *) usage ;;
esac
