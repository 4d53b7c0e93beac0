// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/insight/rule.h"

#include <algorithm>
#include <cassert>

namespace duostat {

ThresholdValues::ThresholdValues(std::span<const Threshold> rows) : rows_(rows) {
  for (const Threshold& row : rows) values_.push_back(row.value);
}

double ThresholdValues::operator[](std::string_view name) const {
  const auto at = std::ranges::find(rows_, name, &Threshold::name);
  assert(at != rows_.end());
  return values_[static_cast<std::size_t>(at - rows_.begin())];
}

std::uint64_t ThresholdValues::milliseconds(std::string_view name) const {
  constexpr double kMillisecondsPerSecond = 1000, kMost = 1e15;
  return static_cast<std::uint64_t>(std::min((*this)[name] * kMillisecondsPerSecond, kMost));
}

bool ThresholdValues::set(std::string_view name, double value) {
  const auto at = std::ranges::find(rows_, name, &Threshold::name);
  if (at == rows_.end()) return false;
  values_[static_cast<std::size_t>(at - rows_.begin())] = value;
  return true;
}

}  // namespace duostat
