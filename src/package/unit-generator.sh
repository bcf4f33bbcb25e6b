#!/bin/sh
# A systemd.generator(7): what the agent's unit can only say where it is so.
folder=$1/tlswaiver.service.d
# Notices by mail go through sendmail(1), which may not gain the group postdrop in the sandbox. The group lets a process put mail
# into the queue, which any local user can have sendmail do. A unit that names a group that is not there does not start.
if getent group postdrop >/dev/null; then
  mkdir -p "$folder"
  cat >"$folder/postdrop.conf" <<'END'
[Service]
SupplementaryGroups=postdrop
ReadWritePaths=-/var/spool/postfix/maildrop -/var/spool/postfix/public
END
fi
# A container of systemd-nspawn has a boot id of its own, which a fresh /proc does not show: journalctl would then follow the
# journal of a boot that never was, and see nothing. There the agent keeps the container's /proc.
if [ "$(cat /run/systemd/container 2>/dev/null)" = systemd-nspawn ]; then
  mkdir -p "$folder"
  cat >"$folder/nspawn.conf" <<'END'
[Service]
ProtectProc=default
ProtectKernelTunables=no
ProtectControlGroups=no
ReadOnlyPaths=/proc/sys /sys
END
fi
exit 0
