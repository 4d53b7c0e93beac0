// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/render/exposition.h"

#include <fmt/core.h>

#include <cmath>

#include "src/base/escape.h"

namespace duostat {
namespace {

/// Backslash and newline; quotes in label values, and in OpenMetrics everywhere.
void append_escaped(std::string& text, std::string_view raw, bool quotes) {
  for (const char c : raw) {
    if (c == '\\') text += "\\\\";
    else if (c == '\n') text += "\\n";
    else if (c == '"' && quotes) text += "\\\"";
    else text += c;
  }
}

void append_value(std::string& text, double value) {
  constexpr double kExact = 9007199254740992.0;  // 2^53: above it whole numbers are rounded
  if (std::trunc(value) == value && std::fabs(value) < kExact) text += std::to_string(static_cast<std::int64_t>(value));
  else text += fmt::format("{}", value);
}

/// The name without what the type or the format adds to it for samples.
std::string_view base_name(const MetricFamily& family) {
  std::string_view name = family.name;
  const std::string_view suffix = family.type == MetricType::counter ? "_total" : "_info";
  if (family.type != MetricType::gauge && name.ends_with(suffix)) name.remove_suffix(suffix.size());
  return name;
}

void append_heading(std::string& text, const MetricFamily& family, Exposition format) {
  if (format == Exposition::prometheus) {
    text.append("# HELP ").append(family.name).append(" ");
    append_escaped(text, family.help, false);
    text.append("\n# TYPE ").append(family.name).append(" ");
    text.append(word_of(family.type == MetricType::info ? MetricType::gauge : family.type)).append("\n");
    return;
  }
  const std::string_view name = base_name(family);
  text.append("# TYPE ").append(name).append(" ").append(word_of(family.type)).append("\n");
  if (!family.unit.empty() && name.ends_with(family.unit))
    text.append("# UNIT ").append(name).append(" ").append(family.unit).append("\n");
  text.append("# HELP ").append(name).append(" ");
  append_escaped(text, family.help, true);
  text.append("\n");
}

void append_sample(std::string& text, const MetricFamily& family, const MetricSample& sample) {
  text.append(family.name);
  for (std::size_t i = 0; i < family.labels.size() && i < sample.labels.size(); ++i) {
    text.append(i == 0 ? "{" : ",").append(family.labels[i]).append("=\"");
    append_escaped(text, sample.labels[i], true);
    text.append("\"");
  }
  if (!family.labels.empty()) text.append("}");
  text.append(" ");
  append_value(text, sample.value);
  text.append("\n");
}

}  // namespace

std::string_view word_of(MetricType type) {
  constexpr std::string_view kWords[] = {"gauge", "counter", "info"};
  return kWords[static_cast<unsigned>(type)];
}

std::string label_text(std::string_view raw) {
  std::string text;
  while (!raw.empty()) {
    const std::string_view sequence = first_sequence(raw);
    const bool invalid = sequence.size() == 1 && static_cast<unsigned char>(sequence[0]) >= 0x80;
    if (invalid) text += '?';
    else if (is_control(sequence) || is_misleading(sequence)) text += '.';
    else text += sequence;
    raw.remove_prefix(sequence.size());
  }
  return text;
}

void write_exposition(Output& out, std::span<const MetricFamily> families, Exposition format) {
  std::string text;
  for (const MetricFamily& family : families) {
    if (family.samples.empty()) continue;
    text.clear();
    append_heading(text, family, format);
    for (const MetricSample& sample : family.samples) append_sample(text, family, sample);
    out.append(text);
  }
  if (format == Exposition::openmetrics) out.append("# EOF\n");
}

}  // namespace duostat
