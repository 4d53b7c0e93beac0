// Writes metrics in Prometheus' text format 0.0.4, or as OpenMetrics 1.0.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/output.h"

namespace duostat {

/// `info`: always 1, with everything in its labels; the name ends in _info. A counter's name ends in _total.
enum class MetricType : std::uint8_t { gauge, counter, info };
/// "gauge", …
std::string_view word_of(MetricType type);

struct MetricSample {
  std::vector<std::string> labels;  ///< values, in the order of MetricFamily::labels
  double value = 0;
};

/// A metric with all its samples.
struct MetricFamily {
  std::string_view name;
  MetricType type = MetricType::gauge;
  std::string_view unit;  ///< "seconds": the name ends with it. Empty: none
  std::string_view help;  ///< one line
  std::span<const std::string_view> labels;
  std::vector<MetricSample> samples;
};

enum class Exposition : std::uint8_t { prometheus, openmetrics };

/// Text of another process as a label value: control characters, and characters that mislead a reader, become '.';
/// bytes that are not UTF-8 become '?', because Prometheus refuses the whole text for them. Different texts may become
/// equal: make labels of the result before samples are added up.
std::string label_text(std::string_view raw);

/// True for [a-zA-Z_:][a-zA-Z0-9_:]*, without the colon for labels.
constexpr bool is_metric_name(std::string_view name, bool label = false) {
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c == ':' && !label);
    if (!letter && (i == 0 || c < '0' || c > '9')) return false;
  }
  return !name.empty();
}

/// Families without samples are left out. Label values are escaped as the format requires.
void write_exposition(Output& out, std::span<const MetricFamily> families, Exposition format);

}  // namespace duostat
