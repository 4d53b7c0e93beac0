// Writes the dump requests for one table of inet sockets.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <vector>

#include "src/diag/dump.h"
#include "src/diag/message.h"
#include "src/query/query.h"

namespace duostat {

/// The request types of before Linux 3.3, which imply the protocol; 0 if there is none for it.
constexpr std::uint16_t legacy_type(Protocol protocol) {
  return protocol == Protocol::tcp ? uapi::kTcpDiagGetSock : protocol == Protocol::dccp ? uapi::kDccpDiagGetSock : 0;
}

/// States of sockets that never have a peer, nor a peer's port. The kernel keeps them in tables of their own.
inline constexpr StateMask kWithoutPeer = mask_of(State::listen, State::bound_inactive);

/// The wanted states without those that the kernel would walk a table for in vain.
StateMask worth_asking(const Query& query, Protocol protocol);

class InetRequests {
 public:
  /// `extensions`: the bits of idiag_ext. All references must outlive this.
  InetRequests(Dump& dump, const Query& query, Protocol protocol, std::uint32_t extensions, Bytes filter_bytecode)
      : dump_(dump), query_(query), protocol_(protocol), extensions_(extensions), bytecode_(filter_bytecode) {}

  /// One family, by SOCK_DIAG_BY_FAMILY: what iproute2 sends too.
  RequestWriter by_family(Family family, StateMask states);
  /// By legacy_type(). The kernel ignores the family and answers with both.
  RequestWriter legacy(Family family, StateMask states);

 private:
  struct Numbered {
    std::uint16_t type;
    Family family;
    StateMask states;
    std::uint32_t sequence;
  };
  std::uint32_t sequence(std::uint16_t type, Family family, StateMask states);

  Dump& dump_;
  const Query& query_;
  Protocol protocol_;
  std::uint32_t extensions_;
  Bytes bytecode_;
  std::vector<Numbered> numbered_;
};

}  // namespace duostat
