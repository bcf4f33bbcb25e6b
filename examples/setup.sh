#!/usr/bin/env bash
#
# Installs what the laboratory, the demo and the tests need, where it is missing (Debian, Ubuntu).
# It configures nothing and starts nothing: the Postfix that it installs has no configuration.
#
#     setup.sh --releases      and what the host tests need: whole Debians, a browser, another type of table for Postfix
set -euo pipefail

releases=no
case ${1:-} in
  '') ;;
  --releases) releases=yes ;;
  *) sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}" >&2 && exit 64 ;;
esac

# What must be there, and the package that brings it.
needed() {
  cat <<'LIST'
command:postfix     postfix
command:bzip2       bzip2
command:xz          xz-utils
command:zstd        zstd
command:nft         nftables
command:openssl     openssl
command:swaks       swaks
perl:Net::SSLeay    libnet-ssleay-perl
perl:Socket6        libsocket6-perl
perl:IO::Socket::INET6  libio-socket-inet6-perl
command:ip          iproute2
command:/lib/systemd/systemd-journal-remote  systemd-journal-remote
command:ps          procps
command:strace      strace
command:man         man-db
command:mandoc      mandoc
command:promtool    prometheus
command:javac       openjdk-17-jdk-headless
command:mvn         maven
LIST
  [[ $releases != yes ]] || cat <<'LIST'
command:debootstrap  debootstrap
file:/usr/lib/postfix/postfix-lmdb.so  postfix-lmdb
command:fail2ban-server  fail2ban
command:chromium  chromium
command:systemd-nspawn  systemd-container
command:rpm  rpm
LIST
}

there() {
  case $1 in
    command:*) PATH=$PATH:/usr/sbin:/sbin command -v "${1#*:}" >/dev/null ;;
    file:*) [[ -e ${1#*:} ]] ;;
    perl:*) perl "-M${1#perl:}" -e 1 2>/dev/null ;;
  esac
}

missing=()
while read -r what package; do
  there "$what" || missing+=("$package")
done < <(needed)
((${#missing[@]})) || exit 0

if ! command -v apt-get >/dev/null; then
  echo "setup.sh: please install what these Debian packages hold: ${missing[*]}" >&2
  exit 1
fi
if ((EUID != 0)); then
  echo "setup.sh: missing; as root: apt-get install ${missing[*]}" >&2
  exit 1
fi

export DEBIAN_FRONTEND=noninteractive
if [[ " ${missing[*]} " == *' postfix '* ]]; then
  echo 'postfix postfix/main_mailer_type select No configuration' | debconf-set-selections
fi

# A package may not start its service while this file says so. An existing one is obeyed and kept.
policy=/usr/sbin/policy-rc.d
if [[ ! -e $policy ]]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
fi

echo "setup.sh: installing ${missing[*]}" >&2
apt-get update -qq || echo 'setup.sh: apt-get update failed; trying with the lists at hand' >&2
apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
while read -r what package; do
  there "$what" || { echo "setup.sh: $package is installed, yet ${what#*:} is not there" >&2; exit 1; }
done < <(needed)
