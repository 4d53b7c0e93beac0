// Lists the sockets of several kernel tables in one pass, with an account for each table.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "src/base/function_ref.h"
#include "src/collect/collect.h"
#include "src/query/eval.h"

namespace duostat {

/// The sockets and fields that a command asks for.
struct SocketRequest {
  ProtocolSet protocols;
  FamilySet families{Family::inet, Family::inet6};  ///< of the IP protocols; other families follow from `protocols`
  StateMask states = kAllStates;
  FieldSet wanted;
  /// May be null. Needs the fields that fields_of() names in `wanted`.
  const Expr* filter = nullptr;
  EvalContext filter_context{};
};

/// The outcome of reading one table.
struct TableAnswer {
  std::string_view name;  ///< in messages: "tcp", "unix"
  ProtocolSet protocols;  ///< of the request, in this table
  Answer answer;
  bool absent = false;    ///< this kernel has no such table, so no row is missing
  bool missing = false;   ///< rows are missing, or may be
};

/// Calls `each` for every socket that the request selects, one kernel table after another in the order of kProtocols.
/// A socket is valid only during the call. Never throws for a source that fails: see the accounts, one for each table
/// asked.
std::vector<TableAnswer> each_socket(Environment& env, Via via, const SocketRequest& request,
                                     FunctionRef<void(const Socket&)> each);

/// Why rows are missing, for messages: "Permission denied", "2 rows lost". The answer must have missing rows.
std::string why_missing(const TableAnswer& answer);

}  // namespace duostat
