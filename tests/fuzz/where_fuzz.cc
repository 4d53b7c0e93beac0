// Arbitrary text as an expression of --where: it is refused with a position inside it, or evaluated. Its tokens, each
// between blanks, are the same expression.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "src/base/error.h"
#include "src/insight/where.h"
#include "src/insight/where_lexer.h"
#include "tests/fuzz/input.h"
#include "tests/insight/sample.h"

using namespace duostat;

namespace {

std::string respaced(std::string_view text) {
  std::string again;
  for (WhereLexer lexer(text, "--where"); !lexer.at_end(); lexer.advance()) {
    again += ' ';
    if (!lexer.quoted()) {
      again += lexer.token();
      continue;
    }
    again += '"';
    for (const char c : lexer.token()) {
      if (c == '"' || c == '\\') again += '\\';
      again += c;
    }
    again += '"';
  }
  return again;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static test::Sample sample;
  try {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const Where where(text);
    const bool matches = where.matches(sample.context, sample.socket);
    const bool matches_none = where.matches(sample.context, Socket{});
    const Where again(respaced(text));
    fuzz::require(again.matches(sample.context, sample.socket) == matches &&
                      again.matches(sample.context, Socket{}) == matches_none,
                  "blanks between tokens change nothing");
    if (where.needs().empty() && size == 0) std::abort();  // an empty text is not an expression
  } catch (const UsageError& e) {
    if (e.status() != 2 || std::string_view(e.what()).empty()) std::abort();
  }
  return 0;
}
