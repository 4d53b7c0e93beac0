// Scan implements the rules of getopt_long(3): it finds the first mistake and stops there, expands abbreviated long
// names and joins each value to its option. The result has only one interpretation when Boost splits it.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/base/options.h"

#include <algorithm>
#include <boost/program_options.hpp>
#include <map>
#include <optional>
#include <utility>

#include "src/base/nearest.h"

namespace duostat {
namespace {

namespace po = boost::program_options;

struct LongName {
  std::string_view name;
  std::size_t row;
};

std::string_view first_name(const OptionRow& row) { return row.names.substr(0, row.names.find(',')); }

/// Visits every long name in table order, until `visit` returns false. No list is built in advance, because most
/// command lines have no long names.
template <class Visit>
void each_long_name(std::span<const OptionRow> table, Visit visit) {
  for (std::size_t row = 0; row < table.size(); ++row) {
    std::string_view rest = table[row].names;
    while (!rest.empty()) {
      const auto comma = rest.find(',');
      if (!visit(LongName{rest.substr(0, comma), row})) return;
      rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
    }
  }
}

/// The key of a row in Boost: its first long name, followed by the row's number if an earlier row has the same name;
/// empty if the row has only a letter.
std::string key_of(std::span<const OptionRow> table, std::size_t row) {
  const std::string_view name = first_name(table[row]);
  std::string key(name);
  const auto has_it = [&](const OptionRow& earlier) { return first_name(earlier) == name; };
  if (!name.empty() && std::ranges::any_of(table.first(row), has_it)) key.append("#").append(std::to_string(row));
  return key;
}

std::string quoted(std::string_view before, std::string_view name, std::string_view after) {
  return std::string(before).append("'--").append(name).append("'").append(after);
}

/// Rewrites a command line into unambiguous words.
class Scan {
 public:
  Scan(std::span<const OptionRow> table, std::span<const std::string> args, OptionRules rules);

  std::vector<std::string> words;
  std::vector<bool> used;  ///< the rows that occur in `words`
  std::string error, meant;

 private:
  bool long_option(std::string_view text);
  bool cluster(std::string_view letters);
  std::optional<LongName> find(std::string_view text);
  const OptionRow* find(char letter) const;
  void suggest(std::string_view typed);
  bool next_arg(std::string_view& value);
  void add(std::string option, std::string_view joint, std::string_view value);
  bool fail(std::string text) { return error = std::move(text), false; }

  std::span<const OptionRow> table_;
  std::span<const std::string> args_;
  std::size_t next_ = 0;
};

Scan::Scan(std::span<const OptionRow> table, std::span<const std::string> args, OptionRules rules)
    : used(table.size()), table_(table), args_(args) {
  while (next_ < args_.size()) {
    const std::string_view word = args_[next_++];
    const bool option = word.size() > 1 && word[0] == '-';
    if (word == "--" || (!option && rules.stop_at_operand)) {
      words.emplace_back("--");
      words.insert(words.end(), args_.begin() + static_cast<std::ptrdiff_t>(word == "--" ? next_ : next_ - 1),
                   args_.end());
      return;
    }
    if (!option) {
      words.emplace_back(word);
    } else if (!(word[1] == '-' ? long_option(word.substr(2)) : cluster(word.substr(1)))) {
      return;
    }
  }
}

/// An exact match wins. Otherwise the first prefix match wins unless a later match has a different effect; then the
/// error lists the first match and all that differ from it.
std::optional<LongName> Scan::find(std::string_view text) {
  const std::string_view typed = text.substr(0, text.find('='));
  std::optional<LongName> whole, first;
  std::string others;
  each_long_name(table_, [&](const LongName& n) {
    if (n.name == typed) return whole = n, false;
    if (table_[n.row].extension || !n.name.starts_with(typed)) return true;
    if (!first) first = n;
    const OptionRow &a = table_[first->row], &b = table_[n.row];
    const bool same = first->row == n.row || (a.effect != 0 && a.effect == b.effect && a.arg.empty() == b.arg.empty());
    if (!same) others += quoted(" ", n.name, "");
    return true;
  });
  if (whole) return whole;
  if (!first) return suggest(typed), fail(quoted("unrecognized option ", text, "")), std::nullopt;
  if (!others.empty())  // quirk: possibilities-order
    return fail(quoted("option ", text, " is ambiguous; possibilities:") + quoted(" ", first->name, others)),
           std::nullopt;
  return first;
}

void Scan::suggest(std::string_view typed) {
  std::vector<std::string_view> names;
  each_long_name(table_, [&](const LongName& n) { return names.push_back(n.name), true; });
  if (const std::string_view name = nearest(typed, names); !name.empty()) meant = std::string("--").append(name);
}

const OptionRow* Scan::find(char letter) const {
  for (const OptionRow& row : table_)
    if (row.letter == letter && letter != 0) return &row;
  return nullptr;
}

/// The value is the next word, even if it looks like an option.
bool Scan::next_arg(std::string_view& value) {
  if (next_ == args_.size()) return false;
  value = args_[next_++];
  return true;
}

/// A joined value cannot be mistaken for an option. Boost rejects a joined empty value and accepts a separate one.
void Scan::add(std::string option, std::string_view joint, std::string_view value) {
  if (value.empty()) {
    words.push_back(std::move(option));
    words.emplace_back();
  } else {
    words.push_back(std::move(option.append(joint).append(value)));
  }
}

bool Scan::long_option(std::string_view text) {
  const std::optional<LongName> found = find(text);
  if (!found) return false;
  used[found->row] = true;
  std::string word = "--" + key_of(table_, found->row);
  const auto equals = text.find('=');
  const bool attached = equals != std::string_view::npos;
  if (table_[found->row].arg.empty()) {
    if (attached) return fail(quoted("option ", found->name, " doesn't allow an argument"));
    words.push_back(std::move(word));
    return true;
  }
  std::string_view value;
  if (attached) {
    value = text.substr(equals + 1);
  } else if (!value_is_optional(table_[found->row].arg) && !next_arg(value)) {
    return fail(quoted("option ", found->name, " requires an argument"));
  }
  add(std::move(word), "=", value);
  return true;
}

bool Scan::cluster(std::string_view letters) {
  std::string word = "-";
  const auto mistake = [&](std::string_view text, char letter) {
    if (word.size() > 1) words.push_back(word);  // the letters before it are valid
    return fail(std::string(text).append(" -- '").append(1, letter).append("'"));
  };
  for (std::size_t i = 0; i < letters.size(); ++i) {
    const OptionRow* row = find(letters[i]);
    if (row == nullptr) return mistake("invalid option", letters[i]);
    used[static_cast<std::size_t>(row - table_.data())] = true;
    if (value_is_optional(row->arg)) {
      if (word.size() > 1) words.push_back(word);
      add(std::string{'-', letters[i]}, "", {});
      word = "-";
      continue;
    }
    if (!row->arg.empty()) {
      std::string_view value = letters.substr(i + 1);
      if (value.empty() && !next_arg(value)) return mistake("option requires an argument", letters[i]);
      word.push_back(letters[i]);
      add(std::move(word), "", value);
      return true;
    }
    word.push_back(letters[i]);
  }
  if (word.size() > 1) words.push_back(std::move(word));
  return true;
}

/// Describes the used rows to Boost, because each row costs it a microsecond or two. `rows` maps each key that Boost
/// will report to its row.
po::options_description describe(std::span<const OptionRow> table, const std::vector<bool>& used,
                                 std::map<std::string, std::size_t, std::less<>>& rows) {
  po::options_description description;
  for (std::size_t row = 0; row < table.size(); ++row) {
    if (!used[row]) continue;
    std::string names = key_of(table, row);
    rows.emplace(names.empty() ? std::string{'-', table[row].letter} : names, row);
    if (table[row].letter != 0) names.append({',', table[row].letter});
    if (table[row].arg.empty()) {
      description.add_options()(names.c_str(), "");
    } else {
      description.add_options()(names.c_str(), po::value<std::string>(), "");
    }
  }
  return description;
}

}  // namespace

ParsedOptions parse_options(std::span<const OptionRow> table, std::span<const std::string> args, OptionRules rules) {
  Scan scan(table, args, rules);
  ParsedOptions parsed{{}, {}, std::move(scan.error), std::move(scan.meant)};
  std::map<std::string, std::size_t, std::less<>> rows;
  const po::options_description description = describe(table, scan.used, rows);
  const auto tokens =
      po::command_line_parser(scan.words).options(description).style(po::command_line_style::unix_style).run();
  for (const po::option& token : tokens.options) {
    std::string value = token.value.empty() ? std::string() : token.value.front();
    if (token.string_key.empty()) {
      parsed.operands.push_back(std::move(value));
    } else {
      parsed.events.push_back({rows.at(token.string_key), std::move(value)});
    }
  }
  return parsed;
}

}  // namespace duostat
