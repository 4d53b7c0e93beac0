// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/netstat/delta.h"

#include <algorithm>
#include <charconv>
#include <csignal>

#include "compat/netstat/statistics.h"
#include "compat/record_view.h"
#include "src/base/decimal.h"
#include "src/base/error.h"
#include "src/render/record_json.h"

namespace duostat::netstat {
namespace {

constexpr double kSecond = 1e9;
constexpr std::int64_t kMillisecond = 1'000'000;
constexpr double kLongest = 1e6;  ///< seconds; eleven days

/// While it lives, SIGINT ends a sleep instead of the program, once: the second one ends the program. Where it was
/// ignored it stays so.
class InterruptibleSleep {
 public:
  InterruptibleSleep() {
    struct sigaction mine {};
    mine.sa_handler = [](int) {};
    mine.sa_flags = static_cast<int>(SA_RESETHAND);
    sigaction(SIGINT, nullptr, &former_);
    if (former_.sa_handler != SIG_IGN) sigaction(SIGINT, &mine, nullptr);
  }
  ~InterruptibleSleep() { sigaction(SIGINT, &former_, nullptr); }
  InterruptibleSleep(const InterruptibleSleep&) = delete;
  InterruptibleSleep& operator=(const InterruptibleSleep&) = delete;

 private:
  struct sigaction former_ {};
};

const CounterSection* section_of(const std::vector<CounterSection>& sections, std::string_view name) {
  const auto found = std::ranges::find(sections, name, &CounterSection::name);
  return found == sections.end() ? nullptr : &*found;
}

/// Null: it was not there.
const Counter* counter_of(const CounterSection* section, std::string_view name) {
  if (section == nullptr) return nullptr;
  const auto found = std::ranges::find(section->counters, name, &Counter::name);
  return found == section->counters.end() ? nullptr : &*found;
}

/// What changed among the sections that were chosen. Returns the exit status.
int print_changes(Environment& env, const Request& request, const ViewPlan& plan, Via via, const Statistics& before,
                  const Statistics& after, std::int64_t elapsed_ns) {
  std::vector<CounterSection> changed = differences(before.sections, after.sections, before.problems.empty());
  std::erase_if(changed, [&](const CounterSection& section) { return !is_selected(request, section); });
  const std::int64_t elapsed_ms = elapsed_ns / kMillisecond;
  if (!plan.replaces()) {
    print_differences(env.out, plan.idle() ? changed : chosen_counters(plan, changed, elapsed_ms));
    return 0;
  }
  const bool sections = is_json_alone(plan);
  RecordView view(env, plan, record_column_set<CounterRecord>(), sections ? "statistics_delta" : "counters", via);
  if (sections) {
    for (const CounterSection& section : changed) {
      put_differences(view.document().begin(), section, elapsed_ns);
      view.document().end_element();
    }
  } else {
    std::vector<CounterRecord> records = counters_of(changed, elapsed_ms);
    choose_records(plan, records);
    view.take_all(records);
  }
  for (const Statistics* look : {&before, &after})
    for (const Coverage& problem : look->problems) view.note(problem, true);
  return view.finish();
}

}  // namespace

std::int64_t delta_interval(std::string_view value) {
  if (value.empty()) return static_cast<std::int64_t>(kSecond);
  double seconds = 0;
  if (read_decimal(value, seconds) != value.size() || !(seconds > 0 && seconds <= kLongest))
    throw UsageError(
        "--delta: \"" + std::string(value) + "\" is not a number of seconds, above 0 and at most 1000000", 2);
  return static_cast<std::int64_t>(seconds * kSecond);
}

std::vector<CounterSection> differences(const std::vector<CounterSection>& before,
                                        const std::vector<CounterSection>& after, bool whole) {
  std::vector<CounterSection> changed;
  for (const CounterSection& section : after) {
    const CounterSection* former = section_of(before, section.name);
    CounterSection difference{section.name, {}};
    for (const Counter& counter : section.counters) {
      const Counter* const old = counter_of(former, counter.name);
      if (!counter.known || (old == nullptr ? !whole : !old->known)) continue;
      if (const std::uint64_t by = counter.value - (old == nullptr ? 0 : old->value); by != 0)
        difference.counters.push_back({counter.name, by});
    }
    if (!difference.counters.empty()) changed.push_back(std::move(difference));
  }
  return changed;
}

int print_delta(Environment& env, const Request& request, const ViewPlan& plan, Via via) {
  constexpr int kFailure = 1;
  if (!has_statistics(request)) {
    env.err.line(no_statistics_text(request));
    return kFailure;
  }
  const InterruptibleSleep interruptible;
  Statistics before = read_statistics(env, request);
  int status = 0;
  for (std::int64_t start = env.clock.now_ns();;) {
    env.clock.sleep_ns(*request.delta_ns);
    const std::int64_t now = env.clock.now_ns();
    Statistics after = read_statistics(env, request);
    status = std::max(status, print_changes(env, request, plan, via, before, after, now - start));
    const bool interrupted = now - start < *request.delta_ns;
    if (interrupted || !request.continuous || env.out.flush() != 0) return status;
    before = std::move(after);
    start = now;
  }
}

}  // namespace duostat::netstat
