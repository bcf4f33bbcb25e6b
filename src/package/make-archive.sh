#!/bin/sh
# Makes the archive of loaded classes that the launcher uses: starts an agent on an empty log, in a folder of
# its own, far from Postfix and nftables, and lets Java write down what it loaded when it ends. Java ignores an archive of another
# Java or another jar, so that it is never wrong, only useless; this program makes it anew.
set -eu
target=${1:-/var/cache/tlswaiver/classes.jsa}
jar=${TLSWAIVER_JAR:-/usr/share/tlswaiver/tlswaiver.jar}
java=java
[ -z "${JAVA_HOME:-}" ] || java=$JAVA_HOME/bin/java

umask 022
mkdir -p "${target%/*}"
folder=$(mktemp -d)
agent=
trap '[ -z "$agent" ] || kill -9 "$agent" 2>/dev/null || :; rm -rf "$folder" "$target.new"' EXIT

: >"$folder/out"
: >"$folder/maillog"
# A Postfix of its own that is looked at, as every start does with the host's, and never started.
mkdir "$folder/postfix"
printf 'myhostname = mx.example.org\nsmtpd_tls_security_level = may\n' >"$folder/postfix/main.cf"
printf 'smtp inet n - y - - smtpd\n' >"$folder/postfix/master.cf"
cat >"$folder/tlswaiver.yaml" <<END
mode: observe
log: {source: file, path: $folder/maillog, trust: file}
postfix: {config_directory: $folder/postfix}
status: {listen: "127.0.0.1:0"}
state_directory: $folder/state
control_socket: $folder/control.sock
END

# Not the service manager's business.
unset NOTIFY_SOCKET JOURNAL_STREAM
"$java" -Xmx64m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:ArchiveClassesAtExit="$target.new" \
  -jar "$jar" run --config "$folder/tlswaiver.yaml" >"$folder/out" 2>&1 &
agent=$!
tries=0
until grep -q 'start version=' "$folder/out"; do
  tries=$((tries + 1))
  if [ "$tries" -gt 300 ] || ! kill -0 "$agent" 2>/dev/null; then
    cat "$folder/out" >&2
    exit 1
  fi
  sleep 0.1
done
# A failure that is read and judged, and a command that is answered: their classes belong to every start.
cat >>"$folder/maillog" <<'END'
Nov 24 10:00:00 mx postfix/smtpd[31]: connect from a.example[192.0.2.1]
Nov 24 10:00:01 mx postfix/smtpd[31]: SSL_accept error from a.example[192.0.2.1]: -1
Nov 24 10:00:01 mx postfix/smtpd[31]: warning: TLS library problem: error:0A000102:SSL routines::unsupported protocol:../ssl/statem/statem_srvr.c:1657:
Nov 24 10:00:01 mx postfix/smtpd[31]: lost connection after STARTTLS from a.example[192.0.2.1]
Nov 24 10:00:01 mx postfix/smtpd[31]: disconnect from a.example[192.0.2.1] ehlo=1 starttls=0/1 commands=1/2
END
"$java" -Xmx64m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -jar "$jar" \
  list --config "$folder/tlswaiver.yaml" >/dev/null
kill "$agent"
wait "$agent" || :
agent=
if [ ! -s "$target.new" ]; then
  cat "$folder/out" >&2
  exit 1
fi
mv "$target.new" "$target"
