#!/bin/sh
# Checks which folder includes which, and what no folder may use: the table of doc/ARCHITECTURE.md, "Arrows", and its
# rules.
#
# SPDX-License-Identifier: GPL-2.0-or-later
export LC_ALL=C
number=0

# check NAME OFFENDERS: prints one TAP line; the offenders, if any, are the reason.
check() {
  number=$((number + 1))
  if [ -z "$2" ]; then
    echo "ok $number - $1"
  else
    echo "not ok $number - $1"
    printf '%s\n' "$2" | sed 's/^/# /'
  fi
}

# FOLDER: the folders that it may include besides itself. compat, the front ends, may include everything.
listing='src/base src/model src/names src/query src/procfs src/bpf src/diag src/rtnl src/collect src/render'
listing="$listing src/insight"
arrows="
src/base:
src/model: src/base
src/names: src/base src/model
src/query: src/base src/model src/names
src/procfs: src/base src/model src/names src/query
src/bpf: src/base src/model
src/diag: src/base src/model src/query src/bpf
src/rtnl: src/base src/model src/query src/diag
src/collect: src/base src/model src/names src/query src/procfs src/bpf src/diag src/rtnl
src/render: src/base src/model src/names
src/bench: src/base src/model src/query src/procfs src/bpf src/diag src/collect src/render
src/insight: src/base src/model src/names src/query src/render
src/view: $listing
src/command: $listing src/bench src/view
"

# Prints every file of ours in FOLDERs, without the root.
files() {
  find "$@" -type f \( -name '*.cc' -o -name '*.h' \) | sort
}

# Prints the includes of the files read from standard input, as "FILE PATH".
includes() {
  xargs grep -H '^[[:space:]]*#[[:space:]]*include' | sed -n 's/^\([^:]*\):[^"<]*["<]\([^">]*\)[">].*/\1 \2/p'
}

cd "$top_srcdir" || exit 99
echo "1..$(($(printf '%s' "$arrows" | grep -c :) + 11))"

while IFS=: read -r folder allowed; do
  [ -n "$folder" ] || continue
  if [ ! -d "$folder" ]; then
    number=$((number + 1))
    echo "ok $number - $folder # SKIP there is no such folder yet"
    continue
  fi
  others=$(files "$folder" | includes | awk -v folder="$folder" -v allowed="$allowed" '
    BEGIN { n = split(allowed, names, " "); may[folder] = 1; for (i = 1; i <= n; ++i) may[names[i]] = 1 }
    $2 ~ /^(src|compat|tests)\// {
      room = $2; sub(/\/[^\/]*$/, "", room); if (!(room in may)) print $1 " includes " $2 }')
  check "$folder includes only what it may" "$others"
done <<EOF
$arrows
EOF

check "every folder of src has its row in the table" \
  "$(find src -mindepth 1 -maxdepth 1 -type d |
    while read -r d; do printf '%s' "$arrows" | grep -q "^$d:" || echo "$d"; done)"
check "src has no folders below folders" "$(find src -mindepth 2 -type d)"
check "compat does not include the tests" \
  "$(files compat | includes | awk '$2 ~ /^tests\// { print $1 " includes " $2 }')"
check "includes of ours are spelled from the root and exist" \
  "$(files src compat tests | xargs grep -H '^#include "' | sed 's/^\([^:]*\):#include "\([^"]*\)".*/\1 \2/' |
    while read -r file path; do
    case $path in src/* | compat/* | tests/*) [ -f "$path" ] ||
      echo "$file includes $path, which does not exist" ;; *) echo "$file includes \"$path\"" ;; esac
  done)"
check "Boost in src and compat is Boost.ProgramOptions in src/base/options.cc" \
  "$(files src compat | includes | awk '$2 !~ /^boost\// { next }
    $1 != "src/base/options.cc" || $2 !~ /^boost\/program_options/ { print $1 " includes " $2 }')"
check "no iostream below the tests" "$(files src compat | includes | awk '$2 == "iostream" { print $1 }')"
check "the environment is read in compat/main.cc only" \
  "$(files src compat | grep -v '^compat/main\.cc$' | xargs grep -nE '\b(secure_)?getenv[[:space:]]*\(|\benviron\b')"
check "no locale" "$(files src compat | xargs grep -nE '\bsetlocale\b|std::locale\b|<c?locale(\.h)?>')"
check "no HAVE_ macros" "$(files src compat | xargs grep -nE '\bHAVE_[A-Z]')"
check "files are shorter than 500 lines" "$(files src compat tests | xargs awk 'FNR == 500 { print FILENAME }')"
check "every file says its licence" \
  "$(files src compat tests | xargs grep -L 'SPDX-License-Identifier: GPL-2.0-or-later')"
