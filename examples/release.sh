#!/usr/bin/env bash
#
# A whole installation of a release of Debian, with its own Postfix, OpenSSL, nftables and Java, as a
# tar file. It is made once, in a minute or two, and kept.
#
#     release.sh NAME          bullseye, bookworm or trixie; prints the file's path
#
# Files are kept in $TLSWAIVER_RELEASES, or in /var/cache/tlswaiver-releases. Remove one, and it is
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

case ${1:-} in
  bullseye | bookworm) java=17 ;;
  trixie) java=21 ;;
  *) sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}" >&2 && exit 64 ;;
esac
name=$1
tar=$cache/$name.tar
if [[ -e $tar ]]; then
  echo "$tar"
  exit
fi
((EUID == 0)) || fail 'debootstrap needs root'
command -v debootstrap >/dev/null || fail 'debootstrap is missing; as root: examples/setup.sh --releases'
mkdir -p "$cache"
# Two that build the same don't meet: the last one to finish gives the file its name.
work=$(mktemp -d "$cache/.$name.XXXXXX")
trap 'rm -rf "$work"' EXIT
echo "release.sh: installing $name ..." >&2
packages=postfix,openssl,ca-certificates,nftables,iproute2,procps,perl-base,openjdk-$java-jre-headless
debootstrap --variant=minbase --include="$packages" "$name" "$work/root" "$(mirror)" >"$work/log" 2>&1 ||
  fail "debootstrap failed: $(tail -n 20 "$work/log")"
rm -rf "$work"/root/var/cache/apt/archives/*.deb "$work"/root/var/lib/apt/lists/* \
  "$work"/root/usr/share/{doc,man,locale}
tar --numeric-owner -C "$work/root" -cf "$work/tar" .
mv "$work/tar" "$tar"
echo "$tar"
