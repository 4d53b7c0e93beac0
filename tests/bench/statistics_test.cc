// The statistics of the benchmark, tested with known distributions.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/bench/statistics.h"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <functional>
#include <numeric>
#include <random>
#include <vector>

using namespace duostat::bench;

namespace {

using Random = std::mt19937_64;

/// Numbers between 0 and 1, without the ends; the same with every standard library.
double uniform(Random& random) { return (static_cast<double>(random() >> 11) + 0.5) / 9007199254740992.0; }

struct Distribution {
  const char* name;
  double median;
  double (*draw)(Random&);
};
const Distribution kDistributions[] = {
    {"uniform", 0.5, uniform},
    {"exponential", std::log(2.0), [](Random& r) { return -std::log(uniform(r)); }},
    {"two humps, as a machine with two clock rates", 2,
     [](Random& r) { const double u = uniform(r); return u < 0.5 ? 1 + u : 2 + u; }},
    {"Cauchy, which has no mean", 0, [](Random& r) { return std::tan(3.14159265358979 * (uniform(r) - 0.5)); }},
};

std::vector<double> sample(const Distribution& d, std::size_t count, Random& random) {
  std::vector<double> values(count);
  for (double& v : values) v = d.draw(random);
  return values;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(bench_statistics)

BOOST_AUTO_TEST_CASE(median_and_extremes) {
  const double odd[] = {5, 1, 3}, even[] = {4, 1, 3, 2};
  BOOST_CHECK_EQUAL(summarise(odd).median, 3);
  BOOST_CHECK_EQUAL(summarise(even).median, 2.5);
  BOOST_CHECK_EQUAL(summarise(even).minimum, 1);
  BOOST_CHECK_EQUAL(summarise(even).maximum, 4);
  BOOST_CHECK_EQUAL(summarise({}).count, 0u);
}

// The ranks as in published tables of the sign test for the median at 95 %.
BOOST_AUTO_TEST_CASE(ranks_of_the_interval) {
  for (std::size_t count = 0; count < 6; ++count) BOOST_CHECK(!median_interval(count));
  const std::pair<std::size_t, std::size_t> table[] = {{6, 1},  {8, 1},  {9, 2},   {11, 2},  {12, 3},
                                                       {15, 4}, {20, 6}, {30, 10}, {50, 18}, {100, 40}};
  for (const auto& [count, rank] : table) {
    const auto interval = median_interval(count);
    BOOST_REQUIRE(interval);
    BOOST_CHECK_EQUAL(interval->rank, rank);
    BOOST_CHECK_GE(interval->coverage, 0.95);
  }
  BOOST_CHECK_CLOSE(median_interval(6)->coverage, 1 - 2.0 / 64, 1e-9);
  BOOST_CHECK_CLOSE(median_interval(9)->coverage, 1 - 2.0 * 10 / 512, 1e-9);
  // 2^-10000 does not fit a double.
  const auto many = median_interval(10'000);
  BOOST_REQUIRE(many);
  BOOST_CHECK(many->coverage >= 0.95 && many->coverage < 0.96);
  BOOST_CHECK_EQUAL(many->rank, 4902u);
}

// Over 4,000 samples of each distribution the interval must contain the median as often as stated: three standard
// errors are one percent.
BOOST_AUTO_TEST_CASE(coverage_by_simulation) {
  constexpr int kTrials = 4000;
  Random random(20240607);
  for (const Distribution& d : kDistributions) {
    for (const std::size_t count : {6, 15, 40}) {
      int held = 0;
      double claimed = 0;
      for (int i = 0; i < kTrials; ++i) {
        const Summary s = summarise(sample(d, count, random));
        BOOST_REQUIRE(s.low && s.high && s.coverage);
        BOOST_REQUIRE(*s.low <= s.median && s.median <= *s.high);
        held += *s.low <= d.median && d.median <= *s.high;
        claimed = *s.coverage;
      }
      BOOST_TEST_CONTEXT(d.name << ", " << count) BOOST_CHECK_SMALL(held / double{kTrials} - claimed, 0.0105);
    }
  }
}

// A disturbance of a whole round cancels out in the ratio.
BOOST_AUTO_TEST_CASE(pairs_cancel_what_they_share) {
  Random random(7);
  std::vector<double> a, b;
  for (int i = 0; i < 15; ++i) {
    const double weather = 1 + 10 * uniform(random);
    a.push_back(200 * weather);
    b.push_back(100 * weather);
  }
  const Summary ratio = paired_ratio(a, b);
  BOOST_CHECK_CLOSE(*ratio.low, 2.0, 1e-9);
  BOOST_CHECK_CLOSE(*ratio.high, 2.0, 1e-9);
  BOOST_CHECK(verdict_of(ratio) == Verdict::slower);
  BOOST_CHECK(verdict_of(paired_ratio(b, a)) == Verdict::faster);
  const double zero[] = {0, 1, 1}, some[] = {1, 0, 2};
  BOOST_CHECK_EQUAL(paired_ratio(zero, some).count, 1u);
}

// Two backends with equal cost are reported as different in at most the five percent that the interval allows.
BOOST_AUTO_TEST_CASE(equal_things_are_undecided) {
  constexpr int kTrials = 4000;
  Random random(99);
  int decided = 0;
  for (int i = 0; i < kTrials; ++i) {
    std::vector<double> a, b;
    for (int k = 0; k < 15; ++k) a.push_back(1 - std::log(uniform(random))), b.push_back(1 - std::log(uniform(random)));
    decided += verdict_of(paired_ratio(a, b)) != Verdict::undecided;
  }
  BOOST_CHECK_LT(decided, kTrials * 0.05);
  BOOST_CHECK_GT(decided, 0);
}

BOOST_AUTO_TEST_CASE(too_few_rounds_decide_nothing) {
  const double a[] = {10, 11, 12, 13, 14}, b[] = {1, 1, 1, 1, 1};
  BOOST_CHECK(verdict_of(paired_ratio(a, b)) == Verdict::undecided);
}

BOOST_AUTO_TEST_CASE(line_through_exact_points) {
  const double counts[] = {100, 500, 1000, 10'000};
  std::vector<double> times;
  for (const double n : counts) times.push_back(250'000 + 750 * n);
  const auto line = fit_line(counts, times);
  BOOST_REQUIRE(line);
  BOOST_CHECK_CLOSE(line->fixed, 250'000, 1e-6);
  BOOST_CHECK_CLOSE(line->each, 750, 1e-6);
  BOOST_CHECK_SMALL(line->residual, 1e-9);
}

// Errors in proportion to the time, as on real machines: the fit finds both numbers, and the residual is the size of
// the errors.
BOOST_AUTO_TEST_CASE(line_through_noise) {
  Random random(5);
  const double counts[] = {100, 200, 500, 1000, 2000, 5000, 10'000, 20'000, 50'000, 100'000};
  double fixed = 0, each = 0, residual = 0;
  constexpr int kTrials = 500;
  for (int i = 0; i < kTrials; ++i) {
    std::vector<double> times;
    for (const double n : counts) times.push_back((100'000 + 1000 * n) * (0.95 + 0.1 * uniform(random)));
    const auto line = fit_line(counts, times);
    BOOST_REQUIRE(line);
    fixed += line->fixed / kTrials, each += line->each / kTrials, residual += line->residual / kTrials;
  }
  BOOST_CHECK_CLOSE(fixed, 100'000, 2.0);
  BOOST_CHECK_CLOSE(each, 1000, 1.0);
  BOOST_CHECK_CLOSE(residual, 0.05 / std::sqrt(3.0), 15.0);  // two of ten points are used up by the line
}

BOOST_AUTO_TEST_CASE(a_parabola_is_no_line) {
  const double counts[] = {100, 1000, 10'000};
  std::vector<double> times;
  for (const double n : counts) times.push_back(n * n);
  const auto line = fit_line(counts, times);
  BOOST_REQUIRE(line);
  BOOST_CHECK_GT(line->residual, 0.3);
}

BOOST_AUTO_TEST_CASE(no_line) {
  const double same[] = {100, 100, 100}, times[] = {1, 2, 3}, two[] = {1, 2}, zero[] = {0, 1};
  BOOST_CHECK(!fit_line(same, times));
  BOOST_CHECK(!fit_line(std::span(same, 1), times));
  BOOST_CHECK(!fit_line(two, zero));
  BOOST_CHECK(!fit_line({}, {}));
}

BOOST_AUTO_TEST_SUITE_END()
