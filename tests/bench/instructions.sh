#!/bin/sh
# Instructions that a view executes per socket, counted by callgrind on recorded input of two sizes, which cancels the
# costs that do not depend on the size, such as startup. Fails if a view has grown by more than 5 % over
# instructions.tsv. Speaks TAP.
#
# usage: instructions.sh             compares
#        instructions.sh --record    writes instructions.tsv again, to accept an intended change
#
# SPDX-License-Identifier: GPL-2.0-or-later
. "$top_srcdir/tests/tap.sh"
recorded=$top_srcdir/tests/bench/instructions.tsv
few=200
many=1000

command -v valgrind >/dev/null 2>&1 || skip_all "valgrind is not installed"
command -v python3 >/dev/null 2>&1 || skip_all "python3 is not installed"

# The settings that determine how many instructions a source compiles to.
setting() { sed -n "s/^S\[\"$1\"\]=\"\(.*\)\"\$/\1/p" "$top_builddir/config.status"; }
cxx=$(setting CXX)
# shellcheck disable=SC2046,SC2086  # words are wanted
flags=$(echo $(setting HOT_CXXFLAGS) $(setting CXXFLAGS) $(setting MODE_CXXFLAGS))
built="$(${cxx:-false} --version 2>/dev/null | head -n 1), $flags, $(uname -m), $(valgrind --version)"

# The views. Directory `plain` has raw rows, `rich` also tcp_info and memory, `proc` is a tree of text files.
views() {
  cat <<'END'
plain ss -tan
plain ss -tane
plain ss -tan sport = :443 or dst 192.168/16
rich ss -tani
rich ss -tanem
proc ss -tan
proc ss -tanp
proc ss -xan
proc netstat -tan
proc netstat -tanp
END
}

for size in $few $many; do
  python3 "$top_srcdir/tests/bench/inputs.py" "$work/$size" $size || skip_all "inputs.py failed"
done
ln -s "$duostat" "$work/ss"
ln -s "$duostat" "$work/netstat"

# count INPUT SIZE PROGRAM WORD...: prints the instructions of one run
count() {
  input=$work/$2/$1
  case $1 in proc) variable=PROC_ROOT ;; *) variable=TCPDIAG_FILE ;; esac
  program=$3
  shift 3
  env "$variable=$input" valgrind --tool=callgrind --callgrind-out-file=/dev/null "$work/$program" "$@" \
    2>&1 >"$work/shown" </dev/null | sed -n 's/.*Collected : \([0-9]*\).*/\1/p'
}

# each INPUT PROGRAM WORD...: prints the instructions per socket
each() {
  input_name=$1
  shift
  low=$(count "$input_name" $few "$@")
  high=$(count "$input_name" $many "$@")
  # A missing row, or no output: print no count for a view that failed.
  [ "$(wc -l <"$work/shown")" -ge $many ] || case $* in *sport*) true ;; *) false ;; esac || return 0
  if [ -n "$low" ] && [ -n "$high" ]; then echo $(((high - low) / (many - few))); fi
}

tab=$(printf '\t')
if [ "${1:-}" = --record ]; then
  {
    echo "# Instructions for each socket, written by tests/bench/instructions.sh --record"
    echo "# $built"
    views | while read -r input words; do
      # shellcheck disable=SC2086
      printf '%s\t%s\t%s\n' "$(each "$input" $words)" "$input" "$words"
    done
  } >"$recorded.new" && mv "$recorded.new" "$recorded"
  exit
fi

[ "$(sed -n 2p "$recorded")" = "# $built" ] || skip_all "recorded for another build: $(sed -n '2s/^# //p' "$recorded")"
views | while read -r input words; do
  before=$(sed -n "s/^\([0-9]*\)$tab$input$tab$(printf '%s' "$words" | sed 's/[/.*]/\\&/g')\$/\1/p" "$recorded")
  # shellcheck disable=SC2086
  printf '%s\t%s\t%s\t%s\n' "${before:-0}" "$(each "$input" $words)" "$input" "$words"
done >"$work/counted"
while IFS=$tab read -r before now input words; do
  name="$words ($input): ${now:-nothing} instructions for each socket, $before recorded"
  if [ -z "$now" ]; then
    fail "$name" "the view failed under callgrind"
  elif [ "$before" = 0 ]; then
    fail "$name" "not in instructions.tsv: tests/bench/instructions.sh --record"
  elif [ $((now * 100)) -gt $((before * 105)) ]; then
    fail "$name" "more than 5 % dearer. If that is intended: tests/bench/instructions.sh --record, and say why"
  else
    pass "$name"
    if [ $((now * 100)) -lt $((before * 95)) ]; then echo "# cheaper by more than 5 %: worth recording"; fi
  fi
done <"$work/counted"
done_testing
