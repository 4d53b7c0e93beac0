// "Active Internet connections": the table of TCP, UDP, UDP-Lite and raw sockets.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>

#include "compat/netstat/endpoint.h"
#include "compat/netstat/options.h"
#include "compat/netstat/programs.h"
#include "src/base/output.h"
#include "src/insight/meanings.h"
#include "src/model/field.h"
#include "src/model/socket.h"
#include "src/names/resolver.h"

namespace duostat::netstat {

/// The headings of the -p and -Z columns, if these are selected.
void put_owner_headings(Output& out, const Request& request);
/// The cells of the -p and -Z columns, if these are selected. At most kOwnerCellsMax bytes.
char* put_owner_cells(char* at, const Socket& socket, const Request& request, Programs& programs);
inline constexpr int kOwnerCellsMax = 1 + Programs::kWidth + 1 + Programs::kContextWidth;

inline constexpr int kEndpointWidth = 23, kStateWidth = 11;  ///< of an address with its port, and of a state

class SocketsTable {
 public:
  /// All must outlive the table.
  SocketsTable(const Request& request, Resolver& names, Programs& programs, Output& out);

  /// The two lines above the rows. `first`: the heading of a column that is printed before each row, with its blanks.
  void header(std::string_view first = {});
  void row(const Socket& socket);
  /// Writes the optional columns and ends the line, also for SCTP's rows.
  void finish_row(char* at, const Socket& socket, std::string_view timer);

  /// --meanings: the words of a row.
  static RowWords words(const Socket& socket);

  /// The fields that the columns print.
  FieldSet needs() const;

 private:
  const Request& request_;
  Resolver& names_;
  Programs& programs_;
  Output& out_;
  EndpointText endpoints_;
};

}  // namespace duostat::netstat
