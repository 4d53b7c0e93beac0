#!/bin/sh
# Clang's undefined-behaviour sanitizer reports nothing for a JSON document, although RapidJSON's stack starts with a
# null pointer.
#
# SPDX-License-Identifier: GPL-2.0-or-later
. "$top_srcdir/tests/tap.sh"

clang=$(command -v clang++) || skip_all "clang++ is not installed"
cat >"$work/json.cc" <<'END'
#include <cstdio>

#include "src/render/json.h"

int main() {
  duostat::StringSink sink;
  {
    duostat::Output out(sink);
    duostat::Json json(out);
    json.begin_object();
    json.text("name", "\x1b");
    json.end_object();
    json.end_line();
  }
  std::fputs(sink.text.c_str(), stdout);
}
END
sources="$top_srcdir/src/base/output.cc $top_srcdir/src/render/json.cc"
# shellcheck disable=SC2086  # words are wanted
if ! "$clang" -std=c++20 -O0 -DFMT_HEADER_ONLY -I"$top_srcdir" -fsanitize=undefined -fno-sanitize-recover=all -o \
  "$work/json" "$work/json.cc" \
  $sources 2>"$work/complaint"; then
  skip_all "clang++ cannot build with its sanitizer: $(tail -n 1 "$work/complaint")"
fi
check "a document" '{"name":"\u001B"}' "$("$work/json" 2>&1)"
done_testing
