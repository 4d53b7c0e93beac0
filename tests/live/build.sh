#!/bin/sh
# dev/build on a small tree of its own: concurrent runs, other directories, blanks in paths, read-only sources, other
# users.
#
# SPDX-License-Identifier: GPL-2.0-or-later
. "$top_srcdir/tests/tap.sh"

for tool in autoreconf automake make flock; do
  command -v $tool >/dev/null || skip_all "$tool is not installed"
done
# A make that is run by make must not inherit the outer one's variables.
unset MAKEFLAGS MFLAGS MAKELEVEL BUILD_DIR
chmod 755 "$work"

# tree DIRECTORY: makes fresh sources whose program is one line of shell.
tree() {
  mkdir -p "$1/dev" "$1/src"
  cp "$top_srcdir/dev/build" "$top_srcdir/dev/units" "$1/dev"
  cat >"$1/configure.ac" <<'END'
AC_INIT([tree], [1])
AC_CONFIG_SRCDIR([src/local.mk])
AC_CONFIG_AUX_DIR([build-aux])
AM_INIT_AUTOMAKE([foreign])
AC_REQUIRE_AUX_FILE([tap-driver.sh])
AC_CONFIG_FILES([Makefile])
AC_OUTPUT
END
  echo 'include src/local.mk' >"$1/Makefile.am"
  cat >"$1/src/local.mk" <<'END'
program: $(srcdir)/src/program.sh
	cp '$(srcdir)/src/program.sh' program && chmod 755 program
EXTRA_DIST = src/program.sh
END
  printf '#!/bin/sh\necho one\n' >"$1/src/program.sh"
}

# Records when autoreconf runs, and whether two run at once. Copies its earlier result for the same files: a run
# takes seconds of processor time, and nearly all trees here are alike.
mkdir "$work/bin" "$work/made"
cat >"$work/bin/autoreconf" <<END
#!/bin/sh
mkdir '$work/running' || echo "two at once" >>'$work/runs'
echo run >>'$work/runs'
sleep 1
made='$work/made'/\$(cat configure.ac Makefile.am src/local.mk | cksum | tr ' ' -)
if [ -d "\$made" ]; then
  cp -R "\$made/." .
else
  $(command -v autoreconf) "\$@" && mkdir "\$made.new" 2>/dev/null &&
    cp -R aclocal.m4 configure Makefile.in build-aux "\$made.new" && mv "\$made.new" "\$made"
fi
[ -e Makefile.in ]
status=\$?
rmdir '$work/running'
exit \$status
END
chmod 755 "$work/bin/autoreconf"
PATH=$work/bin:$PATH

complaints() { printf '%s\n' "$err" | grep -v 'building in .*first build'; }

# ---- concurrent runs ----
tree "$work/tree"
for directory in build build build-other; do
  "$work/tree/dev/build" "$work/tree/$directory" '' program >"$work/said.$directory" 2>&1 &
done
wait
check "three builds at once on fresh sources: the program of each" "one one" \
  "$("$work/tree/build/program") $("$work/tree/build-other/program")"
check "  autoreconf ran once" run "$(cat "$work/runs")"
check "  only that a first build takes its time, and where" "2" \
  "$(grep -c 'building in .*first build takes about' "$work"/said.* | awk -F: '{ n += $2 } END { print n }')"
check "  nothing else is said" "" "$(cat "$work"/said.* | grep -v 'building in ')"
check "  the lock leaves nothing behind" "" "$(ls -A "$work/tree" | grep -i lock)"
touch "$work/tree/src/local.mk"
rm "$work/runs"
for directory in build build-other; do "$work/tree/dev/build" "$work/tree/$directory" '' program & done
wait
check "a changed local.mk: autoreconf runs once" run "$(cat "$work/runs")"
printf '#!/bin/sh\necho two\n' >"$work/tree/src/program.sh"
run "$work/tree/dev/build" "$work/tree/build" '' program
check "a changed source is built" "two" "$("$work/tree/build/program")"

# ---- other directories ----
cd "$work" || exit 99
run "$work/tree/dev/build" relative/build '' program
check "a relative directory" "0 two" "$status $("$work/relative/build/program")"
tree "$work/with blank"
run "$work/with blank/dev/build" "$work/with blank/build" '' program
check "a blank in the path of the sources, build inside" "0 one" "$status $("$work/with blank/build/program")"
run "$work/with blank/dev/build" "$work/outside" '' program
check "  build elsewhere" "0 one" "$status $("$work/outside/program")"
run "$work/with blank/dev/build" "$work/out side" '' program
check "  build elsewhere, in a path with a blank" "0 one" "$status $("$work/out side/program")"
run "$work/tree/dev/build" "$work/a\$b" '' program
check "a character that configure refuses: fails" 1 "$status"
matches "  names the path and the character" 'a\$b.*no .*\$' "$err"
: >"$work/file"
run "$work/tree/dev/build" "$work/file/build" '' program
check "a directory that cannot be made: fails" 1 "$status"
matches "  says how to go on" "BUILD_DIR=" "$err"

# ---- dev/run ----
tree "$work/run tree"
cp "$top_srcdir/dev/run" "$work/run tree/dev/run"
printf '#!/bin/sh\necho once >>"%s"\n' "$work/setups" >"$work/run tree/dev/setup"
chmod 755 "$work/run tree/dev/setup"
cat >>"$work/run tree/src/local.mk" <<'END'
duostat: program
	cp program duostat
END
for number in 1 2; do BUILD_DIR='relative build' 'run tree/dev/run' words >"$work/ran.$number" 2>&1 & done
wait
check "two dev/run at once, fresh sources, blanks, a relative directory: the program of each" "one one" \
  "$(cat "$work/ran.1" "$work/ran.2" | grep -v 'building in .*first build' | tr '\n' ' ' | sed 's/ $//')"
check "  dev/setup ran for each" 2 "$(wc -l <"$work/setups" | tr -d ' ')"

# ---- the compiler ----
tree "$work/compiled"
cat >>"$work/compiled/src/local.mk" <<'END'
compiler: program
	echo '$(CXX)' >compiler
CLEANFILES = compiler
END
sed -i 's/^AC_CONFIG_FILES/AC_ARG_VAR([CXX], [compiler])\n&/' "$work/compiled/configure.ac"
run env CXX='launcher c++' "$work/compiled/dev/build" "$work/compiled/build" '' compiler
check "CXX of several words" "0 launcher c++" "$status $(cat "$work/compiled/build/compiler")"
run env CXX='other' "$work/compiled/dev/build" "$work/compiled/build" '' compiler
check "  another one later: configured and built again" "0 other" "$status $(cat "$work/compiled/build/compiler")"
touch "$work/compiled/kept"
run env CXX='other' "$work/compiled/dev/build" "$work/compiled/build" '' compiler
check "  the same one: nothing is configured again" "0 no" \
  "$status $([ "$work/compiled/build/Makefile" -nt "$work/compiled/kept" ] && echo yes || echo no)"

# ---- several files at a time ----
tree "$work/several"
cat >>"$work/several/src/local.mk" <<'END'
noinst_LIBRARIES = src/libparts.a
src_libparts_a_SOURCES = src/a.cc src/b.cc src/c.cc src/part.h
noinst_PROGRAMS = sum
sum_SOURCES = src/sum.cc
sum_LDADD = src/libparts.a
AM_CPPFLAGS = -I$(top_srcdir)
END
sed -i 's/^AC_CONFIG_FILES/AC_PROG_CXX\nAC_PROG_RANLIB\nAM_PROG_AR\n&/; s/\[foreign\]/[foreign subdir-objects]/' \
  "$work/several/configure.ac"
sed -i 's/^AC_PROG_CXX/AM_SILENT_RULES([yes])\n&/' "$work/several/configure.ac"
echo '#define PART(name, value) int name() { return value; }' >"$work/several/src/part.h"
value=1
for part in a b c; do
  printf '#include "src/part.h"\nPART(%s, %s)\n' $part $value >"$work/several/src/$part.cc"
  value=$((value * 10))
done
printf 'int a(), b(), c();\nint main() { return a() + b() + c(); }\n' >"$work/several/src/sum.cc"
sum() { run env DUOSTAT_UNITS="$1" "$work/several/dev/build" "$work/several/build" '' sum; "$work/several/build/sum"; }
units() { find "$work/several/build" -name "*.o" | sed 's,.*/build/,,' | sort | tr '\n' ' '; }
sum 2
check "three files, two at a time: the program" "111" "$?"
check "  its objects" "src/sum.o units/src_libparts_a-1.o units/src_libparts_a-2.o " "$(units)"
echo '#define PART(name, value) int name() { return 2 * value; }' >"$work/several/src/part.h"
sum 2
check "  a changed header" 222 "$?"
printf '#include "src/part.h"\nPART(a, 2)\n' >"$work/several/src/a.cc"
sum 2
check "  a changed file" 224 "$?"
printf '#include "src/part.h"\nPART(d, 3)\n' >"$work/several/src/d.cc"
sed -i 's/c\.cc/c.cc src\/d.cc/' "$work/several/src/local.mk"
printf 'int a(), b(), c(), d();\nint main() { return a() + b() + d(); }\n' >"$work/several/src/sum.cc"
sum 2
check "  another file" 30 "$?"
sum 1
check "  each alone: the program" 30 "$?"
check "  its objects" "src/a.o src/b.o src/c.o src/d.o src/sum.o " "$(units)"
sum 2
check "  two at a time again" "30 src/sum.o units/src_libparts_a-1.o units/src_libparts_a-2.o " "$? $(units)"
run env DUOSTAT_UNITS=two "$work/several/dev/build" "$work/several/build" '' sum
check "  no number of files: refused" 1 "$status"
matches "    and named" "DUOSTAT_UNITS=two" "$err"

# A directory outside that another tree was built in, whose sources are newer.
tree "$work/first"
tree "$work/second"
for name in first second; do
  printf '#!/bin/sh\necho %s\n' "$name" >"$work/$name/src/program.sh"
  echo 'CLEANFILES = program' >>"$work/$name/src/local.mk"
done
touch -d '2001-02-03' "$work/second/src/program.sh"
run "$work/first/dev/build" "$work/shared" '' program
run "$work/second/dev/build" "$work/shared" '' program
check "a directory that belonged to another tree: this tree's program" "0 second" "$status $("$work/shared/program")"

# dev/test does this if a library was installed later.
rm "$work/compiled/build/configure.flags"
run env CXX='other' "$work/compiled/dev/build" "$work/compiled/build" '' compiler
check "  without configure.flags: configured again" "0 yes" \
  "$status $([ "$work/compiled/build/Makefile" -nt "$work/compiled/kept" ] && echo yes || echo no)"

# ---- read-only sources, another user ----
# as_nobody COMMAND...
as_nobody() { run setpriv --reuid 65534 --regid 65534 --clear-groups env HOME=/nonexistent "$@"; }
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null 2>&1; then
  rm -f "$work/runs"
  mkdir -m 777 "$work/theirs"
  tree "$work/fresh"
  sed -i '/running\|runs/d' "$work/bin/autoreconf"
  as_nobody "$work/fresh/dev/build" "$work/theirs/build" '' program
  check "sources of another user, never built: elsewhere" "0 one" \
    "$status $("$work/theirs/build/program" 2>&1)$(complaints)"
  printf '#!/bin/sh\necho two\n' >"$work/fresh/src/program.sh"
  as_nobody "$work/fresh/dev/build" "$work/theirs/build" '' program
  check "  changed: built again" "0 two" "$status $("$work/theirs/build/program" 2>&1)"
  check "  the sources are as they were" "Makefile.am configure.ac dev src" \
    "$(ls -A "$work/fresh" | tr '\n' ' ' | sed 's/ $//')"
  as_nobody "$work/tree/dev/build" "$work/tree/build" '' program
  check "built by root, up to date: another user's build has nothing to do" "0 " "$status $err"
  as_nobody "$work/tree/dev/build" "$work/theirs/tree" '' program
  check "built by root, elsewhere by another user" "0 two" "$status $("$work/theirs/tree/program" 2>&1)"
  printf '#!/bin/sh\necho three\n' >"$work/tree/src/program.sh"
  as_nobody "$work/tree/dev/build" "$work/tree/build" '' program
  check "built by root, no longer up to date: fails" 1 "$status"
  matches "  says why, and how to go on" "another user.*BUILD_DIR=" "$err"
else
  skip "sources and builds of another user" "not root, or no setpriv"
fi
if unshare -m true 2>/dev/null; then
  tree "$work/mounted"
  run unshare -m sh -c 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && "$1/dev/build" "$2" "" program' sh \
    "$work/mounted" \
    "$work/of-mounted"
  check "a read-only file system" "0 one" "$status $("$work/of-mounted/program" 2>&1)$(complaints)"
else
  skip "a read-only file system" "no mount namespace of our own"
fi

done_testing
