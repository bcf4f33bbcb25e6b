getent group tlswaiver >/dev/null || groupadd --system tlswaiver
/usr/share/tlswaiver/make-archive ||
  echo 'tlswaiver: no archive of classes could be made; it starts slower, and works' >&2
if [ "$1" = 1 ]; then
  systemctl --no-reload preset tlswaiver.service tlswaiver-sweep.timer >/dev/null 2>&1 || :
fi
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload >/dev/null 2>&1 || :
  if [ "$1" = 1 ]; then
    systemctl --no-block start tlswaiver.service tlswaiver-sweep.timer >/dev/null 2>&1 || :
  else
    systemctl try-restart tlswaiver.service tlswaiver-sweep.timer >/dev/null 2>&1 || :
  fi
fi
exit 0
