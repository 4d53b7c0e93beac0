// Arbitrary words: the tokenizer must neither throw nor read beyond them, and the options it accepts must have the same
// meaning when written out in full.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "src/base/options.h"
#include "tests/agree/option_tables.h"

using namespace duostat;

namespace {

using Words = std::vector<std::string>;

Words split_at_zero(std::string_view text) {
  Words words;
  while (!text.empty()) {
    const auto zero = text.find('\0');
    words.emplace_back(text.substr(0, zero));
    text = zero == std::string_view::npos ? std::string_view{} : text.substr(zero + 1);
  }
  return words;
}

/// The events and operands as a command line without abbreviations, clusters or mixing.
Words written_out(std::span<const OptionRow> table, const ParsedOptions& parsed) {
  Words words;
  for (const OptionEvent& e : parsed.events) {
    const OptionRow& row = table[e.row];
    const bool by_letter = row.letter != 0;
    words.push_back(by_letter ? std::string{'-', row.letter}
                              : "--" + std::string(row.names.substr(0, row.names.find(','))));
    if (!row.arg.empty()) words.push_back(e.value);
  }
  words.emplace_back("--");
  words.insert(words.end(), parsed.operands.begin(), parsed.operands.end());
  return words;
}

bool same(const ParsedOptions& a, const ParsedOptions& b) {
  return a.operands == b.operands &&
         std::equal(a.events.begin(), a.events.end(), b.events.begin(), b.events.end(),
                    [](const auto& x, const auto& y) { return x.row == y.row && x.value == y.value; });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const OptionRules rules{(data[0] & 1) != 0};
  const std::span<const OptionRow> table =
      (data[0] & 2) != 0 ? std::span<const OptionRow>(test::kSsRows) : std::span<const OptionRow>(test::kNetstatRows);
  const Words words = split_at_zero({reinterpret_cast<const char*>(data) + 1, size - 1});
  const ParsedOptions parsed = parse_options(table, words, rules);
  const ParsedOptions again = parse_options(table, written_out(table, parsed), rules);
  if (!again.error.empty() || !same(parsed, again)) std::abort();
  return 0;
}
