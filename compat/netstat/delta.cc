// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/netstat/delta.h"

#include <fmt/core.h>

#include <algorithm>
#include <csignal>
#include <optional>
#include <utility>

#include "compat/netstat/statistics.h"
#include "compat/netstat/statuses.h"
#include "src/base/duration.h"
#include "src/base/error.h"
#include "src/base/escape.h"
#include "src/render/record_json.h"
#include "src/view/fail_if.h"
#include "src/view/record_view.h"

namespace duostat::netstat {
namespace {

constexpr std::int64_t kUsualInterval = 1'000'000'000, kMillisecond = 1'000'000;  ///< nanoseconds
constexpr std::string_view kUnpaired = "some counters are missing from one of the two readings";

/// During its lifetime the first SIGINT ends a sleep instead of the program, and the second one ends the program. A
/// SIGINT between two sleeps ends the next one. If SIGINT was ignored it stays ignored.
class InterruptibleSleep {
 public:
  explicit InterruptibleSleep(Clock& clock) : clock_(clock) {
    struct sigaction mine {};
    mine.sa_handler = [](int) {};
    mine.sa_flags = static_cast<int>(SA_RESETHAND);
    sigaction(SIGINT, nullptr, &former_);
    watches_ = former_.sa_handler != SIG_IGN;
    if (watches_) sigaction(SIGINT, &mine, nullptr);
  }
  ~InterruptibleSleep() { sigaction(SIGINT, &former_, nullptr); }
  InterruptibleSleep(const InterruptibleSleep&) = delete;
  InterruptibleSleep& operator=(const InterruptibleSleep&) = delete;

  /// False if SIGINT has arrived.
  bool operator()(std::int64_t duration) {
    sigset_t interrupt, mask;
    sigemptyset(&interrupt);
    sigaddset(&interrupt, SIGINT);
    sigprocmask(SIG_BLOCK, &interrupt, &mask);  // until the sleep begins
    if (!interrupted()) clock_.sleep_with_mask(duration, mask);
    sigprocmask(SIG_SETMASK, &mask, nullptr);
    return !interrupted();
  }

 private:
  /// The handler is reset when it runs.
  bool interrupted() const {
    struct sigaction now {};
    sigaction(SIGINT, nullptr, &now);
    return watches_ && now.sa_handler == SIG_DFL;
  }

  Clock& clock_;
  struct sigaction former_ {};
  bool watches_ = false;
};

const CounterSection* section_of(const std::vector<CounterSection>& sections, std::string_view name) {
  const auto found = std::ranges::find(sections, name, &CounterSection::name);
  return found == sections.end() ? nullptr : &*found;
}

/// Null: it did not exist.
const Counter* counter_of(const CounterSection* section, std::string_view name) {
  if (section == nullptr) return nullptr;
  const auto found = std::ranges::find(section->counters, name, &Counter::name);
  return found == section->counters.end() ? nullptr : &*found;
}

/// "IcmpMsg", "Icmp6": InType3, Icmp6OutType133 (icmpmsg_put(), snmp6_seq_show_icmpv6msg()).
bool is_listed_when_used(std::string_view counter) {
  if (counter.starts_with("Icmp6")) counter.remove_prefix(5);
  const std::size_t type = counter.starts_with("InType") ? 6 : counter.starts_with("OutType") ? 7 : counter.size();
  constexpr std::string_view kDigits = "0123456789";
  return type < counter.size() && counter.substr(type).find_first_not_of(kDigits) == std::string_view::npos;
}

/// The value of a counter; nullopt if unknown.
std::optional<std::uint64_t> former_value(const std::vector<CounterSection>& before, const CounterSection& section,
                                          const Counter& counter) {
  const CounterSection* former = section_of(before, section.name);
  if (const Counter* const old = counter_of(former, counter.name); old != nullptr)
    return old->known ? std::optional(old->value) : std::nullopt;
  const bool read = former != nullptr || (section.name == "IcmpMsg" && section_of(before, "Icmp") != nullptr);
  return read && is_listed_when_used(counter.name) ? std::optional<std::uint64_t>(0) : std::nullopt;
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text.append(text.empty() ? "" : ", ").append(name);
  return text;
}
std::string printable(const std::string& name) {
  std::string scratch;
  return std::string(without_controls(name, scratch));
}

/// The change of a counter, in two's complement.
std::uint64_t change(std::uint64_t before, std::uint64_t after) {
  constexpr std::uint64_t kWord = std::uint64_t{1} << 32;
  const bool wrapped = after < before && before < kWord && before - after > kWord / 2;
  return after - before + (wrapped ? kWord : 0);
}

/// Prints what changed in the chosen sections. Returns the exit status.
int print_changes(Environment& env, const Request& request, const ViewPlan& plan, Via via, const Statistics& before,
                  const Statistics& after, std::int64_t elapsed_ns) {
  const auto unselected = [&](const CounterSection& section) { return !is_selected(request, section); };
  std::vector<CounterSection> changed = differences(before.sections, after.sections);
  std::erase_if(changed, unselected);
  std::vector<std::string> incomparable = unpaired(before.sections, after.sections);
  std::erase_if(incomparable, [&](const std::string& name) { return !is_selected(request, {name, {}}); });
  const std::int64_t elapsed_ms = elapsed_ns / kMillisecond;
  if (!plan.replaces()) {
    print_differences(env.out, plan.idle() ? changed : chosen_counters(plan, changed, elapsed_ms));
    const bool missing = !incomparable.empty() || !before.complete() || !after.complete();
    if (!incomparable.empty()) env.err.line(fmt::format("netstat: {}: {}", printable(listed(incomparable)), kUnpaired));
    return status_of_text(env, "netstat", plan, missing ? kFailure : 0, missing);
  }
  const bool sections = is_json_alone(plan);
  RecordView view(env, "netstat", plan, record_column_set<CounterRecord>(), sections ? "statistics_delta" : "counters",
                  via);
  if (sections) {
    for (const CounterSection& section : changed) {
      plan.count_rows(section.counters.size());
      view.add_rows(section.counters.size());
      put_differences(view.document().begin(), section, elapsed_ns);
      view.document().end_element();
    }
  } else {
    std::vector<CounterRecord> records = counters_of(changed, elapsed_ms);
    choose_records(plan, records);
    view.print_all(records);
  }
  for (const Statistics* look : {&before, &after}) {
    for (const Coverage& problem : look->problems) view.note(problem, true);
    for (const Coverage& heading : look->headings) view.note(heading, look == &before && !after.headings.empty());
  }
  if (!incomparable.empty()) view.note("compare", listed(incomparable), kUnpaired);
  return view.finish();
}

}  // namespace

std::int64_t delta_interval(std::string_view value) {
  if (value.empty()) return kUsualInterval;
  const std::int64_t interval = duration_of("--delta", value);
  if (interval == 0) throw UsageError("--delta: the time must be above 0", kUsageStatus);
  return interval;
}

std::vector<CounterSection> differences(const std::vector<CounterSection>& before,
                                        const std::vector<CounterSection>& after) {
  std::vector<CounterSection> changed;
  for (const CounterSection& section : after) {
    CounterSection difference{section.name, {}};
    for (const Counter& counter : section.counters) {
      const std::optional<std::uint64_t> old = former_value(before, section, counter);
      if (!counter.known || !old) continue;
      if (const std::uint64_t by = change(*old, counter.value); by != 0)
        difference.counters.push_back({counter.name, by});
    }
    if (!difference.counters.empty()) changed.push_back(std::move(difference));
  }
  return changed;
}

std::vector<std::string> unpaired(const std::vector<CounterSection>& before, const std::vector<CounterSection>& after) {
  std::vector<std::string> names;
  const auto add = [&](const std::string& name) {
    if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  };
  for (const CounterSection& section : after) {
    const auto is_unpaired = [&](const Counter& c) { return !c.known || !former_value(before, section, c); };
    if (std::ranges::any_of(section.counters, is_unpaired)) add(section.name);
  }
  for (const CounterSection& section : before) {
    const CounterSection* later = section_of(after, section.name);
    const auto is_gone = [&](const Counter& c) { return counter_of(later, c.name) == nullptr; };
    if (std::ranges::any_of(section.counters, is_gone)) add(section.name);
  }
  return names;
}

int print_delta(Environment& env, const Request& request, const ViewPlan& plan, Via via) {
  if (!has_statistics(request)) {
    env.err.line(no_statistics_text(request));
    return kFailure;
  }
  InterruptibleSleep sleep(env.clock);
  Statistics before = read_statistics(env, request);
  int status = 0;
  for (std::int64_t start = env.clock.now_ns();;) {
    bool interrupted = !sleep(*request.delta_ns);
    const std::int64_t now = env.clock.now_ns();
    Statistics after = read_statistics(env, request);
    status = std::max(status, print_changes(env, request, plan, via, before, after, now - start));
    if (plan.fails() && status != 0) return status;  // -c waits for the condition
    interrupted = interrupted || now - start < *request.delta_ns;
    if (interrupted || !request.continuous || env.out.flush() != 0) return status;
    before = std::move(after);
    start = now;
  }
}

}  // namespace duostat::netstat
