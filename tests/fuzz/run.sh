#!/bin/sh
# Every fuzz target for a short time: its corpus (tests/fuzz/corpus/NAME), then changed inputs, the same in every run.
# With libFuzzer if the build has it (--enable-fuzzers), otherwise with tests/fuzz/driver.cc, in a build with
# sanitizers or if dev/test names this test. FUZZ_RUNS sets the number of inputs. dev/fuzz runs longer, and keeps what
# it finds.
#
# SPDX-License-Identifier: GPL-2.0-or-later
export LC_ALL=C
case ${DUOSTAT_TEST_EFFORT:-} in
  quick) runs=500 ;;
  full) runs=200000 ;;
  *) runs=2000 ;;
esac
runs=${FUZZ_RUNS:-$runs}
number=0
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
fuzz=$top_srcdir/tests/fuzz

# A source without a row, and a row without a source.
number=$((number + 1))
names=$(sed -n 's/^\([a-z][a-z0-9_]*\) .*/\1/p' "$fuzz/targets")
sources=$(cd "$fuzz" && ls ./*_fuzz.cc | sed 's|^\./\(.*\)_fuzz\.cc$|\1|')
if [ "$(printf '%s\n' "$names" | sort)" = "$(printf '%s\n' "$sources" | sort)" ]; then
  echo "ok $number - tests/fuzz/targets names every target"
else
  echo "not ok $number - tests/fuzz/targets names every target"
  printf '%s\n' "$names" | sort >"$work/names"
  printf '%s\n' "$sources" | sort >"$work/sources"
  diff "$work/names" "$work/sources" | sed 's/^/# /'
fi

# Elsewhere the targets are not built, or may be older than the sources.
if [ "${DUOSTAT_TEST_FUZZ:-}" != yes ] &&
  ! grep -qE '^S\["(SANITIZERS|FUZZERS)_TRUE"\]=""$' "$top_builddir/config.status"; then
  number=$((number + 1))
  echo "ok $number - the targets # SKIP not a build with sanitizers (dev/test tests/fuzz/run.sh builds them anyway)"
  echo "1..$number"
  exit 0
fi

for name in $names; do
  number=$((number + 1))
  mkdir "$work/$name"
  set -- "$work/$name"
  [ ! -d "$fuzz/corpus/$name" ] || set -- "$@" "$fuzz/corpus/$name"
  if "$top_builddir/tests/fuzz/fuzz_$name" -runs="$runs" -seed=1 -max_total_time=60 -artifact_prefix="$work/" "$@" \
    >"$work/log" 2>&1; then
    echo "ok $number - $name: $(sed -n 's/^Done \([0-9]*\) runs.*/\1 inputs/p' "$work/log")"
  else
    echo "not ok $number - $name"
    sed 's/^/# /' "$work/log" | tail -60
  fi
done
echo "1..$number"
