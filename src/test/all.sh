#!/usr/bin/env bash
#
# Sets everything up and passes all tests, those on a real Postfix, nftables and OpenSSL included:
#
#     sudo src/test/all.sh
#
# The whole Debians that the release matrix runs on, and the one that is booted, are made by debootstrap the first
# time, below /var/cache/tlswaiver-releases, while the unit tests run.
#
# It fails when a test was skipped: a green run means that all of them ran.
#
# What the parts print is in target/*.log. They run in namespaces of their own, with /tmp, /etc and /run of their
# own: when this script ends, however it ends, the kernel takes away every process, mount and network that they made.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

# Hides a folder of the machine under a layer that ends with the namespace.
layer_over() {
  mkdir -p "$run/layers$1/upper" "$run/layers$1/work"
  mount -t overlay -o "lowerdir=$1,upperdir=$run/layers$1/upper,workdir=$run/layers$1/work" overlay "$1"
}

# A source or a home that lies below /tmp stays where it is.
empty_tmp() {
  local kept
  mkdir -p "$run/tmp"
  chmod 1777 "$run/tmp"
  for kept in "$PWD" "$HOME"; do
    if [[ $kept == /tmp/* ]]; then
      mkdir -p "$run$kept"
      mount --bind "$kept" "$run$kept"
    fi
  done
  mount --rbind "$run/tmp" /tmp
}

# Runs a command as a part of the whole: its output goes to a file, and what became of it to our own.
part() {
  local name=$1 begun=$SECONDS status=0 log=target/$1.log
  shift
  echo "all.sh: $name begins; see $log"
  "$@" >"$log" 2>&1 </dev/null || status=$?
  # What Maven says of all tests at the end, not of each class.
  grep -E '^\[[A-Z]+\] +Tests run: [^-]*$' "$log" || true
  if ((status != 0)); then
    tail -n 100 "$log"
    echo "all.sh: $name failed after $((SECONDS - begun)) s; the end of $log is above"
  else
    echo "all.sh: $name passed after $((SECONDS - begun)) s; load $(cut -d ' ' -f 1-3 /proc/loadavg)"
  fi
  return "$status"
}

# Two at a time: half of it is waiting for the mirror.
debians() {
  local pids=()
  (examples/release.sh bullseye && examples/release.sh bookworm) &
  pids+=($!)
  (examples/release.sh trixie && examples/release.sh booted) &
  pids+=($!)
  wait "${pids[0]}" && wait "${pids[1]}"
}

# Waits for as many parts; the first that fails ends the whole.
all_of() {
  local left
  for ((left = $1; left > 0; left--)); do
    wait -n
  done
}

# The sum of an attribute of the reports' root elements.
sum() {
  sed -n "s/.*<testsuite [^>]*\\b$1=\"\\([0-9]*\\)\".*/\\1/p" "${@:2}" | awk '{ sum += $1 } END { print sum + 0 }'
}

whole() {
  local unit host skipped classes reports
  rm -rf target
  mkdir target
  part debians timeout 1800 bash -c "$(declare -f debians); debians" &
  # The packages too, and all that a build verifies but the host tests, which come next.
  part build mvn -B verify -Ppackages -DskipITs &
  all_of 2

  # The classes, the jar and the packages are there: nothing is built again.
  part tests mvn -B failsafe:integration-test failsafe:integration-test@alone failsafe:verify \
    '-DhostTests=**/*IT.java' -DhostTests.not=none -DotherTests=none
  # A person watches it on a machine that does nothing else.
  part demo examples/demo.sh

  unit=$(sum tests target/{surefire,slow}-reports/TEST-*.xml)
  host=$(sum tests target/failsafe-reports/TEST-*.xml)
  skipped=$(sum skipped target/{surefire,slow,failsafe}-reports/TEST-*.xml)
  classes=$(find src/test/java -name '*IT.java' | wc -l)
  reports=$(find target/failsafe-reports -name 'TEST-*.xml' | wc -l)
  if ((unit == 0 || host == 0 || skipped > 0 || reports != classes)); then
    echo "all.sh: of $classes host test classes $reports ran; $unit and $host tests; $skipped were skipped"
    return 1
  fi
  echo "all.sh: $unit unit tests and $host host tests in $classes classes passed, none skipped," \
    "and the demo told its story, in $((SECONDS / 60)) minutes"
}

if [[ ${1:-} == inside ]]; then
  run=$2
  mount -t tmpfs -o mode=755 layers "$run/layers"
  layer_over /etc
  layer_over /run
  empty_tmp
  whole
  exit
fi

if ((EUID != 0)); then
  echo 'all.sh: the host tests make network namespaces, which needs root: sudo src/test/all.sh' >&2
  exit 1
fi
examples/setup.sh --releases

# With its first process all others of the namespace end.
clean_up() {
  trap '' HUP INT TERM
  if [[ -n $namespace ]]; then
    pkill -KILL -P "$namespace" || kill -KILL "$namespace" 2>/dev/null || true
    wait "$namespace" || true
  fi
  chattr -R -f -i "$run" 2>/dev/null || true
  rm -rf --one-file-system "${run:?}"
  # Those of systemd-nspawn, which are empty now.
  while IFS=: read -r _ _ group; do
    find /sys/fs/cgroup{,/systemd,/unified}"${group%/}"/{payload,supervisor} -depth -type d -exec rmdir {} + 2>/dev/null || true
  done </proc/self/cgroup
}

namespace=''
run=$(mktemp -d /var/tmp/tlswaiver-all.XXXXXX)
mkdir "$run/layers"
chmod 755 "$run"
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
# In a session of its own, so that a signal reaches this script alone; and no signal is ignored there, as those of the
# terminal are in a job of a shell and under nohup, since tests send them.
setsid env --default-signal setpriv --pdeathsig KILL \
  unshare --mount --pid --mount-proc --fork --kill-child "$0" inside "$run" &
namespace=$!
wait "$namespace"
