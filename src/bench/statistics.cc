// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/bench/statistics.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace duostat::bench {
namespace {

constexpr double kConfidence = 0.95;

/// The values must be ascending.
double median_of(std::span<const double> sorted) {
  const std::size_t half = sorted.size() / 2;
  return sorted.size() % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

}  // namespace

std::optional<MedianInterval> median_interval(std::size_t count) {
  // P(exactly k of `count` values are below the median), in logarithms because 2^-count alone would underflow.
  const double n = static_cast<double>(count);
  double log_choose = 0, below = 0;
  std::optional<MedianInterval> best;
  for (std::size_t rank = 1; 2 * rank <= count; ++rank) {
    below += std::exp(log_choose - n * std::log(2.0));  // now P(fewer than `rank` below)
    const double coverage = 1 - 2 * below;
    if (coverage < kConfidence) break;
    best = MedianInterval{rank, coverage};
    const double k = static_cast<double>(rank);
    log_choose += std::log((n - k + 1) / k);
  }
  return best;
}

Summary summarise(std::span<const double> values) {
  Summary summary;
  summary.count = values.size();
  if (values.empty()) return summary;
  std::vector<double> sorted(values.begin(), values.end());
  std::ranges::sort(sorted);
  summary.median = median_of(sorted);
  summary.minimum = sorted.front();
  summary.maximum = sorted.back();
  if (const auto interval = median_interval(sorted.size())) {
    summary.low = sorted[interval->rank - 1];
    summary.high = sorted[sorted.size() - interval->rank];
    summary.coverage = interval->coverage;
  }
  return summary;
}

Summary paired_ratio(std::span<const double> a, std::span<const double> b) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
    if (a[i] > 0 && b[i] > 0) ratios.push_back(a[i] / b[i]);
  return summarise(ratios);
}

Verdict verdict_of(const Summary& ratio) {
  if (!ratio.low || !ratio.high) return Verdict::undecided;
  return *ratio.low > 1 ? Verdict::slower : *ratio.high < 1 ? Verdict::faster : Verdict::undecided;
}

std::optional<Line> fit_line(std::span<const double> counts, std::span<const double> times) {
  // Dividing each equation by its time makes the errors relative: 1 = fixed * (1/t) + each * (n/t).
  double uu = 0, uv = 0, vv = 0, u1 = 0, v1 = 0;
  const std::size_t n = std::min(counts.size(), times.size());
  for (std::size_t i = 0; i < n; ++i) {
    if (!(times[i] > 0)) return std::nullopt;
    const double u = 1 / times[i], v = counts[i] / times[i];
    uu += u * u, uv += u * v, vv += v * v, u1 += u, v1 += v;
  }
  const double determinant = uu * vv - uv * uv;
  if (n < 2 || !(determinant > 1e-12 * uu * vv)) return std::nullopt;
  Line line{(u1 * vv - v1 * uv) / determinant, (uu * v1 - uv * u1) / determinant, 0};
  double squares = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double error = (line.fixed + line.each * counts[i]) / times[i] - 1;
    squares += error * error;
  }
  line.residual = std::sqrt(squares / static_cast<double>(n));
  return line;
}

}  // namespace duostat::bench
