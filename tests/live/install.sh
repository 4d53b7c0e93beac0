#!/bin/sh
# make install puts exactly three names in place and make uninstall takes exactly those away.
#
# SPDX-License-Identifier: GPL-2.0-or-later
. "$top_srcdir/tests/tap.sh"

cd "$top_builddir" || exit 1
# In a make that is run by make, the outer one's jobserver and command-line variables are not for us.
unset MAKEFLAGS MFLAGS MAKELEVEL
make=${MAKE:-make}
dest=$work/dest
quietly() { "$make" -s "$@" >"$work/make.log" 2>&1 || fail "make $*" "$(cat "$work/make.log")"; }
listing() { (cd "$dest" 2>/dev/null && find . ! -type d | sort); }
prefix=$(sed -n 's/^prefix = //p' Makefile)

quietly install DESTDIR="$dest"
bin=$dest$prefix/bin
if [ -x "$bin/duostat" ]; then pass "DESTDIR and the configured prefix"; else fail "DESTDIR and the configured prefix" "$(listing)"; fi
if grep -q '^LEGACY_LINKS_TRUE = #' Makefile; then
  skip "links ss and netstat" "configured with --disable-legacy-links"
else
  for name in ss netstat; do
    check "$name is a link to duostat" duostat "$(readlink "$bin/$name")"
  done
  run "$bin/ss" -V
  matches "the installed ss is ss" '^ss utility' "$out"
  run "$bin/netstat" -V
  matches "the installed netstat is netstat" '^net-tools' "$out"
fi
pages="man1/duostat.1 man8/ss.8 man8/netstat.8"
if grep -q '^LEGACY_LINKS_TRUE = #' Makefile; then pages=man1/duostat.1; fi
for page in $pages; do
  found=$(listing | grep "/$page" || true)
  matches "manual page $page" "$page" "$found"
done

quietly install DESTDIR="$dest"
pass "installing again over itself"

quietly uninstall DESTDIR="$dest"
check "uninstall leaves nothing" "" "$(listing)"

quietly install DESTDIR="$dest"
rm -f "$bin/ss"
echo "somebody else's" >"$bin/ss"
ln -sf /elsewhere/netstat "$bin/netstat"
quietly uninstall DESTDIR="$dest"
check "uninstall leaves what is not ours" "./${prefix#/}/bin/netstat ./${prefix#/}/bin/ss" "$(listing | tr '\n' ' ' | sed 's/ $//')"
check "  untouched" "somebody else's" "$(cat "$bin/ss")"
rm -rf "$dest"

# Another prefix and no links need another configure; the objects are not built again, for only the rules are looked at.
if [ -x "$top_srcdir/configure" ]; then
  mkdir "$work/bare"
  cd "$work/bare" || exit 1
  if "$top_srcdir/configure" -q --prefix=/opt/duo --disable-legacy-links >configure.log 2>&1; then
    # Any file will do as the program: what is tested is where it goes.
    "$make" -s -n install DESTDIR="$dest" >plan.log 2>&1
    lacks "--disable-legacy-links makes no links" 'LN_S|ln -s|for name in' "$(cat plan.log)"
    matches "--prefix is where it goes" "$dest/opt/duo/bin" "$(cat plan.log)"
  else
    skip "--prefix, --disable-legacy-links" "configure refuses here: $(tail -n 1 configure.log)"
  fi
else
  skip "--prefix, --disable-legacy-links" "no configure beside the sources"
fi

done_testing
