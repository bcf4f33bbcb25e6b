#!/usr/bin/env bash
#
# Times `replay` on handshakes that fail from ever other addresses, and says how much memory it took:
#
#     src/benchmark/judge.sh [ADDRESSES]
#
# Needs target/tlswaiver.jar and GNU time (Debian's package time).
set -euo pipefail

addresses=${1:-1000000}
cd "$(dirname "$0")/../.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# Four a second, each once, none with a name, one in sixteen with another failure.
awk -v most="$addresses" 'BEGIN {
  for (i = 0; i < most; i++) {
    stamp = strftime("%Y-%m-%dT%H:%M:%S+00:00", 1772323200 + int(i / 4), 1)
    head = stamp " mx postfix/smtpd[" 1000 + i % 5000 "]: "
    peer = sprintf("unknown[2001:db8:%x:%x::1]", int(i / 65536), i % 65536)
    cause = i % 16 ? "0A000102:SSL routines::unsupported protocol" : "0A0000C1:SSL routines::no shared cipher"
    print head "connect from " peer
    print head "SSL_accept error from " peer ": -1"
    print head "warning: TLS library problem: error:" cause ":../ssl/statem/statem_srvr.c:1664:"
    print head "lost connection after STARTTLS from " peer
    print head "disconnect from " peer " ehlo=1 starttls=0/1 commands=1/2"
  }
}' >"$folder/maillog"

/usr/bin/time -f '%e s, %U s of a processor, %M KiB resident' \
  java -Xmx64m -jar target/tlswaiver.jar replay --format json "$folder/maillog" >"$folder/out"
grep -E '"(handshakes|failed)"' "$folder/out"
