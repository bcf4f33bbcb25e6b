#!/usr/bin/env bash
#
# Installs, upgrades, removes and purges the packages in a Debian that is booted for it, with systemd, the journal and Postfix:
#
#     sudo src/test/booted.sh
#
# The Debian is made once, with debootstrap, below /var/tmp/tlswaiver-booted; it is booted on a file system that is forgotten afterwards.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

if ((EUID != 0)); then
  echo 'booted.sh: it boots a Debian, which needs root: sudo src/test/booted.sh' >&2
  exit 1
fi
examples/setup.sh
missing=()
for what in debootstrap:debootstrap systemd-nspawn:systemd-container rpm:rpm; do
  command -v "${what%:*}" >/dev/null || missing+=("${what#*:}")
done
if ((${#missing[@]})); then
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
fi

debian=/var/tmp/tlswaiver-booted/bookworm
if [[ ! -d $debian ]]; then
  mkdir -p "${debian%/*}"
  rm -rf "$debian.new"
  debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus,postfix,nftables,iproute2,procps,openssl,ca-certificates,default-jre-headless,bash-completion,man-db \
    bookworm "$debian.new" "${MIRROR:-http://deb.debian.org/debian}" >"$debian.log" ||
    { tail -20 "$debian.log" >&2; exit 1; }
  mv "$debian.new" "$debian"
fi

mvn -B verify -Ppackages,booted -Dtest=none -Dsurefire.failIfNoSpecifiedTests=false </dev/null
