// Recorded binary data (netlink dumps, BPF values) are those of a little-endian machine.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <bit>
#include <boost/test/unit_test.hpp>

namespace duostat {

/// Skips a case that reads them on the other byte order, or where `condition` is not fulfilled:
/// BOOST_AUTO_TEST_CASE(name, *little_endian_data()). Boost allows a case one such decorator.
template <bool condition = true>
auto little_endian_data() {
  return boost::unit_test::enable_if<condition && std::endian::native == std::endian::little>();
}

}  // namespace duostat
