// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/command/audit_settings.h"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>

#include "src/base/decimal.h"
#include "src/base/error.h"
#include "src/base/lines.h"
#include "src/base/nearest.h"
#include "src/command/user_file.h"
#include "src/insight/order.h"
#include "src/insight/rules.h"

namespace duostat::command {
namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r";
  const auto first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::string read_config(const std::string& path, bool secure) {
  constexpr std::size_t kMost = std::size_t{1} << 20;
  std::string text;
  const int error = read_user_file(path, secure, kMost, text);
  if (error == EFBIG) throw UsageError(fmt::format("--config: {}: more than 1 MiB", path), kUsageStatus);
  if (error != 0) throw UsageError(fmt::format("--config: {}: {}", path, error_text(error)), kUsageStatus);
  return text;
}

/// Applies "rule.threshold=value". `where` begins the message: "--set" or "FILE:LINE". Returns the rule if it is not
/// among `rules`, so that the value has no effect.
const Rule* set_threshold(std::string_view where, std::string_view setting, std::vector<ChosenRule>& rules) {
  const auto mistake = [&](const std::string& text) {
    throw UsageError(fmt::format("{}: {}", where, text), kUsageStatus);
  };
  const auto equals = setting.find('=');
  if (equals == std::string_view::npos)
    mistake(fmt::format("\"{}\" is not RULE.THRESHOLD=VALUE, as close-wait.count=50", setting));
  const std::string_view name = trimmed(setting.substr(0, equals)), value = trimmed(setting.substr(equals + 1));
  const auto dot = name.find('.');
  const Rule& rule = require_rule(where, name.substr(0, dot));
  std::vector<std::string_view> names;
  for (const Threshold& t : rule.thresholds) names.push_back(t.name);
  if (names.empty()) mistake(fmt::format("rule {} has no thresholds", rule.id));
  const std::string_view threshold = dot == std::string_view::npos ? std::string_view{} : name.substr(dot + 1);
  if (threshold.empty())
    mistake(fmt::format("\"{}\" names no threshold; did you mean {}.{}?", name, rule.id, names.front()));
  if (std::ranges::find(names, threshold) == names.end())
    mistake(fmt::format("{} has no threshold \"{}\"{}", rule.id, threshold,
                        did_you_mean(threshold, names, std::string(rule.id) + ".")));
  const std::optional<Decimal> number = parse_decimal(value);
  if (!number || number->negative)
    mistake(fmt::format("{}: \"{}\" is not a number of 0 or more", name, value));
  const auto chosen = std::ranges::find(rules, &rule, &ChosenRule::rule);
  if (chosen == rules.end()) return &rule;
  chosen->thresholds.set(threshold, number->nearest);
  return nullptr;
}

}  // namespace

const Rule& require_rule(std::string_view option, std::string_view name) {
  if (const Rule* rule = find_rule(name)) return *rule;
  std::vector<std::string_view> names;
  for (const Rule* rule : rules()) names.push_back(rule->id);
  const std::string meant = did_you_mean(name, names);
  throw UsageError(fmt::format("{}: \"{}\" is not a rule{}", option, name,
                               meant.empty() ? "; --list-rules lists them" : meant),
                   kUsageStatus);
}

std::vector<ChosenRule> choose_rules(const AuditSettings& settings, bool secure) {
  std::vector<const Rule*> only, skip;
  for (const std::string& list : settings.only)
    for (const std::string_view name : split_list("--only", list)) only.push_back(&require_rule("--only", name));
  for (const std::string& list : settings.skip)
    for (const std::string_view name : split_list("--skip", list)) skip.push_back(&require_rule("--skip", name));
  std::vector<ChosenRule> chosen;
  for (const Rule* rule : rules()) {
    const bool named = std::ranges::find(only, rule) != only.end();
    const bool needs_baseline = rule->id == kNewListenerRule && !settings.baseline;
    if (named && needs_baseline)
      throw UsageError(fmt::format("--only: {} needs --baseline", rule->id), kUsageStatus);
    const bool skipped = std::ranges::find(skip, rule) != skip.end();
    if ((only.empty() || named) && !needs_baseline && !skipped) chosen.emplace_back(*rule);
  }
  if (chosen.empty()) throw UsageError("--only and --skip leave no rule", kUsageStatus);
  for (const std::string& path : settings.configs) {
    const std::string text = read_config(path, secure);
    std::string_view rest = text, line;
    for (std::size_t number = 1; next_line(rest, line); ++number) {
      const std::string_view content = trimmed(line.substr(0, line.find('#')));
      if (!content.empty()) set_threshold(fmt::format("{}:{}", path, number), content, chosen);
    }
  }
  // A file may be about every rule; an option is about one that runs.
  for (const std::string& setting : settings.set)
    if (const Rule* rule = set_threshold("--set", setting, chosen))
      throw UsageError(fmt::format("--set: {}: the rule {} does not run", setting, rule->id), kUsageStatus);
  return chosen;
}

}  // namespace duostat::command
