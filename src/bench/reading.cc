// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/bench/reading.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <span>

#include "src/bench/statistics.h"

namespace duostat::bench {
namespace {

using Sentences = std::vector<std::string>;

struct Unit {
  double size;
  std::string_view name;
};

std::string in_units(double value, std::span<const Unit> units) {
  for (const Unit& unit : units) {
    const double scaled = value / unit.size;
    if (std::abs(scaled) < 0.9995 && &unit != &units.back()) continue;
    const int digits = std::abs(scaled) < 9.995 ? 2 : std::abs(scaled) < 99.95 ? 1 : 0;
    return fmt::format("{:.{}f} {}", scaled, digits, unit.name);
  }
  return {};
}

std::string interval_text(const Summary& s) {
  return s.low ? fmt::format("95 % interval {:.2f} to {:.2f}", *s.low, *s.high) : "too few rounds for an interval";
}

/// Summary of the inverse ratio.
Summary inverse(const Summary& s) {
  Summary other = s;
  other.median = 1 / s.median;
  other.minimum = 1 / s.maximum, other.maximum = 1 / s.minimum;
  other.low = other.high = std::nullopt;
  if (s.low && s.high) other.low = 1 / *s.high, other.high = 1 / *s.low;
  return other;
}

const Ratio* ratio_of(const Size& size, Phase phase) {
  const auto at = std::ranges::find(size.ratios, phase, &Ratio::phase);
  return at == size.ratios.end() ? nullptr : &*at;
}

/// Compares processor times, which depend little on other processes.
void say_winner_by_cpu(const Size& size, const Ratio& ratio, Sentences& say) {
  const bool inverted = ratio.cpu.median < 1;
  const Summary factor = inverted ? inverse(ratio.cpu) : ratio.cpu;
  const auto [more, less] = inverted ? std::pair{Via::netlink, Via::procfs} : std::pair{Via::procfs, Via::netlink};
  say.push_back(
      fmt::format("With {} other processes were running, so processor time counts: {} took {:.2f} times that "
                  "of {} ({}).",
                  size_text(size), word_of(more), factor.median, word_of(less), interval_text(factor)));
}

void say_winner(const Size& size, Sentences& say) {
  const auto phase = whole(size);
  const Ratio* ratio = phase ? ratio_of(size, *phase) : nullptr;
  if (ratio == nullptr) return;
  if (is_busy(size)) return say_winner_by_cpu(size, *ratio, say);
  const double r = ratio->value.median;
  switch (ratio->verdict) {
    case Verdict::undecided:
      say.push_back(fmt::format(
          "With {} it is undecided which backend is faster: procfs took {:.2f} times as long as netlink ({}).",
          size_text(size), r, interval_text(ratio->value)));
      if (const Verdict cpu = verdict_of(ratio->cpu); cpu != Verdict::undecided)
        say.push_back(fmt::format(
            "In CPU time, which excludes waiting for other processes, procfs took {:.2f} times as much ({}).",
            ratio->cpu.median, interval_text(ratio->cpu)));
      break;
    case Verdict::slower:
      say.push_back(fmt::format("With {} procfs took {:.2f} times as long as netlink ({}).", size_text(size), r,
                                interval_text(ratio->value)));
      break;
    case Verdict::faster:
      say.push_back(fmt::format("With {} netlink took {:.2f} times as long as procfs ({}).", size_text(size), 1 / r,
                                interval_text(inverse(ratio->value))));
      break;
  }
}

/// The kernel's share of the whole, and what remains for a program. In processor time if say_winner() counts that.
void say_shares(const Size& size, Sentences& say) {
  const bool busy = is_busy(size);
  const auto phase = whole(size);
  if (!phase || *phase == Phase::floor) return;
  for (const Via backend : {Via::procfs, Via::netlink}) {
    const Measurement* floor = find(size, backend, Phase::floor);
    const Measurement* all = find(size, backend, *phase);
    if (floor == nullptr || all == nullptr || all->wall.median <= 0 || floor->samples.empty() || !floor->complete ||
        !all->complete)
      continue;
    const double part = busy ? floor->cpu.median : floor->wall.median;
    const double total = busy ? all->cpu.median : all->wall.median;
    if (total <= 0) continue;
    const std::string_view time = busy ? " of processor time" : "";
    const double share = part / total;
    if (share >= 0.995) {
      say.push_back(
          fmt::format("The kernel's share of {}'s {}{} cannot be told: reading the same bytes and discarding "
                      "them took {}, no less. Repeat it on an idle machine.",
                      word_of(backend), time_text(total), time, time_text(part)));
      continue;
    }
    say.push_back(fmt::format(
        "The kernel takes {2:.0f} % of {0}'s {1}{5}: reading the same bytes and discarding them takes {3}. The "
        "remaining {4:.0f} % is this program's.",
        word_of(backend), time_text(total), 100 * share, time_text(part), 100 * (1 - share), time));
  }
  const Ratio* floor = ratio_of(size, Phase::floor);
  if (floor == nullptr || (busy ? verdict_of(floor->cpu) : floor->verdict) == Verdict::undecided) return;
  const Summary& measured = busy ? floor->cpu : floor->value;
  const Summary factor = measured.median < 1 ? inverse(measured) : measured;
  say.push_back(fmt::format(
      "The interface alone accounts for a factor of {:.2f} ({}): any further difference between two programs "
      "comes from the programs.",
      factor.median, interval_text(factor)));
}

void say_growth(const Result& result, Sentences& say) {
  if (result.sizes.empty()) return;
  const auto phase = whole(result.sizes.front());
  for (const Fit& fit : result.fits) {
    if (phase && fit.phase != *phase) continue;
    const std::string_view manner = fit.exponent > 1.2 ? "faster than the number of sockets"
                                    : fit.exponent < 0.8
                                        ? "more slowly than the number of sockets: the fixed cost still matters"
                                        : "in proportion to the number of sockets";
    say.push_back(fmt::format(
        "{} costs {} plus {} per socket (straight line through {} sizes, relative error {:.1f} %); between the "
        "two largest sizes it grows {} (exponent {:.2f}).",
        word_of(fit.backend), time_text(std::max(0.0, fit.fixed)), time_text(fit.each), fit.points, 100 * fit.residual,
        manner, fit.exponent));
  }
}

void say_memory(const Result& result, Sentences& say) {
  if (result.sizes.size() < 2) return;
  const Size &least = result.sizes.front(), &greatest = result.sizes.back();
  const auto phase = whole(least);
  for (const Via backend : result.options.backends) {
    const Measurement* a = phase ? find(least, backend, *phase) : nullptr;
    const Measurement* b = phase ? find(greatest, backend, *phase) : nullptr;
    if (a == nullptr || b == nullptr || !a->complete || !b->complete || !a->sockets || !b->sockets ||
        *b->sockets <= *a->sockets)
      continue;
    const double growth = (static_cast<double>(b->own_memory) - static_cast<double>(a->own_memory)) /
                          static_cast<double>(*b->sockets - *a->sockets) * 1000;
    say.push_back(fmt::format(
        "An answer by {} took {} of memory at the smallest size and {} at the largest: {} more per 1,000 sockets.",
        word_of(backend), bytes_text(static_cast<double>(a->own_memory)),
        bytes_text(static_cast<double>(b->own_memory)), bytes_text(std::max(0.0, growth))));
  }
}

void say_churn(const Result& result, Sentences& say) {
  for (const Churn& c : result.churn) {
    if (c.dumps == 0) continue;
    say.push_back(fmt::format(
        "While {} connections per second were opened and closed, {} dumps by {} missed {} and repeated {} of {} stable "
        "sockets; {} rows were torn and {} contradictory. {} rows were of connections closed before the dump ended, "
        "the oldest by {} (a dump took {}).",
        rate_text(c.rate_done), count_text(c.dumps), word_of(c.backend), count_text(c.missed), count_text(c.twice),
        count_text(c.stable * c.dumps), count_text(c.torn), count_text(c.contradictory), count_text(c.gone),
        time_text(c.oldest_row), time_text(c.duration.median)));
  }
}

}  // namespace

std::vector<Part> parts_of(const Size& size, Via backend) {
  std::vector<Part> parts;
  double before = 0;
  for (const Measurement& m : size.measurements) {
    if (m.backend != backend || m.samples.empty()) continue;
    if (!m.complete) return {};
    parts.push_back({m.phase, m.wall.median - before});
    before = m.wall.median;
  }
  return parts;
}

bool is_busy(const Size& size) {
  constexpr double kWaited = 1.5;
  const auto phase = whole(size);
  return phase && std::ranges::any_of(size.measurements, [&](const Measurement& m) {
           return m.phase == *phase && m.cpu.median > 0 && m.wall.median > kWaited * m.cpu.median;
         });
}

std::string name_of_part(const std::vector<Part>& parts, std::size_t index) {
  const Phase phase = parts[index].phase;
  if (index != 0 || phase == Phase::floor) return std::string(row_of(phase).part);
  return phase == Phase::model ? "kernel, parsing and model" : std::string(row_of(phase).id);
}

std::string time_text(double nanoseconds) {
  if (nanoseconds == 0) return "0 ns";
  constexpr Unit kUnits[] = {{1e9, "s"}, {1e6, "ms"}, {1e3, "us"}, {1, "ns"}};
  return in_units(nanoseconds, kUnits);
}

std::string bytes_text(double bytes) {
  constexpr Unit kUnits[] = {{1 << 30, "GiB"}, {1 << 20, "MiB"}, {1 << 10, "KiB"}, {1, "bytes"}};
  return bytes < 1024 ? fmt::format("{:.0f} bytes", bytes) : in_units(bytes, kUnits);
}

std::string rate_text(double rate) { return fmt::format("{:.{}f}", rate, rate < 10 ? 1 : 0); }

std::string count_text(std::uint64_t count) {
  const std::string digits = std::to_string(count);
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i != 0 && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

std::string size_text(const Size& size) {
  const Measurement* m = nullptr;
  for (const Via backend : {Via::netlink, Via::procfs})
    if (const Measurement* found = find(size, backend, Phase::model); found != nullptr && !found->samples.empty())
      m = found;
  const std::string name = size.connections ? count_text(*size.connections) + " connections" : "this host's sockets";
  if (m == nullptr || !m->sockets) return name;
  return fmt::format("{} ({}{})", name, count_text(*m->sockets), size.connections ? " sockets" : "");
}

std::vector<std::string> reading_of(const Result& result) {
  Sentences say;
  if (result.interrupted) say.emplace_back("The run was interrupted: these are the measurements until then.");
  else if (result.partial) say.emplace_back("The run is partial: some requested measurements could not be made.");
  for (const Size& size : result.sizes) say_winner(size, say);
  if (!result.sizes.empty()) say_shares(result.sizes.back(), say);
  say_growth(result, say);
  say_memory(result, say);
  say_churn(result, say);
  if (!result.noise.empty()) {
    const std::size_t wide = result.noise.size();
    say.push_back(fmt::format("{} a wide 95 % interval, up to ±{:.0f} %: rerun on an idle machine.",
                              wide == 1 ? "One median has" : fmt::format("{} medians have", wide),
                              100 * std::ranges::max(result.noise, {}, &Noise::spread).spread));
  }
  return say;
}

}  // namespace duostat::bench
