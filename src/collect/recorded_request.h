// A request to a recorded kernel: what it is about, and what that kernel would have left out of its answer.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "src/base/bytes.h"
#include "src/diag/bytecode.h"
#include "src/model/state.h"

namespace duostat {

struct RecordedRequest {
  std::uint16_t type = 0;
  std::uint8_t family = 0;
  std::uint32_t protocol = 0;             ///< sock_diag: of the inet families
  StateMask states = ~StateMask{0};
  std::uint32_t extensions = ~0u;         ///< of the inet families
  bool storages = false;                  ///< BPF storages too, for which some are refused the whole dump
  std::vector<std::byte> program{};       ///< INET_DIAG_REQ_BYTECODE, if a message tells enough to run it
  BytecodeNeeds needs{};

  /// Nothing if the bytes are no request.
  static std::optional<RecordedRequest> read(int netlink_protocol, Bytes request);

  /// Whether the kernel would have sent this message. Where a message does not tell, it is taken to have been sent.
  bool selects(Bytes payload) const noexcept;
  /// Appends the payload to `message` without the attributes that come only if they are asked for.
  void copy(Bytes payload, std::vector<std::byte>& message) const;
};

}  // namespace duostat
