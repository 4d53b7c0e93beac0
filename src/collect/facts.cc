// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/collect/facts.h"

#include <optional>
#include <string_view>

#include "src/base/cursor.h"
#include "src/base/error.h"
#include "src/base/lines.h"

namespace duostat {
namespace {

using Number = std::optional<std::uint64_t>;

Number decimal(Cursor& cursor) {
  std::uint64_t value;
  return cursor.dec(value) ? Number(value) : std::nullopt;
}

Number word_at(std::string_view text, const FactRow& row) {
  Cursor cursor(text);
  Number value;
  for (unsigned i = 0; i <= row.index; ++i)
    if (!(value = decimal(cursor))) return std::nullopt;
  return value;
}

struct Halves {
  std::string_view first, second;
};
/// "TCP: orphan" in halves.
Halves halves(std::string_view key) {
  const std::size_t blank = key.find(' ');
  return {key.substr(0, blank), key.substr(blank + 1)};
}

Number labelled(std::string_view text, const FactRow& row) {
  const Halves key = halves(row.key);
  std::string_view line, word, label;
  while (next_line(text, line)) {
    Cursor cursor(line);
    if (!cursor.word(word) || word != key.first) continue;
    std::uint64_t value;
    while (cursor.word(label) && cursor.dec(value))
      if (label == key.second) return value;
  }
  return std::nullopt;
}

/// The section's name in "Udp: InDatagrams NoPorts"; the cursor is after the colon.
bool section(std::string_view line, std::string_view name, Cursor& cursor) {
  if (!line.starts_with(name) || line.size() == name.size() || line[name.size()] != ':') return false;
  cursor = Cursor(line.substr(name.size() + 1));
  return true;
}

Number pair(std::string_view text, const FactRow& row) {
  const Halves key = halves(row.key);
  std::string_view names, values, name, word;
  while (next_line(text, names) && next_line(text, values)) {
    Cursor titles(names), numbers(values);
    if (!section(names, key.first, titles) || !section(values, key.first, numbers)) continue;
    while (titles.word(name) && numbers.word(word)) {
      if (name != key.second) continue;
      Cursor digits(word);
      return decimal(digits);
    }
  }
  return std::nullopt;
}

Number named(std::string_view text, const FactRow& row) {
  std::string_view line, word;
  while (next_line(text, line)) {
    Cursor cursor(line);
    if (cursor.word(word) && word == row.key) return decimal(cursor);
  }
  return std::nullopt;
}

/// The place of the column titled `name` in a line of titles.
std::optional<unsigned> column_of(std::string_view titles, std::string_view name) {
  Cursor cursor(titles);
  std::string_view word;
  for (unsigned i = 0; cursor.word(word); ++i)
    if (word == name) return i;
  return std::nullopt;
}

Number by_processor(std::string_view text, const FactRow& row) {
  std::string_view line;
  unsigned column = row.index;
  if (!row.key.empty()) {
    if (!next_line(text, line)) return std::nullopt;
    const auto found = column_of(line, row.key);
    if (!found) return std::nullopt;
    column = *found;
  }
  Number total;
  while (next_line(text, line)) {
    Cursor cursor(line);
    std::uint64_t value = 0;
    for (unsigned i = 0; i <= column; ++i)
      if (!cursor.hex(value)) return std::nullopt;
    if (row.form == FactForm::first) return value;
    total = total.value_or(0) + value;
  }
  return total;
}

Number received(std::string_view text, const FactRow& row) {
  std::string_view line;
  Number total;
  while (next_line(text, line)) {
    const std::size_t colon = line.rfind(':');  // an interface's name may contain one
    if (colon == std::string_view::npos) continue;
    const Number value = word_at(line.substr(colon + 1), row);
    if (!value) return std::nullopt;
    total = total.value_or(0) + *value;
  }
  return total;
}

struct FormRow {
  FactForm form;
  Number (*read)(std::string_view text, const FactRow& row);
};
constexpr FormRow kForms[] = {
    {FactForm::word, word_at},     {FactForm::labelled, labelled},  {FactForm::pair, pair}, {FactForm::name, named},
    {FactForm::sum, by_processor}, {FactForm::first, by_processor}, {FactForm::receive, received},
};
static_assert([] {
  for (std::size_t i = 0; i < std::size(kForms); ++i)
    if (kForms[i].form != static_cast<FactForm>(i)) return false;
  return true;
}());

}  // namespace

Facts read_facts(const ProcDir& proc, FactSet wanted) {
  Facts facts;
  std::string_view file;
  std::string text;
  int error = 0;
  for (std::size_t i = 0; i < kFacts; ++i) {
    const auto fact = static_cast<Fact>(i);
    if (!wanted.has(fact)) continue;
    const FactRow& row = row_of(fact);
    if (row.file != file) text = proc.read(file = row.file, error);
    if (error != 0) facts.set_error(fact, error);
    else if (const Number value = kForms[static_cast<std::size_t>(row.form)].read(text, row)) facts.set(fact, *value);
  }
  return facts;
}

std::string why_absent(const ProcDir& proc, const Facts& facts, Fact fact) {
  const FactRow& row = row_of(fact);
  const std::string path = proc.path(row.file);
  if (const int error = facts.error(fact)) return path + ": " + error_text(error);
  const std::string what =
      row.key.empty() ? "no number " + std::to_string(row.index + 1) : "no " + std::string(row.key);
  return path + " has " + what;
}

}  // namespace duostat
