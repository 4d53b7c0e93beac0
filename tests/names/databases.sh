#!/bin/sh
# Repeats the unit tests of the resolver with other services databases: one with two names for a port, none at all, and
# one whose sources need not list all entries. Needs a mount namespace (as root, or in a user namespace).
#
# SPDX-License-Identifier: GPL-2.0-or-later
program=$top_builddir/tests/names/test_names
etc=$(mktemp -d) || exit 99
trap 'rm -rf "$etc"' EXIT

if [ ! -x "$program" ]; then
  echo "1..0 # SKIP $program was not built"
  exit
fi
if unshare -m true 2>/dev/null; then
  private="unshare -m"
elif unshare -rm true 2>/dev/null; then
  private="unshare -rm"
else
  echo "1..0 # SKIP no mount namespace available"
  exit
fi

number=0
# try NAME: runs the tests with $etc in place of /etc.
try() {
  number=$((number + 1))
  # shellcheck disable=SC2086
  $private sh -c 'mount --bind "$1" /etc && exec "$2"' sh "$etc" "$program" >"$etc/log" 2>"$etc/complaints"
  if grep -q '^ok .*services' "$etc/log" && ! grep -q '^not ok' "$etc/log"; then
    echo "ok $number - $1"
  else
    echo "not ok $number - $1"
    sed "s/^/# /" "$etc/log" "$etc/complaints"
  fi
}

echo "1..3"
try "no /etc at all"
cat >"$etc/services" <<'LIST'
first    12345/tcp
second   12345/tcp   alias
other    12345/udp
early    22/udp
late     22/udp
odd      70/odd
both     70/tcp
edge     65535/tcp
LIST
printf 'services: files\n' >"$etc/nsswitch.conf"
try "two names for a port, a list that is all"
printf 'services: files [NOTFOUND=continue] files\n' >"$etc/nsswitch.conf"
try "two names for a port, a list that may not be all"
