// A query to a backend, and the account of how complete the answer was.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "src/base/function_ref.h"
#include "src/model/field.h"
#include "src/model/protocol.h"
#include "src/model/socket.h"
#include "src/model/state.h"
#include "src/query/operation.h"

namespace duostat {

class Expr;  // src/query/expr.h

/// A query. A backend may hand out more than requested (other states, other families), never less; the caller filters
/// again.
struct Query {
  /// Tables to read, in the order of kProtocols. Unix, packet and vsock protocols of one family are one kernel table.
  ProtocolSet protocols;
  FamilySet families{Family::inet, Family::inet6};
  StateMask states = kAllStates;
  /// The fields that will be shown or filtered by. They decide the extension bits, the optional attributes and so the
  /// cost.
  FieldSet wanted;
  /// May be null. A backend uses it only to narrow what the kernel sends.
  const Expr* filter = nullptr;
  /// With Field::bpf_storage: descriptors of the maps whose values are wanted. Empty: all maps.
  std::span<const int> storage_maps{};
};

/// How complete an answer was.
struct Coverage {
  std::uint64_t rows = 0;       ///< handed to the sink
  std::uint64_t malformed = 0;  ///< rows, messages or attributes left out because they break their format
  std::uint64_t joined = 0;     ///< lines of /proc/net/unix that belonged to the name above and were appended to it
  std::uint64_t truncated = 0;  ///< rows cut by the file's end or a message that did not fit its buffer
  std::uint64_t unknown = 0;    ///< attributes skipped because this program does not know them
  bool interrupted = false;     ///< NLM_F_DUMP_INTR: the table changed during the dump
  /// 0, or the errno with which the source refused or broke off, while doing `operation` on `object`.
  int error = 0;
  Operation operation = Operation::none;
  std::string object;

  /// True if the sink did not get all rows of the table, or possibly did not.
  bool incomplete() const noexcept { return error != 0 || malformed != 0 || truncated != 0 || interrupted; }

  /// Adds the counts of another answer and keeps the first error.
  void merge(const Coverage& other);
};

/// Takes a batch of sockets, valid until it returns. It returns false to end the collection.
using Sink = FunctionRef<bool(std::span<const Socket>)>;

}  // namespace duostat
