// Arbitrary text as what a user writes outside filters and expressions: the lists of --columns, --by, --sort and --sum,
// numbers and durations, audit's settings, baselines, sources of owners, and the words that wait and events share. The
// first byte selects the row. A mistake is a UsageError with a status and a text; what is taken is taken again, and
// with the same meaning, if it is written out.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/core.h>
#include <sys/mman.h>
#include <unistd.h>

#include <string>
#include <string_view>
#include <vector>

#include "src/base/count.h"
#include "src/base/decimal.h"
#include "src/base/duration.h"
#include "src/base/error.h"
#include "src/collect/owners.h"
#include "src/command/audit_settings.h"
#include "src/command/socket_choice.h"
#include "src/insight/baseline.h"
#include "src/names/system_resolver.h"
#include "src/query/state_words.h"
#include "src/view/view_plan.h"
#include "tests/fuzz/input.h"

using namespace duostat;
using fuzz::require;

namespace {

template <class Items, class Word>
std::string joined(const Items& items, Word&& word) {
  std::string list;
  for (const auto& item : items) list += (list.empty() ? "" : ",") + std::string(word(item));
  return list;
}

void check_lists(const ViewPlan& plan) {
  const std::string columns = joined(plan.columns, [](const Column* c) { return c->id; });
  if (plan.chosen && !plan.adjusts && !plan.help) {
    ViewRequest again;
    again.columns = columns;
    require(ViewPlan(again).columns == plan.columns, "columns by their ids are the same columns");
  }
  if (!plan.sort.empty()) {
    const auto again = parse_sort(
        joined(plan.sort, [](const SortKey& k) { return (k.descending ? "-" : "") + std::string(k.column->id); }));
    require(again.size() == plan.sort.size(), "a sort order that is written out is the same");
    for (std::size_t i = 0; i < again.size(); ++i)
      require(again[i].column == plan.sort[i].column && again[i].descending == plan.sort[i].descending,
              "a sort order that is written out is the same");
  }
  if (plan.by.empty()) return;
  const auto keys = parse_by(joined(plan.by, [](const GroupKey& key) {
    const std::string id(key.column->id);
    return key.inet_bits < 0 && key.inet6_bits < 0 ? id : fmt::format("{}/{}/{}", id, key.inet_bits, key.inet6_bits);
  }));
  for (std::size_t i = 0; i < keys.size(); ++i)
    require(keys[i].column == plan.by[i].column && keys[i].name == plan.by[i].name,
            "groups that are written out are the same");
  const auto sums = parse_sum(joined(plan.sum, [](const SumColumn& sum) {
    constexpr std::string_view kWords[] = {"", "max:", "min:", "avg:"};
    return std::string(kWords[static_cast<std::size_t>(sum.aggregate)]) + std::string(sum.column->id);
  }));
  for (std::size_t i = 0; i < sums.size(); ++i)
    require(sums[i].column == plan.sum[i].column && sums[i].aggregate == plan.sum[i].aggregate,
            "sums that are written out are the same");
}

/// Options of the views, separated by NUL bytes.
void view(std::string_view text) {
  const std::vector<std::string> words = fuzz::words_of(text);
  ViewRequest request;
  std::optional<std::string>* const options[] = {&request.columns, &request.sort,     &request.top,
                                                 &request.by,      &request.sum,      &request.having,
                                                 &request.fail_if, &request.processes};
  for (std::size_t i = 0; i < std::min(words.size(), std::size(options)); ++i)
    if (!words[i].empty()) *options[i] = words[i];
  const ViewPlan plan(request);
  check_lists(plan);
}

void lists(std::string_view text) {
  const std::string list(text);
  for (auto member : {&ViewRequest::columns, &ViewRequest::sort, &ViewRequest::by}) {
    ViewRequest request;
    request.*member = list;
    try {
      check_lists(ViewPlan(request));
    } catch (const UsageError&) {
    }
  }
  ViewRequest request;
  request.by = "state";
  request.sum = list;
  check_lists(ViewPlan(request));
}

void duration(std::string_view text) {
  constexpr std::int64_t kSecond = 1'000'000'000, kMost = 366LL * 86400 * kSecond;
  const auto value = parse_duration(text);
  if (!value) return duration_of("--interval", text), require(false, "a duration that is none is refused");
  require(*value >= 0 && *value <= kMost, "a duration is at most 366 days");
  require(parse_duration(fmt::format("{}.{:09}s", *value / kSecond, *value % kSecond)) == value,
          "a duration that is written out is the same");
}

void number(std::string_view text) {
  const std::size_t length = decimal_length(text);
  require(length <= text.size(), "a number is a part of the text");
  const auto decimal = parse_decimal(text);
  require(!decimal || length == text.size(), "all of the text is the number");
  if (decimal) {
    require(!(decimal->negative && decimal->whole == 0 && !decimal->fraction), "zero has no sign");
    const std::uint64_t whole = decimal->whole;
    if (!decimal->negative && !decimal->beyond)
      require((compare(whole, *decimal) < 0) == decimal->fraction, "a fraction makes a number larger");
    if (decimal->negative) require(compare(std::uint64_t{0}, *decimal) > 0, "a negative number is below zero");
  }
  const std::uint64_t count = count_of("--top", text);
  require(count >= 1 && count_of("--top", std::to_string(count)) == count, "a count that is written out is the same");
}

/// A file of --config, and its lines as --set, --only and --skip.
void settings(std::string_view text) {
  const Fd file(memfd_create("fuzz", MFD_CLOEXEC));
  require(write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()), "write");
  command::AuditSettings settings;
  settings.configs = {"/proc/self/fd/" + std::to_string(file.get())};
  try {
    command::choose_rules(settings, false);
  } catch (const UsageError&) {
  }
  for (auto member : {&command::AuditSettings::only, &command::AuditSettings::skip, &command::AuditSettings::set}) {
    command::AuditSettings one;
    one.*member = fuzz::words_of(text);
    try {
      require(!command::choose_rules(one, false).empty(), "some rule is chosen");
    } catch (const UsageError& error) {
      require(error.status() == kUsageStatus, "a mistake in our options has status 2");
    }
  }
}

void baseline(std::string_view text) {
  const Baseline once = parse_baseline(text, "input");
  const std::string written = text_of(once, "comment");
  const Baseline again = parse_baseline(written, "written");
  require(again.entries == once.entries, "a baseline that is written is read as the same list");
  require(once.range.empty() ? again.range.empty() : again.range == once.range, "and with the same range");
  require(compare(once, again).differences.empty(), "a list does not differ from itself");
  for (const BaselineEntry& entry : once.entries) {
    owner_text(entry);
    listener_of(entry);
  }
}

/// [STATE] [FILTER] and --where of wait and events. NUL bytes separate them; the first is the expression.
void choice(std::string_view text) {
  StringSink sink;
  Output out(sink);
  Diagnostics err(sink, nullptr, false);
  const Variables variables;
  const ProcDir proc("/nonexistent");
  SystemClock clock;
  const auto names = make_system_resolver();
  Environment env{"duostat", variables, proc, fuzz::replies_of({}), clock, *names, out, err, {}};
  std::vector<std::string> words = fuzz::words_of(text);
  command::SocketWords options{.protocols = {Protocol::tcp, Protocol::unix_stream}};
  if (!words.empty() && !words[0].empty()) options.where = words[0];
  if (!words.empty()) words.erase(words.begin());
  const command::SocketChoice chosen(env, options, words);
  require(!chosen.request().protocols.empty(), "a choice has a table");
}

void single_words(std::string_view text) {
  states_of(text);
  owners_from(text, "--owners");
}

constexpr void (*kRows[])(std::string_view) = {view, lists, duration, number, settings, baseline, choice, single_words};

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  find_hosts_in_files_only();
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const auto row = kRows[input.byte() % std::size(kRows)];
  try {
    row(input.rest_text());
  } catch (const UsageError& error) {
    require(!std::string_view(error.what()).empty(), "a mistake has a message");
  } catch (const FormatError& error) {
    require(std::string_view(error.what()).starts_with("input"), "an error names the file");
  }
  return 0;
}
