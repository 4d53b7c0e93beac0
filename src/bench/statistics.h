// Statistics over rounds: medians and their intervals, paired ratios, and fitting a straight line.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>
#include <span>

#include "src/bench/result.h"

namespace duostat::bench {

/// The order statistics that bound the median, counted from 1: the `rank`-th smallest and the `rank`-th largest of
/// `count` values, and the probability that this interval contains the true median (sign test: the number of values
/// below it is binomial with p = 1/2, for any continuous distribution). The narrowest interval with at least 95 %; none
/// below 6 values.
struct MedianInterval {
  std::size_t rank;
  double coverage;
};
std::optional<MedianInterval> median_interval(std::size_t count);

/// For no values: count 0 and zeros.
Summary summarise(std::span<const double> values);

/// Summary of a[i] / b[i]: both of a pair were measured in one round, so a disturbance affected both. Pairs beyond the
/// shorter span and pairs with a zero are left out.
Summary paired_ratio(std::span<const double> a, std::span<const double> b);

/// Undecided unless the whole interval is on one side of 1.
Verdict verdict_of(const Summary& ratio);

/// time = fixed + each * count with the least sum of squared *relative* errors: a size of 100 has the same weight as
/// one of 10,000, whereas plain errors would leave the fixed cost to chance.
struct Line {
  double fixed, each;
  double residual;  ///< root mean square of the relative errors
};
/// nullopt for fewer than two different counts, or a time that is not above 0.
std::optional<Line> fit_line(std::span<const double> counts, std::span<const double> times);

}  // namespace duostat::bench
