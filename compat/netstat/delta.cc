// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/netstat/delta.h"

#include <algorithm>
#include <charconv>
#include <csignal>

#include "compat/json_document.h"
#include "compat/netstat/statistics.h"
#include "src/base/error.h"
#include "src/render/record_json.h"

namespace duostat::netstat {
namespace {

constexpr double kSecond = 1e9;
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

std::uint64_t value_of(const CounterSection* section, const Counter& counter) {
  if (section == nullptr) return 0;
  const auto found = std::ranges::find(section->counters, counter.name, &Counter::name);
  return found == section->counters.end() ? 0 : found->value;
}

/// What changed among the sections that were chosen.
void print_changes(Environment& env, const Request& request, Via via, const Statistics& before, const Statistics& after,
                   std::int64_t elapsed_ns) {
  std::vector<CounterSection> changed = differences(before.sections, after.sections);
  std::erase_if(changed, [&](const CounterSection& section) { return !is_selected(request, section); });
  if (request.view.json == JsonStyle::none) return print_differences(env.out, changed);
  JsonDocument document(env, request.view.json, "statistics_delta", via);
  for (const CounterSection& section : changed) {
    put_differences(document.begin(), section, elapsed_ns);
    document.end_element();
  }
  for (const Coverage& problem : after.problems) document.note(problem);
  document.end();
}

}  // namespace

std::int64_t delta_interval(std::string_view value) {
  if (value.empty()) return static_cast<std::int64_t>(kSecond);
  double seconds = 0;
  const char* const last = value.data() + value.size();
  const auto [end, error] = std::from_chars(value.data(), last, seconds, std::chars_format::fixed);
  if (error != std::errc() || end != last || !(seconds > 0 && seconds <= kLongest))
    throw UsageError(
        "--delta: \"" + std::string(value) + "\" is not a number of seconds, above 0 and at most 1000000", 2);
  return static_cast<std::int64_t>(seconds * kSecond);
}

std::vector<CounterSection> differences(const std::vector<CounterSection>& before,
                                        const std::vector<CounterSection>& after) {
  std::vector<CounterSection> changed;
  for (const CounterSection& section : after) {
    const CounterSection* former = section_of(before, section.name);
    CounterSection difference{section.name, {}};
    for (const Counter& counter : section.counters)
      if (const std::uint64_t by = counter.value - value_of(former, counter); by != 0)
        difference.counters.push_back({counter.name, by});
    if (!difference.counters.empty()) changed.push_back(std::move(difference));
  }
  return changed;
}

int print_delta(Environment& env, const Request& request, Via via) {
  constexpr int kFailure = 1;
  if (!has_statistics(request)) {
    env.err.line(no_statistics_text(request));
    return kFailure;
  }
  const InterruptibleSleep interruptible;
  Statistics before = read_statistics(env, request);
  for (std::int64_t start = env.clock.now_ns();;) {
    env.clock.sleep_ns(*request.delta_ns);
    const std::int64_t now = env.clock.now_ns();
    Statistics after = read_statistics(env, request);
    print_changes(env, request, via, before, after, now - start);
    const bool interrupted = now - start < *request.delta_ns;
    if (interrupted || !request.continuous || env.out.flush() != 0) return 0;
    before = std::move(after);
    start = now;
  }
}

}  // namespace duostat::netstat
