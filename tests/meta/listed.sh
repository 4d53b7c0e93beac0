#!/bin/sh
# No file is forgotten: every source, test and test script is listed in a local.mk, and every file that a local.mk lists
# exists.
#
# SPDX-License-Identifier: GPL-2.0-or-later
export LC_ALL=C
number=0

check() {
  number=$((number + 1))
  if [ -z "$2" ]; then
    echo "ok $number - $1"
  else
    echo "not ok $number - $1"
    printf '%s\n' "$2" | sed 's/^/# /'
  fi
}

cd "$top_srcdir" || exit 99
echo "1..6"

# The words of all our makefiles, without comments.
words=$(sed 's/#.*//' Makefile.am ./*/local.mk | tr -s ' \t=\\' '\n\n\n\n' | sort -u)

# Prints the paths from standard input that no makefile lists.
unlisted() {
  while read -r path; do
    printf '%s\n' "$words" | grep -qxF "$path" || echo "$path is in no local.mk"
  done
}

check "every source of src and compat is listed" \
  "$(find src compat -type f \( -name '*.cc' -o -name '*.h' \) | sort | unlisted)"
check "every test source is listed" "$(find tests -type f \( -name '*.cc' -o -name '*.h' \) | sort | unlisted)"

# A script is listed as a test or as a part of one; in both cases it must be distributed.
check "every script of the tests is listed" "$(find tests -type f -name '*.sh' | sort | unlisted)"

# Prints the scripts of the variables $1, with continued lines joined.
scripts_of() {
  sed -e 's/#.*//' -e ':join' -e '/\\$/{N;s/\\\n//;bjoin' -e '}' tests/local.mk |
    grep -E "^[[:space:]]*($1)[[:space:]]*\\+?=" | tr -s ' \t' '\n\n' | grep '\.sh$' | sort -u
}
tests='TESTS|uninstrumented_tests'
check "every script that is a test is executable and is distributed" "$(scripts_of "$tests" | while read -r path; do
  [ -x "$path" ] || echo "$path is not executable"
  scripts_of 'EXTRA_DIST|dist_check_SCRIPTS' | grep -qxF "$path" || echo "$path is not in EXTRA_DIST"
done)"

check "what is listed is there" "$(printf '%s\n' "$words" | grep -E '^(src|compat|tests|doc)/.*\.(cc|h|sh)$' |
  while read -r path; do
  [ -f "$path" ] || echo "$path is listed but does not exist"
done)"

# dev/test reads this line to find out whether unit tests are built, because Automake leaves the condition out of the
# Makefile.
check "config.status says whether there are unit tests" \
  "$(grep -q '^S\["UNIT_TESTS_TRUE"\]="#*"$' "$top_builddir/config.status" || echo "no line UNIT_TESTS_TRUE")"
