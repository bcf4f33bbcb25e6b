#!/usr/bin/env bash
#
# A whole installation of a release of Debian, with its own Postfix, OpenSSL, nftables and Java, in a
# folder. It is made once, in a minute or two, and kept; nobody writes in it: whoever runs it does so
# below a layer of their own.
#
#     release.sh NAME          bullseye, bookworm or trixie, or booted, a bookworm with systemd; prints the
#                              folder's path
#
# Folders are kept in $TLSWAIVER_RELEASES, or in /var/cache/tlswaiver-releases. Remove one, and it is
# made anew with the packages of the day.
set -euo pipefail

readonly cache=${TLSWAIVER_RELEASES:-/var/cache/tlswaiver-releases}

fail() {
  echo "release.sh: $*" >&2
  exit 1
}

# The mirror that this machine uses itself, if it is a Debian.
mirror() {
  # shellcheck disable=SC2016
  apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' 'Label: Debian' \
    2>/dev/null | head -n 1 | grep . || echo http://deb.debian.org/debian
}

packages=postfix,openssl,ca-certificates,nftables,iproute2,procps
case ${1:-} in
  bullseye | bookworm) suite=$1 packages+=,perl-base,openjdk-17-jre-headless ;;
  trixie) suite=$1 packages+=,perl-base,openjdk-21-jre-headless ;;
  booted) suite=bookworm packages+=,systemd,systemd-sysv,dbus,default-jre-headless,bash-completion,man-db ;;
  *) sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}" >&2 && exit 64 ;;
esac
name=$1
debian=$cache/$name
if [[ -e $debian ]]; then
  echo "$debian"
  exit
fi
((EUID == 0)) || fail 'debootstrap needs root'
command -v debootstrap >/dev/null || fail 'debootstrap is missing; as root: examples/setup.sh --releases'
mkdir -p "$cache"
# Two that build the same don't meet: the first one to finish gives the folder its name.
work=$(mktemp -d "$cache/.$name.XXXXXX")
trap 'rm -rf "$work"' EXIT
echo "release.sh: installing $name ..." >&2
debootstrap --variant=minbase --include="$packages" "$suite" "$work/root" "$(mirror)" >"$work/log" 2>&1 ||
  fail "debootstrap failed: $(tail -n 20 "$work/log")"
rm -rf "$work"/root/var/cache/apt/archives/*.deb "$work"/root/var/lib/apt/lists/* \
  "$work"/root/usr/share/{doc,man,locale}
mv -T "$work/root" "$debian" 2>"$work/log" || [[ -e $debian ]] || fail "$(cat "$work/log")"
echo "$debian"
