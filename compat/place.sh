#!/bin/sh
# Installs and removes the program, the links ss and netstat, the manual pages, completion scripts and documents.
# Replaces and removes only files that duostat installed. Called by make, with make's variables in the environment.
# Without the links, the pages of ss and netstat are installed as duostat-ss(8) and duostat-netstat(8). Pages name each
# other as they are installed.
#
# usage: place.sh check|program|pages|completions|documents|uninstall
#   check      names each file that is in the way, and fails
# DESTDIR, bindir, mandir, docdir, bashcompdir, zshcompdir, fishcompdir, transform (sed script of --program-prefix,
# --program-suffix), legacy (yes or no), top_srcdir, EXEEXT, INSTALL_PROGRAM, INSTALL_DATA, MKDIR_P
#
# SPDX-License-Identifier: GPL-2.0-or-later
set -eu
LC_ALL=C
export LC_ALL

: "${bindir:?}" "${mandir:?}" "${docdir:?}" "${bashcompdir:?}" "${zshcompdir:?}" "${fishcompdir:?}" "${top_srcdir:?}"
bin=$DESTDIR$bindir
renamed() { printf '%s\n' "$1" | sed "$transform"; }
program=$(renamed duostat)$EXEEXT
links="ss netstat"
own_pages="duostat.1 duostat-capture.5 duostat-filters.7 duostat-json.7"
legacy_pages="ss.8 netstat.8"

# page_name PAGE: the installed name of a page of doc, without its section.
page_name() {
  case $legacy.$1 in
    no.ss.8 | no.netstat.8) renamed "duostat-${1%.*}" ;;
    *) renamed "${1%.*}" ;;
  esac
}
page_path() { printf '%s\n' "$DESTDIR$mandir/man${1##*.}/$(page_name "$1").${1##*.}"; }
# The same for all pages, under the names of both configurations.
every_page_path() {
  # shellcheck disable=SC2030  # for this subshell only
  for legacy in yes no; do
    for page in $own_pages $legacy_pages; do page_path "$page"; done
  done | sort -u
}

# Prints sed commands that rename the pages in titles, in NAME and in references. A name that has been replaced ends in
# "%", so that it is not replaced again.
page_renaming() {
  roff() { printf '%s\n' "$1" | sed 's/-/\\\\-/g'; }
  upper() { printf '%s\n' "$1" | tr '[:lower:]' '[:upper:]'; }
  names=
  for page in $own_pages $legacy_pages; do
    name=${page%.*} section=${page##*.}
    new=$(page_name "$page")
    printf '%s\n' "s/^\\.TH $(upper "$name") $section /.TH $(upper "$new")% $section /" \
      "s/^\\.BR $(roff "$name") ($section)/.BR $(roff "$new")% ($section)/"
    names="${names}s/^$(roff "$name") /$(roff "$new")% /;"
  done
  printf '%s\n' "/^\\.SH NAME/{n;${names}s/% / /;}" 's/^\(\.[BT][RH] [^ ]*\)% /\1 /'
}

# completion_paths NAMES: where the scripts of bash and fish are for each name, after that of zsh.
completion_paths() {
  printf '%s\n' "$DESTDIR$zshcompdir/_$(renamed duostat)"
  for name in $1; do
    printf '%s\n' "$DESTDIR$bashcompdir/$(renamed "$name")" "$DESTDIR$fishcompdir/$(renamed "$name").fish"
  done
}

# The documents, below docdir as here, so that their links hold.
documents() {
  (cd "$top_srcdir" &&
    printf '%s\n' README.md NEWS.md CONTRIBUTING.md SECURITY.md COPYING doc/*.md doc/schema/*.json \
      doc/performance/*.* doc/labs/* packaging/prometheus/*)
}

exists() { [ -e "$1" ] || [ -L "$1" ]; }
# Ours are recognised by what every version of them has in it.
our_file() { [ -f "$1" ] && [ ! -L "$1" ] && grep -q -- "$2" "$1" 2>/dev/null; }
our_program() { our_file "$bin/$program" 'Usage: duostat'; }
our_page() { our_file "$1" '^\.TH .* duostat '; }
our_completion() { our_file "$1" 'Printed by: duostat completion'; }
our_link() {
  [ -L "$1" ] && [ "$(readlink "$1")" = "$program" ] || return 1
  ! exists "$bin/$program" || our_program
}

# in_the_way LINKS PAGES: the paths that are taken by files of others. docdir is ours alone.
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
  completion_paths "duostat $1" | while IFS= read -r path; do
    if exists "$path" && ! our_completion "$path"; then echo "$path"; fi
  done
}

# shellcheck disable=SC2031  # see above
if [ "$legacy" = no ]; then links_here=''; else links_here=$links; fi
set -- "$1" "$links_here" "$own_pages $legacy_pages"

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
      echo "  --disable-legacy-links          installs only duostat, without the links ss and netstat"
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
    renamed_page=$(mktemp)
    trap 'rm -f "$renamed_page"' EXIT
    renaming=$(page_renaming)
    for page in $3; do
      path=$(page_path "$page")
      $MKDIR_P "${path%/*}"
      sed "$renaming" "$top_srcdir/doc/$page" >"$renamed_page"
      $INSTALL_DATA "$renamed_page" "$path"
    done
    ;;
  completions)
    # A program for another machine cannot print them; a package that is built so takes them from one that can.
    scripts=$(mktemp -d)
    trap 'rm -rf "$scripts"' EXIT
    for shell in bash zsh fish; do
      "./duostat$EXEEXT" completion $shell >"$scripts/$shell" 2>/dev/null ||
        {
          echo "make install: no completion scripts: this machine cannot run duostat$EXEEXT" >&2
          exit 0
        }
    done
    completion_paths "duostat $2" | while IFS= read -r path; do
      case $path in *.fish) shell=fish ;; "$DESTDIR$zshcompdir"/*) shell=zsh ;; *) shell=bash ;; esac
      $MKDIR_P "${path%/*}"
      $INSTALL_DATA "$scripts/$shell" "$path"
    done
    ;;
  documents)
    for file in $(documents); do
      $MKDIR_P "$DESTDIR$docdir/$(dirname "$file")"
      $INSTALL_DATA "$top_srcdir/$file" "$DESTDIR$docdir/$file"
    done
    ;;
  uninstall)
    in_the_way "$2" "$3" | sed 's/^/make uninstall: duostat did not install this file, left alone: /' >&2
    # Links and pages of an earlier configuration would be left without their program.
    for name in $links; do
      path=$bin/$(renamed "$name")
      if our_link "$path"; then rm -f "$path"; fi
    done
    every_page_path | while IFS= read -r path; do
      if our_page "$path"; then rm -f "$path"; fi
    done
    completion_paths "duostat $links" | while IFS= read -r path; do
      if our_completion "$path"; then rm -f "$path"; fi
    done
    for file in $(documents); do rm -f "$DESTDIR$docdir/$file"; done
    for directory in doc/labs doc/schema doc/performance doc packaging/prometheus packaging ''; do
      rmdir "$DESTDIR$docdir/$directory" 2>/dev/null || :
    done
    if our_program; then rm -f "$bin/$program"; fi
    ;;
  *)
    echo "usage: place.sh check|program|pages|completions|documents|uninstall" >&2
    exit 2
    ;;
esac
