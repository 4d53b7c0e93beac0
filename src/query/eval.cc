// Evaluates filters in user space.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/query/eval.h"

#include <fnmatch.h>

#include <algorithm>
#include <cstring>
#include <string_view>
#include <vector>

#include "src/base/cursor.h"

namespace duostat {
namespace {

/// One end of a socket as predicates see it.
struct End {
  std::int64_t port = 0;
  Address address{};
  bool known = true;  ///< false: there is an address, but it cannot be compared
};

struct Row {
  const Socket& socket;
  End local, remote;
  const EvalContext& context;

  const End& end(Side side) const noexcept { return side == Side::local ? local : remote; }
};

Address node_address(std::uint32_t node) noexcept {
  Address address{};
  std::memcpy(address.data(), &node, sizeof node);
  return address;
}

Row row_of(const Socket& s, const EvalContext& context) noexcept {
  Row row{s, {s.local.port, {}}, {s.remote.port, {}}, context};
  switch (s.family) {
    case Family::unix_domain:
      row.local.known = s.unix_domain == nullptr || s.unix_domain->name.empty();
      row.local.port = row.remote.port = 0;
      if (!context.unix_text_has_ports && s.unix_domain != nullptr && s.unix_domain->name_is_text) break;
      row.local.port = static_cast<std::int64_t>(s.inode);
      row.remote.port = s.unix_domain != nullptr ? s.unix_domain->peer_inode : 0;
      break;
    case Family::packet:
      row.local.address = node_address(s.local.node);
      row.remote.port = 0;
      break;
    case Family::netlink:
      row.local.port = static_cast<std::int32_t>(s.local.port);
      row.local.address = node_address(s.local.node);
      row.remote.port = -1;
      break;
    case Family::vsock:
      row.local.address = node_address(s.local.node);
      row.remote.address = node_address(s.remote.node);
      break;
    case Family::xdp:
      row.remote.port = 0;
      break;
    default:
      row.local.address = s.local.address;
      row.remote.address = s.remote.address;
  }
  return row;
}

bool equal_bits(const std::uint8_t* a, const std::uint8_t* b, unsigned bits) noexcept {
  if (std::memcmp(a, b, bits / 8) != 0) return false;
  const unsigned rest = bits % 8;
  return rest == 0 || ((a[bits / 8] ^ b[bits / 8]) >> (8 - rest)) == 0;
}

bool matches_prefix(const AddressPrefix& prefix, const End& end) noexcept {
  if (prefix.bits == 0) return true;
  if (!end.known) return false;
  if (equal_bits(end.address.data(), prefix.address.data(), prefix.bits)) return true;
  return prefix.family == Family::inet && is_v4_mapped(end.address) &&
         equal_bits(end.address.data() + 12, prefix.address.data(), prefix.bits);
}

/// A unix name as text: a path up to its NUL, or an abstract name with '@' for every NUL. Names are at most 108 bytes
/// long (struct sockaddr_un); longer names, from files that the kernel did not write, are cut.
class NameText {
 public:
  explicit NameText(const UnixDetail* detail) noexcept {
    if (detail == nullptr || detail->name.empty()) return;
    const bool abstract = detail->name.front() == '\0';
    for (const char c : detail->name.substr(0, sizeof text_ - 1)) {
      if (c == '\0' && !abstract) break;
      text_[size_++] = c == '\0' ? '@' : c;
    }
    text_[size_] = '\0';
  }
  const char* c_str() const noexcept { return text_; }
  std::string_view view() const noexcept { return {text_, size_}; }

 private:
  char text_[1024] = {0};
  std::size_t size_ = 0;
};

bool matches_name(const HostPredicate& host, const Row& row) noexcept {
  // quirk: unix-pattern-on-inet 7.1 takes the address of an inet socket for a pointer here and crashes
  if (row.socket.family != Family::unix_domain) return false;
  // The peer's name is unknown: its pattern is matched against an empty name.
  const NameText name(host.side == Side::local ? row.socket.unix_domain : nullptr);
  return fnmatch(host.pattern.c_str(), name.c_str(), FNM_CASEFOLD) == 0;
}

bool matches_one(const HostPredicate& host, const Row& row) noexcept {
  if (host.addresses.front().family == Family::unix_domain) return matches_name(host, row);
  const End& end = row.end(host.side);
  if (host.port != -1 && host.port != end.port) return false;
  return std::ranges::any_of(host.addresses, [&](const AddressPrefix& prefix) { return matches_prefix(prefix, end); });
}

bool matches_one(const PortPredicate& predicate, const Row& row) noexcept {
  const std::int64_t port = row.end(predicate.side).port;
  return predicate.relation == PortPredicate::Relation::at_least ? port >= predicate.port : port <= predicate.port;
}

bool matches_one(const DevicePredicate& predicate, const Row& row) noexcept {
  return row.socket.ifindex == predicate.ifindex;
}

bool matches_one(const MarkPredicate& predicate, const Row& row) noexcept {
  const std::uint32_t mark = row.socket.has(Field::mark) ? row.socket.mark : 0;
  return (mark & predicate.mask) == predicate.mark;
}

bool matches_one(const CgroupPredicate& predicate, const Row& row) noexcept {
  return (row.socket.has(Field::cgroup) ? row.socket.cgroup_id : 0) == predicate.id;
}

/// No name, or the five hexadecimal digits of unix_autobind().
bool is_autobound_name(const UnixDetail* detail) noexcept {
  const NameText text(detail);
  const std::string_view name = text.view();
  if (name.empty()) return true;
  const auto digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  return name.size() == 6 && name[0] == '@' && std::ranges::all_of(name.substr(1), digit);
}

bool matches_one(const AutoboundPredicate&, const Row& row) noexcept {
  const Socket& s = row.socket;
  switch (s.family) {
    case Family::unix_domain:
      return is_autobound_name(s.unix_domain);
    case Family::packet:
      return s.local.node == 0 && s.local.port == 0;
    case Family::netlink:
      return row.local.port < 0;
    case Family::vsock:
      return row.local.port > 1023;
    default:
      return row.context.ephemeral.has(row.local.port);
  }
}

}  // namespace

PortRange ephemeral_ports(const ProcDir& proc) {
  int error = 0;
  const std::string text = proc.read("sys/net/ipv4/ip_local_port_range", error);
  Cursor cursor(text);
  std::uint64_t first = 0, last = 0;
  if (!cursor.dec(first) || !cursor.dec(last)) return {1024, 4999};
  return {static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(last)};
}

bool matches(const Expr& expr, const Socket& socket, const EvalContext& context) noexcept {
  if (socket.family == Family::tipc) return true;
  const Row row = row_of(socket, context);
  const auto predicates = expr.predicates();
  const auto steps = expr.steps();
  std::uint32_t at = 0;
  while (at < predicates.size()) {
    const bool holds = std::visit([&](const auto& predicate) { return matches_one(predicate, row); }, predicates[at]);
    at = holds ? steps[at].on_true : steps[at].on_false;
  }
  return at == Expr::kAccept;
}

bool may_match_port_zero(const Expr& expr, Side side) {
  const auto predicates = expr.predicates();
  const auto steps = expr.steps();
  // Marks the predicates that can be reached, judging by the port alone. No step leads backwards.
  std::vector<bool> reached(predicates.size() + 1, false);
  bool accepted = false;
  const auto reach = [&](std::uint32_t at) {
    if (at < predicates.size()) reached[at] = true;
    accepted = accepted || at == Expr::kAccept;
  };
  reach(0);
  for (std::uint32_t at = 0; at < predicates.size(); ++at) {
    if (!reached[at]) continue;
    bool may_hold = true, may_fail = true;
    if (const auto* host = std::get_if<HostPredicate>(&predicates[at]); host != nullptr && host->side == side) {
      may_hold = host->port == -1 || host->port == 0;
    } else if (const auto* port = std::get_if<PortPredicate>(&predicates[at]); port != nullptr && port->side == side) {
      may_hold = port->relation == PortPredicate::Relation::at_least ? port->port <= 0 : port->port >= 0;
      may_fail = !may_hold;
    }
    if (may_hold) reach(steps[at].on_true);
    if (may_fail) reach(steps[at].on_false);
  }
  return accepted;
}

}  // namespace duostat
