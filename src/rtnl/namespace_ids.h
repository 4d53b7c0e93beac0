// The ids by which this network namespace knows others (nsid; net/core/net_namespace.c).
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "src/base/function_ref.h"
#include "src/diag/message.h"
#include "src/diag/transport.h"

namespace duostat::rtnl {

class NamespaceIds {
 public:
  /// 0 or errno.
  OpenError open(const OpenTransport& open_transport);

  /// Returns the id of the network namespace that the descriptor `fd` of nsfs refers to; nullopt if it has none, or on
  /// failure, with errno in `error` (EINVAL: before Linux 3.15 with NETNSA_FD).
  std::optional<std::int32_t> id_of(int fd, int& error);

  /// Passes each id that was given or taken away since the last call: it means another namespace now. Does not wait.
  /// False if notifications were lost, so that every id may mean another one.
  bool changes(FunctionRef<void(std::int32_t id)> changed);

 private:
  bool receive(std::uint32_t sequence, std::optional<std::int32_t>& id, int& error);

  std::unique_ptr<Transport> transport_;
  std::vector<std::byte> buffer_;
  std::vector<std::int32_t> changed_;
  std::uint32_t sequence_ = 0;
  bool lost_ = false;
};

}  // namespace duostat::rtnl
