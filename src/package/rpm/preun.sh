if [ "$1" = 0 ]; then
  if [ -d /run/systemd/system ]; then
    systemctl --no-reload disable --now tlswaiver-sweep.timer tlswaiver.service >/dev/null 2>&1 || :
    systemctl stop tlswaiver-sweep.service >/dev/null 2>&1 || :
  fi
  /usr/share/tlswaiver/remove-traces
  if [ -d /run/systemd/system ]; then
    systemctl --no-reload disable --now tlswaiver-hand.socket >/dev/null 2>&1 || :
    systemctl stop tlswaiver-hand.service >/dev/null 2>&1 || :
  fi
fi
exit 0
