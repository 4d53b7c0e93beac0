// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/bench/bench.h"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <optional>
#include <span>

#include "src/base/error.h"
#include "src/bench/churn.h"
#include "src/bench/generator.h"
#include "src/bench/machine.h"
#include "src/bench/measure.h"
#include "src/bench/programs.h"
#include "src/bench/reading.h"
#include "src/bench/statistics.h"
#include "src/collect/host.h"

namespace duostat::bench {
namespace {

constexpr double kNoisy = 0.10;         ///< half width of a median's interval, relative to the median
constexpr double kShareSeconds = 0.25;  ///< minimum CPU time for separating user and system mode
constexpr std::uint32_t kChurnDumps = 10;  ///< dumps per round asked

/// The remaining time.
class Budget {
 public:
  Budget(Clock& clock, double seconds) : clock_(clock), start_(clock.now_ns()), seconds_(seconds) {}
  double used() const { return static_cast<double>(clock_.now_ns() - start_) / 1e9; }
  double left() const { return std::max(0.0, seconds_ - used()); }

 private:
  Clock& clock_;
  std::int64_t start_;
  double seconds_;
};

/// One backend and phase while it is measured.
struct Place {
  Measurement measurement;
  Work work;
};

/// One source of owners and step while it is measured.
struct OwnerPlace {
  OwnerCost cost;
  Work work;
};

template <class Measured>
std::vector<double> column(const Measured& m, double Sample::*member) {
  std::vector<double> values;
  for (const Sample& sample : m.samples) values.push_back(sample.*member);
  return values;
}

std::uint64_t whole_median(std::span<const double> values) {
  return static_cast<std::uint64_t>(std::llround(summarise(values).median));
}

void conclude(Measurement& m) {
  m.wall = summarise(column(m, &Sample::wall));
  m.cpu = summarise(column(m, &Sample::cpu));
  std::vector<double> first, each, sockets, memory;
  for (const Sample& sample : m.samples) {
    if (sample.first) first.push_back(*sample.first);
    if (sample.sockets) sockets.push_back(static_cast<double>(*sample.sockets));
    if (sample.sockets.value_or(0) != 0) each.push_back(sample.wall / sockets.back());
    memory.push_back(static_cast<double>(sample.own_memory));
    m.peak_memory = std::max(m.peak_memory, sample.peak_memory);
  }
  if (!first.empty()) m.first = summarise(first);
  if (!each.empty()) m.ns_per_socket = summarise(each);
  if (!sockets.empty()) m.sockets = whole_median(sockets);
  m.own_memory = whole_median(memory);
}

void conclude(OwnerCost& cost) {
  cost.wall = summarise(column(cost, &Sample::wall));
  cost.cpu = summarise(column(cost, &Sample::cpu));
  std::vector<double> descriptors, memory;
  for (const Sample& sample : cost.samples) {
    if (sample.sockets) descriptors.push_back(static_cast<double>(*sample.sockets));
    memory.push_back(static_cast<double>(sample.own_memory));
  }
  if (!descriptors.empty()) cost.descriptors = whole_median(descriptors);
  cost.own_memory = whole_median(memory);
}

/// One run, from its first size to its last.
class Run {
 public:
  Run(Environment& env, Interrupt& interrupt, const Options& options, const Render& render, const Progress& progress)
      : env_(env), interrupt_(interrupt), options_(options), render_(render), progress_(progress),
        budget_(env.clock, options.seconds) {
    result_.options = options;
    result_.time = duostat::time_text(wall_time_ns(env));
    result_.machine = describe_machine(env);
    result_.command.assign(env.command.begin(), env.command.end());
  }

  Result whole() {
    if (!options_.connections.empty()) {
      enter_private_network();
      connections_.emplace(interrupt_);
    }
    sizes();
    if (options_.churn && !stopped()) churn();
    if (options_.compare && !stopped()) compare();
    fits();
    noise();
    ending();
    return std::move(result_);
  }

 private:
  bool stopped() { return interrupt_.raised(); }

  void tell(const std::string& step) {
    progress_(fmt::format("{}; at most {:.0f} s left", step, std::max(0.0, budget_.left())));
  }

  void warn(std::string text) { result_.warnings.push_back(std::move(text)); }
  /// Reports an incomplete answer, once for all of them.
  void note(const std::string& problem) {
    broken_ = true;
    if (std::ranges::find(result_.warnings, problem) == result_.warnings.end()) warn(problem);
  }

  void sizes() {
    const std::size_t steps = std::max<std::size_t>(options_.connections.size(), 1);
    for (std::size_t i = 0; i < steps && !stopped(); ++i) {
      Size size;
      size.rounds_asked = options_.rounds;
      if (connections_ && !grow(size, options_.connections[i])) return;
      // The remaining sizes, churn and comparison share the remaining time.
      const std::size_t others = steps - i - 1 + (options_.churn ? 1 : 0) + (options_.compare ? 1 : 0);
      measure(size, budget_.left() / static_cast<double>(others + 1));
      result_.sizes.push_back(std::move(size));
      if (options_.compare && options_.connections.size() > 1) compare();
    }
  }

  bool grow(Size& size, std::uint64_t connections) {
    tell(fmt::format("making {} connections", count_text(connections)));
    const double before = budget_.used();
    size.connections = connections;
    if (const int error = connections_->grow_to(connections)) {
      if (error != EINTR)
        warn(fmt::format("Opening {} connections failed: {}.", count_text(connections), error_text(error)));
      return false;
    }
    size.setup = (budget_.used() - before) * 1e9;
    return true;
  }

  static std::string name(const Size& size) {
    return size.connections ? count_text(*size.connections) + " connections" : "this host's sockets";
  }

  void measure(Size& size, double seconds) {
    const Budget budget(env_.clock, seconds);
    const Workshop workshop(env_, options_, render_);
    std::vector<Place> places;
    for (const Phase phase : workshop.phases())
      for (const Via backend : options_.backends)
        places.push_back({{.backend = backend, .phase = phase}, workshop.work(backend, phase)});
    std::vector<OwnerPlace> owners;
    for (const OwnersFrom source : options_.owners)
      for (const OwnerStep step : Workshop::steps(source))
        owners.push_back({{.source = source, .step = step}, workshop.work(source, step)});
    const bool warm = round(places, std::nullopt, name(size) + ", warm-up") && round(owners, std::nullopt);
    while (warm && size.rounds_done < options_.rounds && (size.rounds_done == 0 || budget.left() > 0)) {
      if (!round(places, size.rounds_done,
                 fmt::format("{}, round {} of {}", name(size), size.rounds_done + 1, options_.rounds)) ||
          !round(owners, size.rounds_done))
        break;
      ++size.rounds_done;
    }
    for (Place& place : places) {
      if (!stopped()) apart(place, name(size), seconds / static_cast<double>(places.size()));
      conclude(place.measurement);
      if (!place.measurement.samples.empty()) finish_split(place.measurement);
      size.measurements.push_back(std::move(place.measurement));
    }
    for (OwnerPlace& place : owners) {
      conclude(place.cost);
      size.owners.push_back(std::move(place.cost));
    }
    compare_backends(size, workshop.phases());
  }

  /// Measures every place once, in alternation. `number` is absent for the warm-up, whose samples are discarded. False
  /// after a signal.
  bool round(std::vector<Place>& places, std::optional<std::uint32_t> number, const std::string& what) {
    tell(what);
    for (Place& place : places) {
      auto taken = take(interrupt_, env_.clock, place.work);
      if (!taken) return false;
      if (!taken->problem.empty()) {
        note(fmt::format("{}: {}", word_of(place.measurement.backend), taken->problem));
        place.measurement.complete = false;
        if (taken->sample.sockets == 0u) taken->sample.sockets.reset();  // a refused answer has no count
      }
      if (!number) continue;
      taken->sample.round = *number;
      place.measurement.samples.push_back(taken->sample);
    }
    return true;
  }

  /// The same for the sources of owners.
  bool round(std::vector<OwnerPlace>& places, std::optional<std::uint32_t> number) {
    for (OwnerPlace& place : places) {
      auto taken = take(interrupt_, env_.clock, place.work);
      if (!taken) return false;
      if (!taken->problem.empty()) {
        note(taken->problem);
        place.cost.complete = false;
      }
      if (!number) continue;
      taken->sample.round = *number;
      place.cost.samples.push_back(taken->sample);
    }
    return true;
  }

  /// Takes the counts that need separate runs.
  void apart(Place& place, const std::string& what, double seconds) {
    Measurement& m = place.measurement;
    tell(fmt::format("{}, counting: {} {}", what, word_of(m.backend), row_of(m.phase).id));
    const Counted counted = count(interrupt_, place.work);
    m.system_calls = counted.system_calls;
    m.bytes = counted.bytes;
    if (!stopped()) m.user = user_share(interrupt_, place.work, std::min(kShareSeconds, seconds / 8));
  }

  /// Until here `user` is a share.
  static void finish_split(Measurement& m) {
    if (!m.user) return;
    const double share = *m.user;
    m.user = m.cpu.median * share;
    m.system = m.cpu.median * (1 - share);
  }

  void compare_backends(Size& size, const std::vector<Phase>& phases) {
    for (const Phase phase : phases) {
      const Measurement* a = find(size, Via::procfs, phase);
      const Measurement* b = find(size, Via::netlink, phase);
      if (a == nullptr || b == nullptr) return;
      if (!a->complete || !b->complete) continue;  // a refusal is fast
      Ratio ratio{phase, paired_ratio(column(*a, &Sample::wall), column(*b, &Sample::wall)), {},
                  paired_ratio(column(*a, &Sample::cpu), column(*b, &Sample::cpu))};
      if (ratio.value.count == 0) continue;
      ratio.verdict = verdict_of(ratio.value);
      size.ratios.push_back(ratio);
    }
  }

  void churn() {
    tell(fmt::format("opening and closing {} connections a second", *options_.churn));
    int error = 0;
    const Budget budget(env_.clock, budget_.left() / (options_.compare && result_.programs.empty() ? 2 : 1));
    result_.churn = measure_churn(env_, interrupt_, options_.backends, *options_.churn, options_.rounds * kChurnDumps,
                                  [&] { return budget.left() > 0; }, error);
    if (error != 0) {
      warn(fmt::format("Opening and closing connections stopped early: {}.", error_text(error)));
      broken_ = true;
    }
    for (const Churn& churn : result_.churn) fewer_ = fewer_ || churn.dumps < options_.rounds * kChurnDumps;
    for (const Churn& churn : result_.churn)
      if (churn.dumps != 0 && churn.rate_done == 0) {
        warn(fmt::format(
            "Fewer than two connections were opened and closed during the dumps: {} per second need more time.",
            churn.rate_asked));
        break;
      } else if (churn.rate_done < 0.9 * churn.rate_asked && churn.dumps != 0) {
        warn(fmt::format("The machine reached {:.0f} connections per second, not {:.0f}.", churn.rate_done,
                         churn.rate_asked));
        break;
      }
  }

  /// Compares at the last size; only one if there is only one.
  void compare() {
    const bool every_size = options_.connections.size() > 1;
    if (every_size && !result_.programs.empty() && result_.programs.back().connections == last_connections()) return;
    tell("whole programs");
    auto programs = find_programs(env_.variables, options_, interrupt_);
    const double seconds =
        every_size ? options_.seconds / static_cast<double>(2 * options_.connections.size()) : budget_.left();
    for (Program& program : programs) program.connections = last_connections();
    time_programs(programs, interrupt_, options_.rounds, seconds);
    std::ranges::move(programs, std::back_inserter(result_.programs));
  }
  std::optional<std::uint64_t> last_connections() const {
    return result_.sizes.empty() ? std::nullopt : result_.sizes.back().connections;
  }

  void fits() {
    if (result_.sizes.empty()) return;
    for (const Measurement& kind : result_.sizes.front().measurements) {
      std::vector<double> counts, times;
      for (const Size& size : result_.sizes) {
        const Measurement* m = find(size, kind.backend, kind.phase);
        // The floor measurement has no socket count; use the model's.
        const Measurement* counted = find(size, kind.backend, Phase::model);
        if (m == nullptr || counted == nullptr || m->samples.empty() || !m->complete ||
            counted->sockets.value_or(0) == 0)
          continue;
        counts.push_back(static_cast<double>(*counted->sockets));
        times.push_back(m->wall.median);
      }
      const std::size_t n = counts.size();
      constexpr std::size_t kLeast = 3;  // a straight line goes through any two
      const auto line = n < kLeast ? std::nullopt : fit_line(counts, times);
      if (!line) continue;
      const double exponent = std::log(times[n - 1] / times[n - 2]) / std::log(counts[n - 1] / counts[n - 2]);
      result_.fits.push_back({kind.backend, kind.phase, n, line->fixed, line->each, line->residual, exponent});
    }
  }

  void noise() {
    for (const Size& size : result_.sizes) {
      for (const Measurement& m : size.measurements) {
        if (!m.wall.low || m.wall.median <= 0) continue;
        const double spread = (*m.wall.high - *m.wall.low) / 2 / m.wall.median;
        if (spread > kNoisy) result_.noise.push_back({size.connections, m.backend, m.phase, spread});
      }
      for (const Ratio& ratio : size.ratios) {
        if (ratio.verdict != Verdict::undecided) continue;
        if (!ratio.value.low)
          warn(fmt::format("{}, {}: {} rounds are too few to decide; at least six are needed.", name(size),
                           row_of(ratio.phase).id, ratio.value.count));
        else if (*ratio.value.high - *ratio.value.low > 2 * kNoisy)
          warn(fmt::format("{}, {}: undecided because the rounds vary too much; use more rounds or an idle machine.",
                           name(size), row_of(ratio.phase).id));
      }
    }
    if (result_.machine.load && result_.machine.cores != 0 && *result_.machine.load > result_.machine.cores)
      warn(fmt::format("The machine was busy before the run began: load {:.2f} on {} cores.", *result_.machine.load,
                       result_.machine.cores));
  }

  void ending() {
    result_.seconds = budget_.used();
    result_.interrupted = stopped();
    const std::size_t steps = std::max<std::size_t>(options_.connections.size(), 1);
    for (const Size& size : result_.sizes) fewer_ = fewer_ || size.rounds_done < size.rounds_asked;
    if (fewer_ && !result_.interrupted)
      warn(
          fmt::format("The time limit of {:.0f} s ended the run before all rounds were done; --time sets a longer one.",
                      options_.seconds));
    result_.partial = result_.interrupted || broken_ || fewer_ || result_.sizes.size() < steps;
  }

  Environment& env_;
  Interrupt& interrupt_;
  const Options& options_;
  const Render& render_;
  const Progress& progress_;
  Budget budget_;
  Result result_;
  bool fewer_ = false;   ///< fewer rounds than asked for
  bool broken_ = false;  ///< part of the request could not be completed
  std::optional<Connections> connections_;
};

}  // namespace

void check(const Environment& env, const Options& options) {
  if (env.proc.given() || env.variables.has("TCPDIAG_FILE"))
    throw UsageError("PROC_ROOT or TCPDIAG_FILE is set: a benchmark measures this kernel, not a recording");
  tables_of(options.query);
  for (const std::uint64_t connections : options.connections) check_connections(env.proc, connections);
}

Result run(Environment& env, Interrupt& interrupt, const Options& options, const Render& render,
           const Progress& progress) {
  return Run(env, interrupt, options, render, progress).whole();
}

}  // namespace duostat::bench
