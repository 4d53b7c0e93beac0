#!/bin/sh
# Runs every libFuzzer target for a short, fixed time: first its corpus (tests/fuzz/corpus/NAME), then generated input.
# FUZZ_RUNS sets the number of inputs.
#
# SPDX-License-Identifier: GPL-2.0-or-later
runs=${FUZZ_RUNS:-20000}
number=0
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
for program in "$top_builddir"/tests/fuzz/fuzz_*; do
  case $program in *.o | *.d) continue ;; esac
  [ -x "$program" ] && [ ! -d "$program" ] || continue
  number=$((number + 1))
  name=${program##*/fuzz_}
  set -- "$work/$name"
  mkdir "$1"
  [ ! -d "$top_srcdir/tests/fuzz/corpus/$name" ] || set -- "$@" "$top_srcdir/tests/fuzz/corpus/$name"
  if "$program" -runs="$runs" -seed=1 -max_total_time=60 -artifact_prefix="$work/" "$@" >"$work/log" 2>&1; then
    echo "ok $number - $name: $(sed -n 's/^Done \([0-9]*\) runs.*/\1 inputs/p' "$work/log")"
  else
    echo "not ok $number - $name"
    sed 's/^/# /' "$work/log" | tail -60
  fi
done
if [ "$number" = 0 ]; then
  echo "1..0 # SKIP no fuzz target was built (configure --enable-fuzzers CXX=clang++)"
else
  echo "1..$number"
fi
