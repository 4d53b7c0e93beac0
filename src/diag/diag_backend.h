// Backend 2: netlink sock_diag (man 7 sock_diag), spoken over a Transport.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "src/diag/dump.h"
#include "src/query/backend.h"

namespace duostat {

class DiagBackend final : public Backend {
 public:
  explicit DiagBackend(OpenTransport open) : open_(std::move(open)) {}
  /// The fields that sock_diag can tell about sockets of `protocol`; doc/backends.md is checked against this.
  static FieldSet knows(Protocol protocol);
  Coverage collect(const Query& query, Sink sink) override;

  /// From here on requests are sent one after the other, without threads. False if the last answer came from a recording.
  bool prepare_retry() override {
    in_turn_ = true;
    return !replayed_;
  }

 private:
  OpenTransport open_;
  std::uint32_t sequence_ = kDiagSequence;  ///< of the next request
  bool in_turn_ = false, replayed_ = false;
  ReceiveBuffer buffer_;  ///< what is received; kept from query to query
};

}  // namespace duostat
