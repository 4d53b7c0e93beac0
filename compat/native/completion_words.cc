// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/native/completion_words.h"

#include <algorithm>
#include <utility>

#include "compat/frontend.h"
#include "compat/native/commands.h"
#include "compat/netstat/options.h"
#include "compat/ss/options.h"
#include "compat/ss/tables.h"
#include "compat/ss2/options.h"
#include "src/base/output.h"
#include "src/base/warn.h"
#include "src/bench/work.h"
#include "src/collect/backends.h"
#include "src/collect/follow.h"
#include "src/command/schema.h"
#include "src/insight/rules.h"
#include "src/query/state_words.h"
#include "src/render/column.h"
#include "src/view/view_plan.h"

namespace duostat::native {
namespace {

using Words = std::vector<std::string>;

Words split(std::string_view text, char separator) {
  Words parts;
  while (!text.empty()) {
    const auto end = std::min(text.find(separator), text.size());
    parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

/// "name" or "name,other" of "[=name]", "ID[,...]"
std::string_view inner(std::string_view arg) {
  if (!arg.starts_with("[=")) return arg;
  arg.remove_prefix(2);
  arg.remove_suffix(1);
  return arg;
}

bool is_literal(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return (c >= 'a' && c <= 'z') || c == '-'; });
}

template <class Row, std::size_t N>
Words words_of(const Row (&rows)[N]) {
  Words words;
  for (const Row& row : rows) words.emplace_back(row.word);
  return words;
}

Words backend_words() {
  Words words{std::string(word_of(Via::automatic))};
  for (const BackendRow& row : backends()) words.emplace_back(row.word);
  return words;
}

Words rule_words() {
  Words words;
  for (const Rule* rule : rules()) words.emplace_back(rule->id);
  return words;
}

Words process_attributes() {
  const auto words = process_words();
  return {words.begin(), words.end()};
}

Words source_words() {
  Words words;
  for (const BackendRow& row : backends()) words.emplace_back(row.word);
  return words;
}

Words owner_words() {
  Words words = split(kOwnersWords, '|');
  std::erase(words, "auto");
  return words;
}

Words event_source_words() {
  Words words{"auto"};
  for (const EventSourceRow& row : event_sources()) words.emplace_back(row.word);
  return words;
}

Words bench_tables() {
  const auto tables = bench::tables_of("all");
  Words words(tables.begin(), tables.end());
  words.insert(words.end(), {"inet", "all"});
  return words;
}

Words threshold_words() {
  Words words;
  for (const Rule* rule : rules())
    for (const Threshold& threshold : rule->thresholds)
      words.push_back(std::string(rule->id) + "." + std::string(threshold.name) + "=");
  return words;
}

/// A word of usage texts that stands for values of a known set. `program` and `option`: only there; empty: everywhere.
struct Placeholder {
  std::string_view program, option, begin;  ///< of the text of the value
  ValueKind kind;
  Words (*words)();
};
constexpr Placeholder kPlaceholders[] = {
    {"ss", "", "BACKEND", ValueKind::words, backend_words},
    {"ss", "", "FAMILY", ValueKind::words, [] { return words_of(ss::kFamilies); }},
    {"ss", "", "LIST", ValueKind::list, [] { return words_of(ss::kQueryWords); }},
    {"ss", "", "NAME", ValueKind::namespaces, nullptr},
    {"netstat", "", "FAMILY", ValueKind::list, netstat::family_words},
    {"bench", "via", "LIST", ValueKind::list, source_words},
    {"bench", "query", "LIST", ValueKind::list, bench_tables},
    {"bench", "owners", "LIST", ValueKind::list, owner_words},
    {"audit", "set", "RULE.", ValueKind::words, threshold_words},
    {"events", "source", "SOURCE", ValueKind::words, event_source_words},
    {"schema", "", "KIND", ValueKind::words, command::schema_kinds},
    {"", "", "WORD,...", ValueKind::list, process_attributes},
    {"", "", "[STATE]", ValueKind::words, state_words},
    {"", "", "RULE", ValueKind::list, rule_words},
    {"", "", "FILE", ValueKind::files, nullptr},
    {"", "", "OLD", ValueKind::files, nullptr},
    {"", "", "DIRECTORY", ValueKind::files, nullptr},
};

/// "only these: sockets, listeners" has the words of SUBJECT; nothing in another form.
Words listed_words(std::string_view help) {
  Words words;
  const auto colon = help.find(": ");
  if (colon == std::string_view::npos) return words;
  for (std::string& word : split(help.substr(colon + 2), ',')) {
    if (word.starts_with(' ')) word.erase(0, 1);
    if (!is_literal(word)) return {};
    words.push_back(std::move(word));
  }
  return words;
}

Values values_of(std::string_view program, const OptionText& option, const Words& columns) {
  const std::string_view text = inner(option.arg);
  if (text.find('|') != std::string_view::npos) return {ValueKind::words, split(text, '|')};
  if (is_literal(text)) return {ValueKind::words, {std::string(text)}};
  const bool several = text.find(',') != std::string_view::npos;
  if (several && text.starts_with("ID"))
    return {text.find(",-") != text.npos ? ValueKind::keys : ValueKind::list, columns};
  for (const Placeholder& row : kPlaceholders)
    if ((row.program.empty() || row.program == program) && (row.option.empty() || row.option == option.names) &&
        text.starts_with(row.begin))
      return {row.kind, row.words != nullptr ? row.words() : Words{}};
  if (Words words = listed_words(option.help); text.starts_with("SUBJECT") && !words.empty())
    return {ValueKind::list, std::move(words)};
  return {};
}

CompletedProgram program_of(std::string_view name, const std::vector<OptionText>& options, const Words& columns) {
  CompletedProgram program{.name = std::string(name), .options = {}, .operands = {}, .second_operand = {}};
  for (const OptionText& o : options)
    program.options.push_back({o.letter, split(o.names, ','), !o.arg.empty(), value_is_optional(o.arg),
                               values_of(name, o, columns), std::string(o.help)});
  return program;
}

/// The ids, the same without their object ("rtt_us" of "tcp_info.rtt_us"), and the aliases.
Words names_of(const ColumnSet& set) {
  Words words;
  const auto add = [&](std::string_view word) {
    if (std::ranges::find(words, word) == words.end()) words.emplace_back(word);
  };
  for (const Column& column : set.columns) add(column.id);
  for (const Column& column : set.columns) add(column.key());
  for (const ColumnAlias& alias : set.aliases) add(alias.word);
  return words;
}

/// The columns of a command: the first words of what --columns=help prints. That reads nothing of the host.
Words columns_of(const command::Command& command, const Environment& env) {
  const auto options = command.options();
  if (std::ranges::find(options, "columns", &OptionText::names) == options.end()) return {};
  StringSink text, errors;
  Output out(text);
  Diagnostics err(errors, &out, false);
  Environment there{env.program, env.variables, env.proc, env.open_transport, env.clock, env.names, out, err, {}};
  const Words args{"--columns=help"};
  command.run(command, there, args);
  out.flush();
  Words words;
  for (const std::string& line : split(text.text, '\n')) words.push_back(line.substr(0, line.find(' ')));
  return words;
}

CompletedProgram own_options() {
  CompletedProgram own{
      .name = "duostat", .options = {}, .operands = {ValueKind::words, {"help", "version"}}, .second_operand = {}};
  own.options.push_back({0, {"from"}, true, false, {ValueKind::files, {}}, "show the host that a capture recorded"});
  own.options.push_back({'h', {"help"}, false, false, {}, "print the commands"});
  own.options.push_back({'V', {"version"}, false, false, {}, "print the version"});
  return own;
}

}  // namespace

std::vector<std::string> filter_words() {
  return {"state", "exclude", "src", "dst", "sport", "dport", "dev", "fwmark", "cgroup", "autobound", "and", "or",
          "not"};
}

std::vector<std::string> state_words() {
  Words words;
  for (const StateRow& row : kStateRows)
    if (!row.word.empty() && row.state != State::unknown) words.emplace_back(row.word);
  for (const StateGroup& row : kStateGroups)
    if (row.listed) words.emplace_back(row.word);
  return words;
}

std::vector<CompletedProgram> completed_programs(Environment& env) {
  std::vector<CompletedProgram> all{own_options()};
  const Words columns = names_of(socket_columns());
  all.push_back(program_of(kSs.name, texts_of(ss::options()), columns));
  all.back().has_filter = true;
  all.push_back(program_of(kNetstat.name, texts_of(netstat::options()), columns));
  all.push_back(program_of(kSs2.name, texts_of(ss2::options()), {}));
  for (const command::Command* c : all_commands()) {
    all.push_back(program_of(c->name(), c->options(), columns_of(*c, env)));
    const std::string_view usage = c->operands.usage;
    all.back().has_filter = usage.find("[FILTER]") != std::string_view::npos;
    const auto operand = [&](std::string_view text) {
      return values_of(c->name(), {.letter = 0, .names = {}, .arg = text}, {});
    };
    const std::size_t blank = usage.find(' ');
    all.back().operands = operand(usage.substr(0, blank));
    if (blank == usage.npos || all.back().has_filter || all.back().operands.kind != ValueKind::words) continue;
    std::string_view second = usage.substr(blank + 1);
    if (second.starts_with('[') && second.ends_with(']')) second = second.substr(1, second.size() - 2);
    all.back().second_operand = operand(second);
  }
  Words& words = all.front().operands.words;
  for (std::size_t i = 1; i < all.size(); ++i) words.push_back(all[i].name);
  std::ranges::sort(words);
  all.push_back({.name = "help", .options = {}, .operands = {ValueKind::words, words}, .second_operand = {}});
  return all;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text.append(text.empty() ? "" : " ").append(word);
  return text;
}

}  // namespace duostat::native
