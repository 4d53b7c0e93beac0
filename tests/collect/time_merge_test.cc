// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/collect/time_merge.h"

#include <boost/test/unit_test.hpp>
#include <vector>

using namespace duostat;

namespace {

constexpr std::int64_t kMs = 1'000'000;
using Merge = TimeMerge<int>;

std::vector<int> passed(Merge& merge, std::int64_t now_ms) {
  std::vector<int> list;
  merge.flush(now_ms * kMs, [&](int&& n) { list.push_back(n); });
  return list;
}
std::vector<int> all(Merge& merge) {
  std::vector<int> list;
  merge.flush_all([&](int&& n) { list.push_back(n); });
  return list;
}
using List = std::vector<int>;

}  // namespace

BOOST_AUTO_TEST_SUITE(time_merge)

BOOST_AUTO_TEST_CASE(order_within_the_window) {
  Merge merge;
  merge.add(1000 * kMs, 1);
  merge.add(1020 * kMs, 2);
  merge.add(1010 * kMs, 3);  // another buffer, read later
  merge.add(1010 * kMs, 4);
  BOOST_TEST((passed(merge, 1099) == List{}));
  BOOST_TEST((passed(merge, 1110) == List{1, 3, 4}));
  BOOST_TEST(merge.late() == 0u);
  BOOST_TEST((all(merge) == List{2}));
  BOOST_TEST(merge.empty());
}

BOOST_AUTO_TEST_CASE(too_late_is_counted_and_not_lost) {
  Merge merge;
  merge.add(1000 * kMs, 1);
  BOOST_TEST((passed(merge, 1100) == List{1}));
  merge.add(990 * kMs, 2);
  merge.add(1000 * kMs, 3);  // of the same time: in order
  BOOST_TEST(merge.late() == 1u);
  BOOST_TEST((passed(merge, 1100) == List{2, 3}));
}

BOOST_AUTO_TEST_SUITE_END()
