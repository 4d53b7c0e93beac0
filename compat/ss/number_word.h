// Tables of numbers that ss prints as words.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace duostat::ss {

struct NumberWord {
  std::uint16_t number;
  std::string_view word;
};

/// The word of a number, or `otherwise`.
template <std::size_t N>
std::string_view word_of(const NumberWord (&table)[N], unsigned number, std::string_view otherwise) {
  for (const NumberWord& row : table)
    if (row.number == number) return row.word;
  return otherwise;
}

}  // namespace duostat::ss
