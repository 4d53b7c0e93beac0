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
  std::string_view name() const override { return "netlink"; }
  FieldSet knows(Protocol protocol) const override;
  Coverage collect(const Query& query, Sink sink) override;

 private:
  OpenTransport open_;
  ReceiveBuffer buffer_;  ///< what is received; kept from query to query
};

}  // namespace duostat
