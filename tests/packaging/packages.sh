#!/bin/sh
# Checks the packages without building them: versions, fields, lists of installed files, diversions and
# their removal, syntax, and the messages of dev/package and dev/release. tests/packaging/debian.sh builds and installs.
#
# SPDX-License-Identifier: GPL-2.0-or-later
. "$top_srcdir/tests/tap.sh"

cd "$top_srcdir" || exit 99
debian=packaging/debian

# ---- versions ----

version=$(sed -n 's/^AC_INIT(\[duostat\], \[\(.*\)\])$/\1/p' configure.ac)
matches "configure.ac has the version" '^[0-9]+\.[0-9]+\.[0-9]+$' "$version"
check "  debian/changelog the same" "$version" "$(sed -n '1s/^duostat (\(.*\)-[0-9]*) .*/\1/p' $debian/changelog)"
check "  APKBUILD too" "$version" "$(sed -n 's/^pkgver=//p' packaging/alpine/APKBUILD)"
check "  the RPM spec too" "$version" "$(sed -n 's/^Version: *//p' packaging/rpm/duostat.spec)"
check "  NEWS.md too" "$version" "$(sed -n '/^## /{s/^## \([^,]*\).*/\1/p;q;}' NEWS.md)"

# ---- the date of a release ----

dated() { mkdir -p "$work/news"; printf '# News\n\n## %s\n' "$1" >"$work/news/NEWS.md"; }
unset SOURCE_DATE_EPOCH
dated '9.8.7, 2031-02-03'
run sh packaging/release_time.sh "$work/news"
check "the date of a release is that of NEWS.md" "2031-02-03 00:00Z" "$out"
dated '9.8.7'
run sh packaging/release_time.sh "$work/news"
check "  without one there is no release" '1 NEWS.md: "## 9.8.7" has no date: "## VERSION, YYYY-MM-DD"' "$status $err"
run env SOURCE_DATE_EPOCH=12345 sh packaging/release_time.sh "$work/news"
check "  SOURCE_DATE_EPOCH goes first" "@12345" "$out"

# ---- Debian: fields and lists ----

# field PACKAGE NAME: a field of the paragraph of PACKAGE ("source": the first), with continued lines.
field() {
  awk -v wanted="$1" -v name="$2" 'BEGIN { RS = ""; FS = "\n" }
    (wanted == "source" && NR == 1) || $1 == "Package: " wanted {
      for (i = 1; i <= NF; i++) {
        if ($i ~ /^[A-Za-z-]+:/) on = index($i, name ":") == 1
        if (on) print $i
      }
    }' $debian/control | sed "1s/^$2: *//"
}
check "Debian's source package" "duostat" "$(field source Source)"
for word in debhelper-compat libboost-program-options-dev libfmt-dev rapidjson-dev; do
  matches "  needs $word" "(^| )$word" "$(field source Build-Depends)"
done
check "duostat and duostat-legacy are its packages" "duostat duostat-legacy " \
  "$(sed -n 's/^Package: //p' $debian/control | tr '\n' ' ')"
matches "duostat needs what it is linked with" 'shlibs:Depends' "$(field duostat Depends)"
matches "duostat-legacy needs duostat" '^duostat \(>= \$\{source:Version\}\)' "$(field duostat-legacy Depends)"
lacks "  and conflicts with nothing" '^(Conflicts|Breaks|Replaces):' "$(cat $debian/control)"
check "the source format" "3.0 (quilt)" "$(cat $debian/source/format)"

# What debian/rules installs, by the same variables.
unset MAKEFLAGS MFLAGS MAKELEVEL
# shellcheck disable=SC2016  # make's dollars
transform=$(sed -n "s/.*--program-transform-name='\(.*\)'$/\1/p" $debian/rules)
check "debian/rules renames ss and netstat, without a backslash, which configure would double" \
  's/^ss$$/ss-duostat/;s/^netstat$$/netstat-duostat/' "$transform"
for file in packaging/alpine/APKBUILD packaging/rpm/duostat.spec; do
  check "  $file too" "$transform" \
    "$(sed -n "s/.*--program-transform-name='\([^']*\)'.*/\1/p" $file | sed 's/\$/$$/g')"
done
if "${MAKE:-make}" -s -C "$top_builddir" install DESTDIR="$work/tmp" prefix=/usr program_transform_name="$transform" \
  zshcompdir=/usr/share/zsh/vendor-completions legacy=yes >"$work/make.log" 2>&1; then
  pass "make install with these names"
else
  fail "make install with these names" "$(cat "$work/make.log")"
fi
# The completion scripts of a build that was configured with these names have these names, see above: the same files.
(cd "$work/tmp" && find usr ! -type d | sort) >"$work/installed"
check "  puts something there" "usr/bin/duostat" "$(grep -x usr/bin/duostat "$work/installed")"
listed() { grep -v '^debian/' $debian/duostat.install; }
check "every line of duostat.install is installed" "" "$(listed | while read -r pattern; do
  grep -q "^$pattern\(/\|$\)" "$work/installed" || echo "$pattern"
done)"
check "everything that is installed is in duostat.install" "" "$(while read -r path; do
  listed | while read -r pattern; do case $path in "$pattern" | "$pattern"/*) echo yes ;; esac; done | grep -q yes ||
    echo "$path"
done <"$work/installed")"
check "every file of duostat-legacy.install is there" "" "$(while read -r file _folder; do
  [ -f "packaging/$file" ] || echo "$file"
done <$debian/duostat-legacy.install)"
check "every link of duostat-legacy leads to a file of duostat" "" "$(while read -r target _name; do
  grep -qx "${target%.gz}" "$work/installed" || echo "$target"
done <$debian/duostat-legacy.links)"
check "duostat-legacy gives the names of the originals, and their pages" \
  "usr/bin/netstat usr/bin/ss usr/share/man/man8/netstat.8.gz usr/share/man/man8/ss.8.gz " \
  "$(cut -d ' ' -f 2 $debian/duostat-legacy.links | sort | tr '\n' ' ')"
sed -n "s/^complete -F \(_duostat_[a-z]*\) .*/\1/p" $debian/legacy/ss >"$work/function"
matches "the completion of ss is of a function of ours" "^$(cat "$work/function")\(\) " "$("$duostat" completion bash)"

# ---- Debian: diversions, in a root of their own ----

if dpkg-divert --help 2>/dev/null | grep -q -- '--instdir\|--root'; then
  root=$work/root
  mkdir -p "$root/var/lib/dpkg/info" "$root/var/lib/dpkg/updates" "$root/usr/bin" "$root/usr/share/man/man8" \
    "$root/usr/share/man/de/man8" "$root/usr/share/bash-completion/completions"
  ln -s usr/bin "$root/bin"
  : >"$root/var/lib/dpkg/status"
  for file in usr/bin/ss usr/bin/netstat usr/share/man/man8/ss.8.gz usr/share/man/man8/netstat.8.gz \
    usr/share/man/de/man8/netstat.8.gz usr/share/bash-completion/completions/ss; do
    echo "the original $file" >"$root/$file"
  done
  sums() { (cd "$root" && find . -path ./var -prune -o -type f -print | sort | xargs cksum); }
  # script NAME WORDS...: a script of the package.
  script() {
    name=$1
    shift
    env DPKG_ROOT="$root" DPKG_ADMINDIR="$root/var/lib/dpkg" sh -e "$debian/duostat-legacy.$name" "$@"
  }
  before=$(sums)
  run script preinst install
  check "diversion succeeds" "0" "$status$err"
  check "  the names are free" "" "$(cd "$root" && for name in usr/bin/ss usr/bin/netstat usr/share/man/man8/ss.8.gz \
    usr/share/man/man8/netstat.8.gz usr/share/man/de/man8/netstat.8.gz usr/share/bash-completion/completions/ss; do
    [ ! -e $name ] || echo $name
  done)"
  check "  the originals are beside them" "the original usr/bin/ss the original usr/bin/netstat " \
    "$(cat "$root/usr/bin/ss.iproute2" "$root/usr/bin/netstat.net-tools" | tr '\n' ' ')"
  diverted=$(cat "$root/var/lib/dpkg/diversions")
  run script preinst upgrade 0.0.1
  check "  again, by an upgrade" "0 $diverted" "$status $(cat "$root/var/lib/dpkg/diversions")"
  run script postrm upgrade 9.9.9
  check "  which removes none" "$diverted" "$(cat "$root/var/lib/dpkg/diversions")"
  run script postrm remove
  check "removal gives the originals their names back" "$before" "$(sums)"
  check "  and leaves no diversion" "" "$(cat "$root/var/lib/dpkg/diversions")"
  run script postrm purge
  check "purging after that changes nothing" "0 $before" "$status $(sums)"
  # Somebody else's diversion: installing fails, and what it had done is undone.
  theirs() { env DPKG_ROOT="$root" DPKG_ADMINDIR="$root/var/lib/dpkg" dpkg-divert --local --rename "$@" >/dev/null; }
  theirs --add /usr/bin/netstat
  before=$(sums)$(cat "$root/var/lib/dpkg/diversions")
  run script preinst install
  matches "beside a diversion of somebody else installing fails" "clashes" "$err"
  run script postrm abort-install
  check "  and leaves everything as it was" "0 $before" "$status $(sums)$(cat "$root/var/lib/dpkg/diversions")"
  theirs --remove /usr/bin/netstat
else
  skip "diversions" "no dpkg-divert that works in another root"
fi

# ---- syntax ----

for script in packaging/alpine/APKBUILD $debian/duostat-legacy.preinst $debian/duostat-legacy.postrm \
  $debian/tests/smoke $debian/tests/legacy dev/package dev/release packaging/release_time.sh; do
  run sh -n "$script"
  check "$script is a shell script" "0" "$status$err"
done
for script in $(sed -n 's/^Tests: //p' $debian/tests/control); do
  about="the autopkgtest $script is there"
  if [ -x "$debian/tests/$script" ]; then pass "$about"; else fail "$about"; fi
done
for word in pkgname pkgver pkgrel pkgdesc url arch license source; do
  matches "APKBUILD sets $word" "^$word=" "$(cat packaging/alpine/APKBUILD)"
done
for word in APKBUILD duostat.spec; do
  matches "$word says that it was not built" 'no package was built from it' "$(cat packaging/*/$word)"
done
if command -v rpmspec >/dev/null 2>&1; then
  run rpmspec -P packaging/rpm/duostat.spec
  check "rpmspec accepts the spec" "0" "$status$err"
else
  skip "rpmspec accepts the spec" "no rpmspec"
fi

# ---- messages ----

refuses() {
  about=$1 wanted=$2
  shift 2
  run "$@"
  check "$about" "$wanted" "$status $err"
}
refuses "an unknown kind of package" '2 dev/package: unknown kind "rmp": the kinds are debian' dev/package rmp
for script in bench fresh fuzz kernels package port release setup test; do
  run dev/$script --help
  matches "dev/$script --help prints its usage" "^0 .*usage: .*dev/$script" "$status $(echo "$out" | tr '\n' ' ')$err"
done
refuses "an option for a directory of dev/release" \
  '2 dev/release: "-x" is no directory; the usage is dev/release DIRECTORY [PART...]' dev/release -x
refuses "no kind of package" '2 dev/package: usage: dev/package debian [DIRECTORY]' dev/package
refuses "an unknown part of a release" \
  '2 dev/release: unknown part "x86": the parts are tarball x86_64 i386 s390x' dev/release "$work/release" x86
refuses "no directory for a release" \
  '2 dev/release: usage: dev/release DIRECTORY [PART...]; the parts are tarball x86_64 i386 s390x' dev/release
# A PATH with all tools but one.
mkdir "$work/bin"
for tool in sh git tar xz dpkg-buildpackage cat cut sed tr mkdir dirname make autoreconf automake sha256sum; do
  path=$(command -v $tool 2>/dev/null) || path=/bin/true
  ln -s "$path" "$work/bin/$tool"
done
ln -sf /bin/true "$work/bin/dpkg-buildpackage"
refuses "a missing tool of dev/package" '1 dev/package: debian needs tools that are not installed: dh (debhelper)' \
  env PATH="$work/bin" dev/package debian "$work/packages"
rm -f "$work/bin/xz"
refuses "a missing tool of dev/release" '1 dev/release: tools are not installed: xz (xz-utils)' \
  env PATH="$work/bin" dev/release "$work/release" tarball
if [ -e "$work/release" ] || [ -e "$work/packages" ]; then fail "nothing is made"; else pass "nothing is made"; fi

done_testing
