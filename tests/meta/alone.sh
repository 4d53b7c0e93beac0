#!/bin/sh
# Every source file and every header of src and compat compiles alone: dev/build compiles several sources at a time,
# where one may use what another includes. If the first include of X.cc is X.h, compiling X.cc shows it for both. Here
# one of 21 is compiled, others each day. DUOSTAT_TEST_EFFORT=full compiles all, and
# DUOSTAT_TEST_ALONE="src/a.cc src/b.h" those that it names.
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

find src compat -name '*.cc' | sort >"$work/sources"
find src compat -name '*.h' | sort >"$work/headers"
while read -r header; do
  source=${header%.h}.cc
  [ -f "$source" ] && [ "$(grep -m 1 '^#include' "$source")" = "#include \"$header\"" ] || echo "$header"
done <"$work/headers" >"$work/unshown"
check "most headers are the first include of a source file" yes \
  "$([ $(($(wc -l <"$work/unshown") * 2)) -lt "$(wc -l <"$work/headers")" ] && echo yes || wc -l <"$work/unshown")"
if [ -n "$DUOSTAT_TEST_ALONE" ]; then
  printf '%s\n' $DUOSTAT_TEST_ALONE >"$work/chosen"
elif [ "$DUOSTAT_TEST_EFFORT" = full ]; then
  cat "$work/sources" "$work/unshown" >"$work/chosen"
else
  cat "$work/sources" "$work/unshown" |
    awk -v "first=$(($(date +%s) / 86400 % 21))" 'NR % 21 == first' >"$work/chosen"
fi

# What local.mk defines on the command lines of some archives.
cat >"$work/macros.h" <<'END'
#define DUOSTAT_VERSION "0"
#define DUOSTAT_OWNERS_DEFAULT "procfs"
#define DUOSTAT_BUILTIN_SERVICES 0
#define DUOSTAT_INSTALLED_AS "duostat"
#define DUOSTAT_SS_INSTALLED_AS "ss"
#define DUOSTAT_NETSTAT_INSTALLED_AS "netstat"
#define DUOSTAT_LEGACY_LINKS 1
END
while read -r file; do
  case $file in
    # An include guard that does not work shows when the header is read twice.
    *.h) printf '#include "%s"\n#include "%s"\n' "$file" "$file" >"$work/alone.cc" ;;
    *) printf '#include "%s"\n' "$file" >"$work/alone.cc" ;;
  esac
  # shellcheck disable=SC2046,SC2086  # words are wanted
  if $cxx $flags -I. -D_GNU_SOURCE -include "$work/macros.h" $(variable WARN_CXXFLAGS) -Werror -fsyntax-only \
    "$work/alone.cc" 2>"$work/complaint"; then
    pass "$file"
  else
    fail "$file" "$(cat "$work/complaint")"
  fi
done <"$work/chosen"
done_testing
