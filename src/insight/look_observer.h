// Sees the sockets and facts of an audit's first look, so that one pass over the kernel's tables serves the audit and
// another reader.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>

#include "src/insight/rule.h"

namespace duostat {

/// How much of a table was read.
enum class TableSight : std::uint8_t { whole, incomplete, absent };

class LookObserver {
 public:
  virtual ~LookObserver() = default;

  /// The observer sees these sockets, in every state.
  virtual ProtocolSet protocols() const = 0;
  virtual FieldSet wanted(Protocol protocol) const = 0;
  virtual FactSet facts() const = 0;
  virtual ProcessFields processes() const = 0;

  /// `look` lives until end() returns. Look::descriptors is set, and Look::holders knows the owners.
  virtual void begin(const Look& look) = 0;
  /// Valid only during the call. Tables come in the order of kProtocols.
  virtual void socket(const Socket& socket) = 0;
  virtual void table(ProtocolSet protocols, TableSight sight) = 0;
  virtual void end(const Look& look) = 0;
};

}  // namespace duostat
