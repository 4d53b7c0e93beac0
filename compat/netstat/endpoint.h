// The two address columns.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

#include "src/model/address.h"
#include "src/model/protocol.h"
#include "src/names/resolver.h"

namespace duostat::netstat {

/// Turns addresses and ports into text.
class EndpointText {
 public:
  struct Rules {
    bool numeric_hosts = false, numeric_ports = false;
    bool wide = false;  ///< never cut
  };
  /// Longest text of the column, also with -W.
  static constexpr int kMax = 127;
  /// Room that format() may write to.
  static constexpr int kRoom = 256;

  EndpointText(Rules rules, Resolver& names) : rules_(rules), names_(names) {}

  /// "host:port", cut to 23 bytes unless the rules say otherwise, and padded to `width`. `protocol` decides how the
  /// port is named; a raw socket's port is an IP protocol number. Returns the end.
  char* format(char* at, Family family, Protocol protocol, const Endpoint& endpoint, int width);
  /// The host alone, neither cut nor padded.
  char* format_host(char* at, Family family, const Address& address);

 private:
  std::string_view host(Family family, const Address& address, char* buffer);
  std::string_view port(Protocol protocol, std::uint32_t number, char* buffer);

  Rules rules_;
  Resolver& names_;
  std::string host_scratch_, port_scratch_;
};

}  // namespace duostat::netstat
