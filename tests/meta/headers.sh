#!/bin/sh
# Every header of src and compat compiles alone. If the first include of X.cc is X.h, the build has shown it. Of the
# other headers one in seven is compiled here, another seventh each day. DUOSTAT_TEST_EFFORT=full compiles all headers,
# and DUOSTAT_TEST_HEADERS="src/a.h src/b.h" those that it names.
#
# SPDX-License-Identifier: GPL-2.0-or-later
. "$top_srcdir/tests/tap.sh"

cd "$top_srcdir" || exit 99
variable() { sed -n "s/^$1 = //p" "$top_builddir/Makefile"; }
cxx=$(variable CXX)
flags="$(variable CPPFLAGS) $(variable WIDE_CPPFLAGS) $(variable MODE_CXXFLAGS) $(variable CXXFLAGS)"
# The first word may be ccache, which has nothing to keep here.
case $cxx in *ccache' '*) cxx=${cxx#*ccache } ;; esac
command -v "${cxx%% *}" >/dev/null 2>&1 || skip_all "no compiler: $cxx"

find src compat -name '*.h' | sort >"$work/all"
if [ -n "$DUOSTAT_TEST_HEADERS" ]; then
  printf '%s\n' $DUOSTAT_TEST_HEADERS >"$work/chosen"
elif [ "$DUOSTAT_TEST_EFFORT" = full ]; then
  cp "$work/all" "$work/chosen"
else
  while read -r header; do
    source=${header%.h}.cc
    [ -f "$source" ] && [ "$(grep -m 1 '^#include' "$source")" = "#include \"$header\"" ] || echo "$header"
  done <"$work/all" >"$work/unshown"
  check "most headers are the first include of a source file" yes \
    "$([ $(($(wc -l <"$work/unshown") * 2)) -lt "$(wc -l <"$work/all")" ] && echo yes || wc -l <"$work/unshown")"
  awk -v "first=$(($(date +%s) / 86400 % 7))" 'NR % 7 == first' "$work/unshown" >"$work/chosen"
fi

while read -r header; do
  # An include guard that does not work shows when the header is read twice.
  printf '#include "%s"\n#include "%s"\n' "$header" "$header" >"$work/alone.cc"
  # shellcheck disable=SC2046,SC2086  # words are wanted
  if $cxx $flags -I. -D_GNU_SOURCE -DDUOSTAT_VERSION='"0"' $(variable WARN_CXXFLAGS) -Werror -fsyntax-only \
    "$work/alone.cc" 2>"$work/complaint"; then
    pass "$header"
  else
    fail "$header" "$(cat "$work/complaint")"
  fi
done <"$work/chosen"
done_testing
