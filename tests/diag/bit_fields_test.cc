// Bit-fields and bitmaps as kernels of both byte orders send them, decoded on this machine.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/diag/bit_fields.h"

#include <array>
#include <boost/test/unit_test.hpp>

namespace duostat {
namespace {

constexpr std::endian kLittle = std::endian::little, kBig = std::endian::big;

TcpInfo normalised(TcpInfo info, std::endian order) {
  normalise_bit_fields(info, order);
  return info;
}

template <std::size_t N>
std::array<std::byte, N> bytes(const int (&values)[N]) {
  std::array<std::byte, N> result;
  for (std::size_t i = 0; i < N; ++i) result[i] = static_cast<std::byte>(values[i]);
  return result;
}

// The layouts come from a compiler for s390x: `__u8 a : 4, b : 4` puts a into the high half, and so on.
struct Layout {
  std::endian order;
  std::uint8_t wscale, flags, sockopt[2];
  std::uint32_t ecn;
};
/// snd_wscale 7, rcv_wscale 10; app_limited, fastopen_client_fail 2; recverr and nodefrag, bind_address_no_port;
/// ecn_mode 2, accecn_opt_seen 1, accecn_fail_mode 9, options2 0x123.
constexpr Layout kLayouts[] = {{kLittle, 0xa7, 0b101, {0x81, 0x01}, 2 | 1 << 2 | 9 << 4 | 0x123 << 8},
                               {kBig, 0x7a, 0b11000000, {0x81, 0x80}, 2u << 30 | 1 << 28 | 9 << 24 | 0x123}};

BOOST_AUTO_TEST_CASE(tcp_info_of_both_byte_orders) {
  for (const Layout& layout : kLayouts) {
    TcpInfo raw{};
    raw.wscale = layout.wscale;
    raw.flags = layout.flags;
    raw.accecn = layout.ecn;
    const TcpInfo info = normalised(raw, layout.order);
    BOOST_TEST((info.wscale & 15) == 7);
    BOOST_TEST(info.wscale >> 4 == 10);
    BOOST_TEST((info.flags & 1) == 1);
    BOOST_TEST((info.flags >> 1 & 3) == 2);
    BOOST_TEST(info.accecn == kLayouts[0].ecn);
  }
}

BOOST_AUTO_TEST_CASE(socket_options_of_both_byte_orders) {
  for (const Layout& layout : kLayouts) {
    BOOST_TEST(normal_bits(layout.sockopt[0], layout.order) == 0x81);
    BOOST_TEST(normal_bits(layout.sockopt[1], layout.order) == 0x01);
  }
  BOOST_TEST(normal_bits(0b00100000, kBig) == 0b100);
}

BOOST_AUTO_TEST_CASE(netlink_groups_of_both_byte_orders) {
  std::uint32_t groups = 0;
  // In the byte order of this machine's 32-bit numbers: only the position is tested here.
  const std::uint32_t first = std::endian::native == kBig ? 0x11000000u : 0x11u;
  BOOST_TEST(read_groups(bytes({0x11, 0, 0, 0, 1, 0, 0, 0}), kLittle, 8, groups));
  BOOST_TEST(groups == first);
  BOOST_TEST(read_groups(bytes({0x11, 0, 0, 0, 1, 0, 0, 0}), kLittle, 4, groups));
  BOOST_TEST(groups == first);
  const std::uint32_t high = std::endian::native == kBig ? 0x12u : 0x12000000u,
                      low = std::endian::native == kBig ? 1 : 0x1000000;
  BOOST_TEST(read_groups(bytes({0, 0, 0, 1, 0, 0, 0, 0x12}), kBig, 8, groups));
  BOOST_TEST(groups == high);
  BOOST_TEST(read_groups(bytes({0, 0, 0, 1, 0, 0, 0, 0x12}), kBig, 4, groups));
  BOOST_TEST(groups == low);
  BOOST_TEST(read_groups(bytes({0, 0, 0, 1}), kBig, 8, groups));
  BOOST_TEST(groups == low);
  BOOST_TEST(!read_groups(bytes({0, 0, 0}), kBig, 8, groups));
  BOOST_TEST(!read_groups({}, kLittle, 8, groups));
}

}  // namespace
}  // namespace duostat
