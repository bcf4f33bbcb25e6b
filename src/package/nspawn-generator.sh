#!/bin/sh
# A systemd.generator(7). A container of systemd-nspawn has a boot id of its own, which a fresh /proc does not show: journalctl
# would then follow the journal of a boot that never was, and see nothing. There the agent keeps the container's /proc.
[ "$(cat /run/systemd/container 2>/dev/null)" = systemd-nspawn ] || exit 0
mkdir -p "$1/tlswaiver.service.d"
cat >"$1/tlswaiver.service.d/nspawn.conf" <<'END'
[Service]
ProtectProc=default
ProtectKernelTunables=no
ProtectControlGroups=no
ReadOnlyPaths=/proc/sys /sys
END
