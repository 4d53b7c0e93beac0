// The text of netstat -s for each counter. One row each, in statistics_labels.cc.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "src/model/protocol.h"

namespace duostat::netstat {

enum class LabelClass : std::uint8_t {
  always,         ///< a line even if it is 0
  nonzero,        ///< a line if it is not 0
  never,          ///< no line
  in_histogram,   ///< under "ICMP input histogram:"
  out_histogram,  ///< under "ICMP output histogram:"
  /// There is a text, but net-tools 2.10 bisects a table that is not sorted and does not find it, so the counter prints
  /// as one without a text. The text is kept in case a later release finds it.
  dormant,
};

struct CounterLabel {
  std::string_view name;
  std::string_view text;  ///< "{}" stands for the number
  LabelClass kind;
};

/// A section whose counters have texts.
struct LabelledSection {
  std::string_view name;
  Protocol selector;  ///< of -t, -u, -w, -S
  std::span<const CounterLabel> labels;
};

/// The section of this name, or null: sections without a row are always printed.
const LabelledSection* labelled_section(std::string_view name);
/// The row of a counter in the section, or null.
const CounterLabel* label_of(const LabelledSection& section, std::string_view counter);

}  // namespace duostat::netstat
