#!/bin/sh
# The agent's user, and what belongs to whom: the agent's ledger to it, the hand's state to root alone. Called after each
# installation and upgrade, while no agent is running. An agent before this one was root; what it had in force goes on.
set -eu
getent group tlswaiver >/dev/null || groupadd --system tlswaiver
# No home: a .forward in it would have local(8) start programs as this user, outside the sandbox.
getent passwd tlswaiver >/dev/null ||
  useradd --system --gid tlswaiver --home-dir /nonexistent --no-create-home --shell /usr/sbin/nologin \
    --comment 'tlswaiver agent' tlswaiver
if ! /usr/bin/tlswaiver hand --adopt --user tlswaiver >/dev/null; then
  # A configuration with mistakes, say: the state at its usual place is divided all the same.
  install -d -m 700 /var/lib/tlswaiver-hand
  echo 'tlswaiver: mend what is said above, then: systemctl stop tlswaiver; tlswaiver hand --adopt --user tlswaiver;' \
    'systemctl start tlswaiver' >&2
fi
