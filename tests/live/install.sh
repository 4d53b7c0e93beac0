#!/bin/sh
# make install puts the program, its links and its pages in place, and replaces nothing that it did not install; make
# uninstall removes only those.
#
# SPDX-License-Identifier: GPL-2.0-or-later
. "$top_srcdir/tests/tap.sh"

cd "$top_builddir" || exit 1
# A make that is run by make must not use the outer one's jobserver and command-line variables.
unset MAKEFLAGS MFLAGS MAKELEVEL
make=${MAKE:-make}
dest=$work/dest
quietly() { "$make" -s "$@" >"$work/make.log" 2>&1 || fail "make $*" "$(cat "$work/make.log")"; }
# Every path below $dest that is not a directory, with the target of links.
listing() { (cd "$dest" 2>/dev/null && find . ! -type d -printf '%P %l\n' | sed 's/ $//; s/ / -> /' | sort); }
prefix=$(sed -n 's/^prefix = //p' Makefile)
bin=$dest$prefix/bin
man=$dest$prefix/share/man
legacy=yes
if grep -q '^S\["LEGACY_LINKS_TRUE"\]="#"$' config.status; then legacy=no; fi
# Checks the files below a prefix, with a program prefix and suffix.
expected() {
  {
    printf '%s\n' "bin/$2duostat$3" "share/man/man1/$2duostat$3.1" "share/man/man5/$2duostat-capture$3.5" \
      "share/man/man7/$2duostat-filters$3.7" "share/man/man7/$2duostat-json$3.7" \
      "share/bash-completion/completions/$2duostat$3" "share/fish/vendor_completions.d/$2duostat$3.fish" \
      "share/zsh/site-functions/_$2duostat$3"
    if [ $legacy = yes ]; then
      printf '%s\n' "bin/$2netstat$3 -> $2duostat$3" "bin/$2ss$3 -> $2duostat$3" "share/man/man8/$2netstat$3.8" \
        "share/man/man8/$2ss$3.8" "share/bash-completion/completions/$2netstat$3" \
        "share/bash-completion/completions/$2ss$3" "share/fish/vendor_completions.d/$2netstat$3.fish" \
        "share/fish/vendor_completions.d/$2ss$3.fish"
    else
      printf '%s\n' "share/man/man8/$2duostat-netstat$3.8" "share/man/man8/$2duostat-ss$3.8"
    fi
    (cd "$top_srcdir" &&
      find README.md NEWS.md CONTRIBUTING.md SECURITY.md COPYING doc packaging/prometheus -type f \
        \( -path '*/*/*' -o -name '*.md' -o -name COPYING \)) |
      sed "s,^,share/doc/duostat/,"
  } | sed "s,^,${1#/}/," | sort
}

quietly install DESTDIR="$dest"
check "DESTDIR and the configured prefix: exactly these" "$(expected "$prefix" '' '')" "$(listing)"
if [ $legacy = yes ]; then
  run "$bin/ss" -V
  matches "the installed ss is ss" '^ss utility' "$out"
  run "$bin/netstat" -V
  matches "the installed netstat is netstat" '^net-tools' "$out"
else
  skip "links ss and netstat" "configured with --disable-legacy-links"
fi

first=$(listing)
quietly install DESTDIR="$dest"
check "installing again over itself" "$first" "$(listing)"
quietly uninstall DESTDIR="$dest"
check "uninstall leaves nothing" "" "$(listing)"
quietly -j 8 install DESTDIR="$dest"
check "installing in parallel" "$first" "$(listing)"

# An earlier version of our own.
printf '#!/bin/sh\n# Usage: duostat\n' >"$bin/duostat"
for page in "$man"/man*/*; do printf '.TH SS 8 2020 duostat "x"\n' >"$page"; done
printf '# Printed by: duostat completion zsh\n' >"$dest$prefix/share/zsh/site-functions/_duostat"
quietly install DESTDIR="$dest"
check "an earlier version of ours is replaced" "$first" "$(listing)"
if cmp -s duostat "$bin/duostat" && ! grep -q 2020 "$man"/man*/*; then pass "  every file of it"; else fail \
  "  every file of it"; fi
quietly uninstall DESTDIR="$dest"

# ---- files of other packages ----

# Files that prevent an installation without a prefix or suffix, one case per line: path, how to make it, and whether a
# quick run has it: each case installs and uninstalls everything, which takes seconds.
theirs() {
  cat <<'END'
bin/ss file quick
bin/netstat file
bin/ss link
bin/netstat dangling quick
bin/ss directory quick
bin/duostat file
bin/duostat link
share/man/man8/ss.8 file quick
share/man/man8/netstat.8 file
share/man/man8/netstat.8 link
share/man/man1/duostat.1 file
share/man/man7/duostat-json.7 file
share/bash-completion/completions/ss file
share/zsh/site-functions/_duostat link quick
END
}
put_theirs() {
  mkdir -p "${1%/*}"
  case $2 in
    file) echo "somebody else's" >"$1" ;;
    link) ln -s /bin/true "$1" ;;
    dangling) ln -s ../nowhere "$1" ;;
    directory) mkdir "$1"; echo "somebody else's" >"$1/file" ;;
  esac
}

theirs >"$work/theirs"
while read -r path kind when; do
  case $legacy$path in no*/*duostat*) ;; no*) continue ;; esac
  [ "$when" = quick ] || [ "${DUOSTAT_TEST_EFFORT:-}" != quick ] || continue
  # In parallel once for the program's half of the rules and once for the pages'.
  case $path$kind in */ssfile | */ss.8file) modes="-j1 -j8" ;; *) modes=-j1 ;; esac
  for parallel in $modes; do
    rm -rf "$dest"
    put_theirs "$dest$prefix/$path" "$kind"
    before=$(listing)
    run "$make" -s $parallel install DESTDIR="$dest"
    about="a $kind of others, $path ($parallel)"
    if [ "$status" != 0 ]; then pass "$about: install fails"; else fail "$about: install fails" "$(listing)"; fi
    matches "  names it" "^  $dest$prefix/$path\$" "$err"
    matches "  says how to go on" "--disable-legacy-links" "$err"
    check "  installs nothing" "$before" "$(listing)"
  done
  quietly uninstall DESTDIR="$dest"
  check "  and uninstall leaves it" "$before" "$(listing)"
  [ $kind != file ] || check "  untouched" "somebody else's" "$(cat "$dest$prefix/$path")"
done <"$work/theirs"

rm -rf "$dest"
if [ $legacy = yes ]; then
  put_theirs "$bin/ss" file
  put_theirs "$man/man8/netstat.8" file
  run "$make" -s install DESTDIR="$dest"
  check "all that is in the way is named" "$bin/ss $man/man8/netstat.8" \
    "$(printf '%s\n' "$err" | sed -n 's/^  \(\/.*\)/\1/p' | tr '\n' ' ' | sed 's/ $//')"
  rm -rf "$dest"
  # Other packages replaced files that we had installed.
  quietly install DESTDIR="$dest"
  rm -f "$bin/ss" "$man/man8/ss.8"
  put_theirs "$bin/ss" file
  ln -sf /elsewhere/netstat "$bin/netstat"
  put_theirs "$man/man8/ss.8" file
  run "$make" -s uninstall DESTDIR="$dest"
  check "uninstall leaves what is not ours" \
    "${prefix#/}/bin/netstat -> /elsewhere/netstat ${prefix#/}/bin/ss ${prefix#/}/share/man/man8/ss.8" \
    "$(listing | tr '\n' ' ' | sed 's/ $//')"
  check "  untouched" "somebody else's somebody else's" "$(cat "$bin/ss" "$man/man8/ss.8" | tr '\n' ' ' | sed 's/ $//')"
  matches "  and says so" "left alone: $bin/ss\$" "$err"
else
  skip "uninstall leaves what is not ours" "configured with --disable-legacy-links"
fi
rm -rf "$dest"

# ---- other names ----

# The names are set through make's variable, so nothing is built again.
if [ "${DUOSTAT_TEST_EFFORT:-}" = quick ]; then set -- "my._.7"; else set -- "_-duostat" "duo-_" "my._.7"; fi
for affixes; do
  before=${affixes%%_*}
  after=${affixes#*_}
  about="names $before...$after"
  transform="s&\$\$&$after&;s&^&$before&"
  put_theirs "$bin/ss" file
  put_theirs "$man/man8/ss.8" file
  mine() { listing | grep -v "/ss\(\.8\)*\$"; }
  quietly install DESTDIR="$dest" program_transform_name="$transform"
  check "$about: beside files of others" "$(expected "$prefix" "$before" "$after")" "$(mine)"
  if [ $legacy = yes ]; then
    run "$bin/${before}ss$after" -V
    matches "  ss is ss" '^ss utility' "$out"
    run "$bin/${before}netstat$after" -V
    matches "  netstat is netstat" '^net-tools' "$out"
  fi
  run "$bin/${before}duostat$after" version
  matches "  duostat is itself" '^duostat' "$out"
  quietly uninstall DESTDIR="$dest" program_transform_name="$transform"
  # shellcheck disable=SC2046  # no such name has a blank
  check "  uninstall leaves only others'" "somebody else's somebody else's" \
    "$(cat $(listing | sed "s,^,$dest/,") | tr '\n' ' ' | sed 's/ $//')"
  rm -rf "$dest"
done

# ---- other configurations ----

# configured DIRECTORY OPTION...: configures again, like this build. The objects are not rebuilt: flags tell make that
# the libraries and the program are up to date.
configured() {
  mkdir "$1"
  cd "$1" || exit 1
  shift
  (eval "set -- $("$top_builddir/config.status" --config) \"\$@\"" &&
    "$top_srcdir/configure" -q --cache-file="$work/config.cache" "$@") \
    >configure.log 2>&1
}
refuses() { skip "$1" "configure refuses here: $(tail -n 1 configure.log)"; }

if [ ! -x "$top_srcdir/configure" ]; then
  skip "--prefix, --disable-legacy-links, --program-prefix" "no configure beside the sources"
  done_testing
  exit
fi

if configured "$work/bare" --prefix=/opt/duo --disable-legacy-links; then
  legacy=no
  ln -s "$top_builddir/duostat" .
  put_theirs "$dest/opt/duo/bin/ss" file
  put_theirs "$dest/opt/duo/share/man/man8/netstat.8" file
  quietly -o duostat install-exec-am install-data-am DESTDIR="$dest"
  check "--prefix and --disable-legacy-links: no links, and pages of other names" "$(expected /opt/duo '' '')" \
    "$(listing | grep -v 'bin/ss$\|/netstat\.8$')"
  check "  and the others' are untouched" "somebody else's somebody else's" \
    "$(cat "$dest/opt/duo/bin/ss" "$dest/opt/duo/share/man/man8/netstat.8" | tr '\n' ' ' | sed 's/ $//')"
  rm "$dest/opt/duo/bin/ss"
  ln -s duostat "$dest/opt/duo/bin/ss"
  quietly uninstall DESTDIR="$dest"
  check "  uninstall removes an earlier installation's link too" "opt/duo/share/man/man8/netstat.8" "$(listing)"
  rm -rf "$dest"
else
  refuses "--prefix, --disable-legacy-links"
fi

# Letters and digits adjoin the word here, so only configure knows which name is which: "gss2" is ambiguous.
if configured "$work/affixes" --prefix=/opt/duo --enable-legacy-links --program-prefix=g --program-suffix=2 \
  --with-builtin-services; then
  legacy=yes
  check "--with-builtin-services" "BUILTIN_SERVICES = 1" "$(grep '^BUILTIN_SERVICES' Makefile)"
  keep=
  for archive in "$top_builddir"/src/*.a "$top_builddir"/compat/*.a; do
    name=${archive#"$top_builddir"/}
    # It has the names; compiling it takes longer than a quick run may.
    case $name in */libcompletion.a) [ "${DUOSTAT_TEST_EFFORT:-}" = quick ] || continue ;; esac
    mkdir -p "${name%/*}"
    ln -s "$archive" "$name"
    keep="$keep -o $name"
  done
  # shellcheck disable=SC2086  # words are wanted
  quietly $keep duostat CXXFLAGS='-O0 -g1'
  quietly -o duostat install-exec-am install-data-am DESTDIR="$dest"
  check "--program-prefix and --program-suffix" "$(expected /opt/duo g 2)" "$(listing)"
  run "$dest/opt/duo/bin/gss2" -V
  matches "  ss is ss" '^ss utility' "$out"
  run "$dest/opt/duo/bin/gnetstat2" -V
  matches "  netstat is netstat" '^net-tools' "$out"
  run "$dest/opt/duo/bin/gduostat2" version
  matches "  duostat is itself" '^duostat' "$out"
  pages=$dest/opt/duo/share/man
  matches "  pages name each other by these names" '^\.BR gss2 \(8\)' "$(cat "$pages/man1/gduostat2.1")"
  if [ "${DUOSTAT_TEST_EFFORT:-}" != quick ]; then
    # A shell can also complete the names that a package adds.
    matches "  bash completes gss2 as ss, and a link ss" "^  'gss2'\|ss\) _duostat_program=ss" \
      "$(cat "$dest/opt/duo/share/bash-completion/completions/gss2")"
    matches "  fish too" "^    case 'gss2' ss\$" "$(cat "$dest/opt/duo/share/fish/vendor_completions.d/gss2.fish")"
  fi
else
  refuses "--program-prefix, --program-suffix"
fi

if configured "$work/unknown" --with-builtin-services=perhaps; then fail "--with-builtin-services=perhaps is refused"
else
  matches "--with-builtin-services=perhaps is refused" '=perhaps: it is yes or no' \
    "$(cat "$work/unknown/configure.log")"
fi

done_testing
