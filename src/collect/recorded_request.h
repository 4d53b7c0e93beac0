// Decodes a request to a recorded kernel, and applies its filters to recorded messages.
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
  std::uint32_t protocol = 0;             ///< sock_diag, inet families only
  StateMask states = ~StateMask{0};
  std::uint32_t extensions = ~0u;         ///< inet families only
  bool storages = false;                  ///< includes BPF storages, for which the kernel may refuse the whole dump
  std::vector<std::byte> program{};       ///< INET_DIAG_REQ_BYTECODE, if messages contain enough to run it
  BytecodeNeeds needs{};

  /// nullopt if the bytes are not a request.
  static std::optional<RecordedRequest> read(int netlink_protocol, Bytes request);

  /// True if the kernel would have sent this message, or if that cannot be determined.
  bool selects(Bytes payload) const noexcept;
  /// Appends the payload to `message` without the attributes that were not requested.
  void copy(Bytes payload, std::vector<std::byte>& message) const;
};

}  // namespace duostat
