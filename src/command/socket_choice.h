// The sockets that a command of ours acts on, in the words that `duostat wait` and `duostat events` share: protocols,
// IP versions, [STATE] [FILTER] and --where.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "src/base/option_table.h"
#include "src/collect/environment.h"
#include "src/collect/sockets.h"
#include "src/insight/where.h"

namespace duostat::command {

inline constexpr ProtocolSet kRaw{Protocol::raw, Protocol::icmp};

/// The part of a Request that the options fill.
struct SocketWords {
  ProtocolSet protocols{};
  FamilySet families{};
  std::optional<std::string> where;
};

template <class Request>
constexpr std::array<Option<Request>, 1> where_option(std::string_view group = {}) {
  return {{{0, "where", "EXPRESSION", "only sockets for which this is true (see duostat-filters(7))",
            [](Request& r, std::string_view value) { r.sockets.where = std::string(value); }, group}}};
}

template <class Request>
constexpr std::array<Option<Request>, 6> socket_options(std::string_view group) {
  return {{
      {'t', "tcp", "", "TCP (default)", [](Request& r, auto) { r.sockets.protocols.add(Protocol::tcp); }, group},
      {'u', "udp", "", "UDP and UDP-Lite",
       [](Request& r, auto) { r.sockets.protocols = r.sockets.protocols | kUdpProtocols; }, group},
      {'x', "unix", "", "UNIX",
       [](Request& r, auto) { r.sockets.protocols = r.sockets.protocols | kUnixProtocols; }, group},
      {'w', "raw", "", "raw sockets",
       [](Request& r, auto) { r.sockets.protocols = r.sockets.protocols | kRaw; }, group},
      {'4', "ipv4", "", "IPv4 only", [](Request& r, auto) { r.sockets.families.add(Family::inet); }, group},
      {'6', "ipv6", "", "IPv6 only", [](Request& r, auto) { r.sockets.families.add(Family::inet6); }, group},
  }};
}

/// The words, parsed. TCP is the default protocol.
class SocketChoice {
 public:
  /// `operands`: [STATE] [FILTER], in one word or several. Throws UsageError with status 2.
  SocketChoice(Environment& env, const SocketWords& words, std::span<const std::string> operands);
  SocketChoice(const SocketChoice&) = delete;
  SocketChoice& operator=(const SocketChoice&) = delete;

  /// The request has the protocols, families, states and filter, and the fields that the filter and --where need.
  const SocketRequest& request() const { return request_; }
  const std::optional<Where>& where() const { return where_; }
  /// --where has a column about processes.
  bool needs_owners() const { return where_ && request_.wanted.has(Field::owner); }

 private:
  static void restrict_to(Family family, ProtocolSet& protocols);

  SocketRequest request_;
  std::optional<Expr> filter_;
  std::optional<Where> where_;
};

}  // namespace duostat::command
