/usr/share/tlswaiver/make-archive ||
  echo 'tlswaiver: no archive of classes could be made; it starts slower, and works' >&2
running=
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload >/dev/null 2>&1 || :
  ! systemctl --quiet is-active tlswaiver.service || running=yes
  systemctl stop tlswaiver.service tlswaiver-hand.service >/dev/null 2>&1 || :
fi
/usr/share/tlswaiver/make-user || :
if [ "$1" = 1 ]; then
  systemctl --no-reload preset tlswaiver-hand.socket tlswaiver.service tlswaiver-sweep.timer >/dev/null 2>&1 || :
fi
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload >/dev/null 2>&1 || :
  if [ "$1" = 1 ]; then
    systemctl --no-block start tlswaiver-hand.socket tlswaiver.service tlswaiver-sweep.timer >/dev/null 2>&1 || :
  else
    systemctl start tlswaiver-hand.socket >/dev/null 2>&1 || :
    [ -z "$running" ] || systemctl start tlswaiver.service >/dev/null 2>&1 || :
    systemctl try-restart tlswaiver-sweep.timer >/dev/null 2>&1 || :
  fi
fi
exit 0
