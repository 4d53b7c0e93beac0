#!/bin/sh
# Installs and removes the program, the links ss and netstat, and the manual pages. Replaces and removes only files that
# duostat installed. Called by make, with make's variables in the environment.
#
# usage: place.sh check|program|pages|uninstall
#   check      names each file that is in the way, and fails
# DESTDIR, bindir, man1dir, man8dir, transform (sed script of --program-prefix, --program-suffix), legacy (yes or no),
# docdir (the pages' sources), EXEEXT, INSTALL_PROGRAM, INSTALL_DATA, MKDIR_P
#
# SPDX-License-Identifier: GPL-2.0-or-later
set -eu
LC_ALL=C
export LC_ALL

: "${bindir:?}" "${man1dir:?}" "${man8dir:?}" "${docdir:?}"
bin=$DESTDIR$bindir
renamed() { printf '%s\n' "$1" | sed "$transform"; }
program=$(renamed duostat)$EXEEXT
links="ss netstat"
legacy_pages="ss.8 netstat.8"

page_path() {
  case $1 in *.1) dir=$man1dir ;; *) dir=$man8dir ;; esac
  printf '%s\n' "$DESTDIR$dir/$(renamed "${1%.*}").${1##*.}"
}

exists() { [ -e "$1" ] || [ -L "$1" ]; }
# Ours are recognised by what every version of them has in it.
our_file() { [ -f "$1" ] && [ ! -L "$1" ] && grep -q -- "$2" "$1" 2>/dev/null; }
our_program() { our_file "$bin/$program" 'Usage: duostat'; }
our_page() { our_file "$1" '^\.TH .* duostat '; }
our_link() {
  [ -L "$1" ] && [ "$(readlink "$1")" = "$program" ] || return 1
  ! exists "$bin/$program" || our_program
}

# in_the_way LINKS PAGES: the paths that are taken by files of others.
in_the_way() {
  if exists "$bin/$program" && ! our_program; then echo "$bin/$program"; fi
  for name in $1; do
    path=$bin/$(renamed "$name")
    if exists "$path" && ! our_link "$path"; then echo "$path"; fi
  done
  for page in $2; do
    path=$(page_path "$page")
    if exists "$path" && ! our_page "$path"; then echo "$path"; fi
  done
}

if [ "$legacy" = yes ]; then
  set -- "$1" "$links" "duostat.1 $legacy_pages"
else
  set -- "$1" "" "duostat.1"
fi

case $1 in
  check)
    for name in $2; do
      [ "$(renamed "$name")$EXEEXT" != "$program" ] ||
        {
          echo "make install: nothing installed: --program-transform-name gives $name and duostat one name" >&2
          exit 1
        }
    done
    taken=$(in_the_way "$2" "$3")
    [ -n "$taken" ] || exit 0
    {
      echo "make install: nothing installed: duostat did not install these files and does not replace them:"
      printf '%s\n' "$taken" | sed 's/^/  /'
      echo "Run configure again with one of:"
      echo "  --disable-legacy-links          installs only duostat, without the links ss and netstat and their pages"
      echo "  --program-suffix=-alt           installs duostat-alt, ss-alt and netstat-alt"
      echo "  --prefix=DIRECTORY              installs in another place"
    } >&2
    exit 1
    ;;
  program)
    $MKDIR_P "$bin"
    $INSTALL_PROGRAM "duostat$EXEEXT" "$bin/$program"
    for name in $2; do
      path=$bin/$(renamed "$name")
      [ -L "$path" ] || ln -s "$program" "$path"
    done
    ;;
  pages)
    for page in $3; do
      path=$(page_path "$page")
      $MKDIR_P "${path%/*}"
      $INSTALL_DATA "$docdir/$page" "$path"
    done
    ;;
  uninstall)
    in_the_way "$2" "$3" | sed 's/^/make uninstall: duostat did not install this file, left alone: /' >&2
    # Links and pages of an earlier configuration would be left without their program.
    for name in $links; do
      path=$bin/$(renamed "$name")
      if our_link "$path"; then rm -f "$path"; fi
    done
    for page in duostat.1 $legacy_pages; do
      path=$(page_path "$page")
      if our_page "$path"; then rm -f "$path"; fi
    done
    if our_program; then rm -f "$bin/$program"; fi
    ;;
  *)
    echo "usage: place.sh check|program|pages|uninstall" >&2
    exit 2
    ;;
esac
