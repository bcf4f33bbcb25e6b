#!/bin/sh
# Removes what tlswaiver left in Postfix and nftables; called before the package is removed, while it still can be. Never fails:
# whoever removes a package wants it gone, and is told what is left.
set -u
/usr/bin/tlswaiver reset && exit 0
echo 'tlswaiver: what it changed could not be taken back (see above).' >&2
# Without the redirects no mail comes to the relaxed listeners.
if command -v nft >/dev/null && nft list table inet tlswaiver >/dev/null 2>&1; then
  nft delete table inet tlswaiver && echo 'tlswaiver: its redirects are removed' >&2
fi
if grep -q '^# BEGIN tlswaiver' /etc/postfix/master.cf 2>/dev/null; then
  cat >&2 <<'END'
tlswaiver: relaxed listeners are left in /etc/postfix/master.cf. To remove them:
    sed -i '/^# BEGIN tlswaiver/,/^# END tlswaiver/d' /etc/postfix/master.cf
    rm -f /etc/postfix/tlswaiver-*
    postfix reload
END
fi
exit 0
