// What is asked of a backend, and what it has to say about its answer.
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

/// One question. A backend may hand out more than is asked for (other states, other families), never less: the asker
/// filters again.
struct Query {
  /// Tables to read, in the order of kProtocols. Unix, packet and vsock protocols of one family are one kernel table.
  ProtocolSet protocols;
  FamilySet families{Family::inet, Family::inet6};
  StateMask states = kAllStates;
  /// What will be shown or filtered by; decides extension bits, optional attributes and so the cost.
  FieldSet wanted;
  /// May be null. A backend uses it only to narrow what the kernel sends.
  const Expr* filter = nullptr;
  /// With Field::bpf_storage: descriptors of the maps whose values are wanted; empty: of all maps.
  std::span<const int> storage_maps{};
};

/// How complete an answer was.
struct Coverage {
  std::uint64_t rows = 0;       ///< handed to the sink
  std::uint64_t malformed = 0;  ///< rows, messages or attributes left out because they could not be understood
  std::uint64_t joined = 0;     ///< lines that were part of the name above them (/proc/net/unix): given back to it
  std::uint64_t truncated = 0;  ///< rows cut by the file's end or a message that did not fit its buffer
  std::uint64_t unknown = 0;    ///< attributes skipped because this program does not know them
  bool interrupted = false;     ///< NLM_F_DUMP_INTR: the table changed during the dump
  /// 0, or the errno with which the source refused or broke off; `operation` and `object` say what was tried.
  int error = 0;
  Operation operation = Operation::none;
  std::string object;

  /// Rows of the table are missing from what the sink was given, or may be.
  bool incomplete() const noexcept { return error != 0 || malformed != 0 || truncated != 0 || interrupted; }

  /// Adds the counts of another answer; the first error is kept.
  void merge(const Coverage& other);
};

/// Takes a batch of sockets; valid until it returns. Returning false ends the collection.
using Sink = FunctionRef<bool(std::span<const Socket>)>;

}  // namespace duostat
