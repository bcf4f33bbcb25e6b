#!/usr/bin/env bash
#
# Times `report` on a generated month of mail log beside what an operator would use instead, each as
# a whole process that writes into a pipe, in turns, in one run. Tells the median of the time that
# passed, and the least time that processors worked, which others on the same machine disturb less.
#
#     src/benchmark/report.sh [MEGABYTES] [ROUNDS]
#
# Needs target/tlswaiver.jar. Times fail2ban-regex, pflogsumm and mtail too, where they are installed
# (Debian packages fail2ban, pflogsumm, mtail).
set -euo pipefail

megabytes=${1:-1024}
rounds=${2:-5}
cd "$(dirname "$0")/../.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
log=$folder/maillog
java src/benchmark/GenerateMaillog.java "$log" $((megabytes * 1024 * 1024))

ours() { java -Xmx64m -jar target/tlswaiver.jar report --top 0 "$log" | tail -1; }
grep_count() { LC_ALL=C grep -c 'SSL_accept error' "$log" | cat; }
pipelines() {
  grep -E 'SSL_accept error' "$log" | awk '{printf("%s %s %s\n", $9, $10, $11)}' | sort | uniq -c | sort -n | tail -1
  grep -E 'TLS connection established from.*with cipher' "$log" |
    awk '{printf("%s %s %s %s\n", $12, $13, $14, $15)}' | sort | uniq -c | sort -n | tail -1
}
fail2ban() { fail2ban-regex "$log" 'SSL_accept error from \S*\[<HOST>\]' | tail -1; }
pflogsumm_report() { pflogsumm "$log" | tail -1; }
mtail_count() { mtail --one_shot --progs "$folder/progs" --logs "$log" | tail -1; }

mkdir "$folder/progs"
cat >"$folder/progs/tls.mtail" <<'END'
counter failures by peer
counter established by protocol
/SSL_accept error from (?P<peer>\S+): / {
  failures[$peer]++
}
/TLS connection established from \S+: (?P<protocol>\S+) with cipher/ {
  established[$protocol]++
}
END

contestants=(ours grep_count pipelines)
! command -v fail2ban-regex >/dev/null || contestants+=(fail2ban)
! command -v pflogsumm >/dev/null || contestants+=(pflogsumm_report)
! command -v mtail >/dev/null || contestants+=(mtail_count)

declare -A times work
TIMEFORMAT='%R %U %S'
for ((round = 0; round < rounds; round++)); do
  for contestant in "${contestants[@]}"; do
    # The slow ones are slow enough to be timed once.
    [[ $round == 0 || $contestant == ours || $contestant == grep_count || $contestant == pipelines ]] || continue
    read -r real user system < <({ time "$contestant" >/dev/null 2>&1 || true; } 2>&1)
    times[$contestant]+=" $real"
    work[$contestant]+=" $(awk "BEGIN {print $user + $system}")"
  done
done

sorted() { tr ' ' '\n' <<<"$1" | grep -v '^$' | sort -n; }
median() { sorted "$1" | awk '{a[NR] = $1} END {print a[int((NR + 1) / 2)]}'; }
least() { sorted "$1" | head -1; }
ratio() { awk "BEGIN {printf \"%.2f\", $1 / $2}"; }
mine=$(median "${times[ours]}")
my_work=$(least "${work[ours]}")
printf '%-18s %10s %10s %14s %10s\n' "on $megabytes MB" 'median s' 'ours / it' 'processors s' 'ours / it'
for contestant in "${contestants[@]}"; do
  its=$(median "${times[$contestant]}")
  its_work=$(least "${work[$contestant]}")
  printf '%-18s %10s %10s %14s %10s\n' "$contestant" \
    "$its" "$(ratio "$mine" "$its")" "$its_work" "$(ratio "$my_work" "$its_work")"
done
