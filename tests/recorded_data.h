// Recorded binary data (netlink dumps, BPF values) come from a little-endian machine.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <bit>
#include <boost/test/unit_test.hpp>

namespace duostat {

/// Skips a case that reads them on big-endian machines, or if `condition` is false: BOOST_AUTO_TEST_CASE(name,
/// *little_endian_data()). Boost allows one such decorator per case.
template <bool condition = true>
auto little_endian_data() {
  return boost::unit_test::enable_if<condition && std::endian::native == std::endian::little>();
}

}  // namespace duostat
