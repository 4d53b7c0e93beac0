// Backend "netlink": queries sock_diag (man 7 sock_diag) over a Transport.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "src/diag/dump.h"
#include "src/query/backend.h"

namespace duostat {

class DiagBackend final : public Backend {
 public:
  explicit DiagBackend(OpenTransport open) : open_(std::move(open)) {}
  /// The fields that sock_diag provides for sockets of `protocol`. A test compares doc/backends.md with this.
  static FieldSet knows(Protocol protocol);
  Coverage collect(const Query& query, Sink sink) override;

  /// Later requests are sent one after the other, without threads. False if the last answer came from a recording.
  bool prepare_retry() override {
    in_turn_ = true;
    return !replayed_;
  }

 private:
  OpenTransport open_;
  std::uint32_t sequence_ = kDiagSequence;  ///< of the next request
  bool in_turn_ = false, replayed_ = false;
  ReceiveBuffer buffer_;  ///< reused by every query
};

}  // namespace duostat
