// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/ss/labels.h"

#include <fmt/core.h>

#include "src/base/error.h"
#include "src/base/escape.h"
#include "src/names/ethertypes.h"
#include "src/procfs/owners.h"
#include "src/procfs/task_text.h"

namespace duostat::ss {
namespace {

constexpr std::uint16_t kEveryEthertype = 3;  // ETH_P_ALL

}  // namespace

Labels::Labels(Environment& env, const Request& request, RpcPrograms* rpc)
    : env_(env), request_(request), rpc_(rpc), ephemeral_(ephemeral_ports(env.proc)) {}

void Labels::table_begins(Protocol table) {
  if (table == Protocol::raw) port_names_ = PortNames::ip_protocols;
  if (table != Protocol::tcp && table != Protocol::udp) return;
  port_names_ = PortNames::services;
  services_ = table == Protocol::tcp ? ServiceProtocol::tcp : ServiceProtocol::udp;
}

std::string_view Labels::harmless(std::string_view text) { return without_controls(text, scratch_); }

void Labels::port(Piece& piece, std::uint32_t port) {
  if (port == 0) {
    piece.text('*');
    return;
  }
  if (request_.numeric) {
    piece.dec(port);
    return;
  }
  std::string_view name;
  if (port_names_ == PortNames::ip_protocols) {
    name = env_.names.ip_protocol(port);
    if (name.empty()) piece.text("ipproto-");
  } else {
    const auto number = static_cast<std::uint16_t>(port);
    if (rpc_ != nullptr) name = rpc_->name(number, services_);
    if (name.empty() && !ephemeral_.has(port)) name = env_.names.service(number, services_);
  }
  if (name.empty()) {
    piece.dec(port);
  } else {
    piece.text(harmless(name));
  }
}

void Labels::address(Piece& piece, Family family, const Address& address) {
  if (request_.resolve) {
    const bool mapped = family == Family::inet6 && is_v4_mapped(address);
    const std::string_view name =
        mapped ? env_.names.host(Family::inet, unmapped(address)) : env_.names.host(family, address);
    if (!name.empty()) {
      piece.text(harmless(name));
      return;
    }
  }
  piece.address(family, address);
}

void Labels::endpoint(Piece& piece, Family family, const Address& address, bool v6only) {
  if (family == Family::inet && !request_.resolve) {
    piece.address(family, address);
    return;
  }
  if (family == Family::inet6 && !v6only && is_unspecified(address)) {
    piece.text('*');
    return;
  }
  if (!request_.resolve) {
    piece.text('[').address(family, address).text(']');
    return;
  }
  const std::size_t start = piece.size();
  this->address(piece, family, address);
  if (piece.since(start).find(':') != std::string_view::npos) piece.insert(start, '[').text(']');
}

void Labels::interface(Piece& piece, std::uint32_t ifindex) {
  const std::string_view name = env_.names.interface(ifindex);
  if (name.empty()) {
    piece.text("if").dec(ifindex);
  } else {
    piece.text(harmless(name));
  }
}

const NetlinkProtocols& Labels::netlink_names() {
  if (!netlink_names_) netlink_names_ = NetlinkProtocols::of_system();
  return *netlink_names_;
}

void Labels::netlink_protocol(Piece& piece, std::uint32_t number) {
  const std::string_view name = request_.numeric ? std::string_view{} : netlink_names().name(number);
  if (name.empty()) {
    piece.dec(number);
  } else {
    piece.text(harmless(name));
  }
}

void Labels::netlink_port(Piece& piece, std::int32_t port) {
  if (port == -1) {
    piece.text('*');
  } else if (request_.numeric || port < 0) {
    piece.sdec(port);
  } else if (port == 0) {
    piece.text("kernel");
  } else {
    auto owner = netlink_owners_.find(port);
    if (owner == netlink_owners_.end()) {
      int error = 0;
      const std::string stat = env_.proc.read(std::to_string(port) + "/stat", error);
      if (is_failure(error)) ++unread_, unread_error_ = error;
      // quirk: whole-process-name the original stops at the first ')'.
      owner = netlink_owners_.emplace(port, error == 0 ? std::string(comm_of(stat)) + "/" : std::string()).first;
    }
    piece.text(harmless(owner->second)).sdec(port);
  }
}

std::string Labels::problem() const {
  if (unread_ == 0) return {};
  return fmt::format("ss: netlink: names of {} process{} unreadable: {}", unread_, unread_ == 1 ? "" : "es",
                     error_text(unread_error_));
}

void Labels::ethertype(Piece& piece, std::uint16_t type) {
  if (type == kEveryEthertype) {
    piece.text('*');
    return;
  }
  const std::string_view name = request_.numeric ? std::string_view{} : ethertype_name(type);
  if (name.empty()) {
    piece.text('[').dec(type).text(']');
  } else {
    piece.text(name);
  }
}

}  // namespace duostat::ss
