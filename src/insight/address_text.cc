// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/insight/address_text.h"

#include <arpa/inet.h>

#include <algorithm>

namespace duostat {

std::optional<IpAddress> ip_address(std::string_view text) {
  char terminated[INET6_ADDRSTRLEN] = {};
  if (text.size() >= sizeof terminated) return std::nullopt;
  std::ranges::copy(text, terminated);
  IpAddress result;
  const bool six = text.find(':') != std::string_view::npos;
  result.family = six ? Family::inet6 : Family::inet;
  if (inet_pton(six ? AF_INET6 : AF_INET, terminated, result.address.data()) != 1) return std::nullopt;
  return result;
}

IpAddress plain(IpAddress a) {
  if (a.family == Family::inet6 && is_v4_mapped(a.address)) return {Family::inet, unmapped(a.address)};
  return a;
}

IpAddress network(IpAddress a, int bits) {
  for (std::size_t i = 0; i < a.address.size(); ++i) {
    const int left = std::clamp(bits - static_cast<int>(i) * 8, 0, 8);
    a.address[i] = static_cast<std::uint8_t>(a.address[i] & ~(0xff >> left));
  }
  return a;
}

bool in_prefix(std::string_view text, Family family, const Address& network_address, int bits) {
  const auto parsed = ip_address(text);
  if (!parsed) return false;
  const IpAddress address = plain(*parsed);
  return address.family == family && network(address, bits).address == network_address;
}

}  // namespace duostat
