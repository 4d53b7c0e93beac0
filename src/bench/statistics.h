// Medians, their intervals, paired ratios and the straight line: what may be concluded from rounds.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>
#include <span>

#include "src/bench/result.h"

namespace duostat::bench {

/// Which order statistics bound the median, counted from 1: the `rank`-th smallest and the `rank`-th greatest of `count`
/// values, and how often that interval holds the true median (sign test: the number of values below it is binomial with
/// p = 1/2, whatever the distribution, if it is continuous). The narrowest interval with at least 95 %; none below 6.
struct MedianInterval {
  std::size_t rank;
  double coverage;
};
std::optional<MedianInterval> median_interval(std::size_t count);

/// Of no values: count 0 and zeros.
Summary summarise(std::span<const double> values);

/// a[i] / b[i], summarised: both of a pair were measured in one round, so that what slowed the machine down then slowed both.
/// Pairs beyond the shorter span and pairs with a zero are left out.
Summary paired_ratio(std::span<const double> a, std::span<const double> b);

/// Undecided unless the whole interval lies on one side of 1.
Verdict verdict_of(const Summary& ratio);

/// time = fixed + each * count with the least sum of squared *relative* errors: a size of 100 weighs as much as one of 10,000,
/// where the plain errors would leave the fixed cost to chance.
struct Line {
  double fixed, each;
  double residual;  ///< root mean square of the relative errors
};
/// None for fewer than two different counts, or a time that is not above 0.
std::optional<Line> fit_line(std::span<const double> counts, std::span<const double> times);

}  // namespace duostat::bench
