# Test Anything Protocol for scripts: . "$top_srcdir/tests/tap.sh"
#
# SPDX-License-Identifier: GPL-2.0-or-later
# Many scripts change directory.
top_srcdir=$(CDPATH='' cd -- "$top_srcdir" && pwd) || exit 99
top_builddir=$(CDPATH='' cd -- "$top_builddir" && pwd) || exit 99
duostat=$top_builddir/duostat
tap_number=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
LC_ALL=C
export LC_ALL

# DUOSTAT_VIA or PROC_ROOT in the caller's environment must not change what is tested.
unset DUOSTAT_OWNERS DUOSTAT_VIA PROC_ROOT TCPDIAG_FILE COLUMNS POSIXLY_CORRECT

pass() { tap_number=$((tap_number + 1)); echo "ok $tap_number - $1"; }
fail() {
  tap_number=$((tap_number + 1))
  echo "not ok $tap_number - $1"
  shift
  for line; do printf '%s\n' "$line" | head -n 20 | sed 's/^/#   /'; done
}
skip() { tap_number=$((tap_number + 1)); echo "ok $tap_number - $1 # SKIP $2"; }
skip_all() { echo "1..0 # SKIP $1"; exit 0; }
done_testing() { echo "1..$tap_number"; }

# True if the program is for a little-endian machine, like the recorded binary data; dev/port may run one for another
# machine.
little_endian() { [ "$("$top_srcdir/tests/byte_order.sh")" = little ]; }

# check DESCRIPTION EXPECTED GOT
check() { if [ "$2" = "$3" ]; then pass "$1"; else fail "$1" "expected: $2" "got:      $3"; fi; }
# matches DESCRIPTION REGULAR_EXPRESSION TEXT: some line matches
matches() { if printf '%s\n' "$3" | grep -qE -- "$2"; then pass "$1"; else fail "$1" "no line matches: $2" "$3"; fi; }
# lacks DESCRIPTION REGULAR_EXPRESSION TEXT: no line matches
lacks() { if printf '%s\n' "$3" | grep -qE -- "$2"; then fail "$1" "a line matches: $2" "$3"; else pass "$1"; fi; }

# run WORDS...: runs a command and sets $out, $err and $status. A signal is a status above 128.
run() {
  status=0
  "$@" >"$work/out" 2>"$work/err" </dev/null || status=$?
  out=$(cat "$work/out")
  err=$(cat "$work/err")
}
