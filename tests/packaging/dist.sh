#!/bin/sh
# `make dist` gives the same bytes for the same sources, whatever their times and modes are, and has every tracked file.
# With DUOSTAT_TEST_EFFORT=full, `make distcheck` too.
#
# SPDX-License-Identifier: GPL-2.0-or-later
. "$top_srcdir/tests/tap.sh"

# A make that is run by make must not use the outer one's jobserver and command-line variables.
unset MAKEFLAGS MFLAGS MAKELEVEL
make=${MAKE:-make}
for tool in xz autoreconf; do
  command -v $tool >/dev/null 2>&1 || skip_all "no $tool"
done
version=$(sed -n 's/^AC_INIT(\[duostat\], \[\(.*\)\])$/\1/p' "$top_srcdir/configure.ac")

if [ ! -e "$top_srcdir/configure" ]; then skip_all "no configure beside the sources"; fi
unset SOURCE_DATE_EPOCH
tree=$work/tree
mkdir "$tree"
tar -C "$top_srcdir" --exclude=./build --exclude='./build-[!a]*' --exclude=./.git --exclude=./autom4te.cache -c . |
  tar -x -C "$tree"
mkdir -p "$tree/build" "$tree/tests/data/procfs/__pycache__"
: >"$tree/tests/data/procfs/__pycache__/x.pyc"
(cd "$tree/build" && ../configure -q) >"$work/log" 2>&1 || skip_all "configure refuses here: $(tail -n 1 "$work/log")"

# dist NAME UMASK: makes the tarball with this mask and keeps it under this name. The compression is that of a second,
# not of ten.
dist() {
  if (umask "$2" && cd "$tree/build" && "$make" -s dist XZ_OPT=-0 && mv "duostat-$version.tar.xz" "$work/$1") \
    >"$work/log" 2>&1; then
    pass "make dist, mask $2"
  else
    fail "make dist, mask $2" "$(tail -n 20 "$work/log")"
    done_testing
    exit 1
  fi
}
dist one 022
# Files that no rule of make compares with others.
find "$tree/doc" "$tree/src" -name '*.[ch1-8]*' -exec touch {} + -exec chmod g+w,o-r {} +
dist two 077
check "the same bytes twice" "$(cksum <"$work/one")" "$(cksum <"$work/two")"
tar -tvf "$work/one" >"$work/long"
date=$(sh "$top_srcdir/packaging/release_time.sh" "$top_srcdir")
check "every file is of the date of the release" "" "$(grep -v " ${date% *} " "$work/long" | head)"
check "  and of user 0" "" "$(grep -v '^[^ ]* 0/0 ' "$work/long" | head)"
tar -tf "$work/one" | sed "s,^duostat-$version/,,; /\/\$/d; /^\$/d" | sort >"$work/files"
lacks "no compiled Python" '__pycache__|\.pyc$' "$(cat "$work/files")"
if git -C "$top_srcdir" ls-files --error-unmatch configure.ac >/dev/null 2>&1; then
  (cd "$top_srcdir" && git ls-files | grep -vx '\.clang-format\|\.gitignore' | sort) >"$work/tracked"
  check "every tracked file is in it" "" "$(comm -13 "$work/files" "$work/tracked")"
  check "and nothing else that Autotools did not make" "" "$(comm -23 "$work/files" "$work/tracked" |
    grep -vx 'configure\|Makefile\.in\|aclocal\.m4\|build-aux/.*')"
else
  skip "every tracked file is in it" "not a checkout"
fi

if [ "${DUOSTAT_TEST_EFFORT:-}" = full ]; then
  # The tests are the goldens: all of them run elsewhere.
  cd "$tree/build" && "$make" distcheck CXXFLAGS='-O0 -g1' check_PROGRAMS= check_LIBRARIES= \
    TESTS='tests/golden/ss/run.sh tests/golden/netstat/run.sh tests/packaging/installed.py' >"$work/distcheck.log" 2>&1
  check "make distcheck" "0" "$?"
  grep -q 'archives ready for distribution' "$work/distcheck.log" || tail -n 20 "$work/distcheck.log" | sed 's/^/# /'
else
  skip "make distcheck" "it compiles everything: only with DUOSTAT_TEST_EFFORT=full"
fi
done_testing
