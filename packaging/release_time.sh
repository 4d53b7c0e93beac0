#!/bin/sh
# Prints the time of a release for tar: SOURCE_DATE_EPOCH, or the date of the newest heading of NEWS.md, which is
# "## VERSION, YYYY-MM-DD". Fails if the heading has no date.
#
# usage: release_time.sh SOURCE_DIRECTORY
#
# SPDX-License-Identifier: GPL-2.0-or-later
set -eu

if [ -n "${SOURCE_DATE_EPOCH:-}" ]; then
  echo "@$SOURCE_DATE_EPOCH"
  exit
fi
heading=$(sed -n '/^## /{p;q;}' "$1/NEWS.md")
date=$(printf '%s\n' "$heading" | sed -n 's/^## [^ ]*, \([0-9]\{4\}-[0-9][0-9]-[0-9][0-9]\)$/\1/p')
[ -n "$date" ] || { echo "NEWS.md: \"$heading\" has no date: \"## VERSION, YYYY-MM-DD\"" >&2; exit 1; }
echo "$date 00:00Z"
