// "Active UNIX domain sockets".
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

#include "compat/netstat/options.h"
#include "compat/netstat/programs.h"
#include "src/base/output.h"
#include "src/model/field.h"
#include "src/model/socket.h"

namespace duostat::netstat {

class UnixTable {
 public:
  /// All must outlive the table.
  UnixTable(const Request& request, Programs& programs, Output& out)
      : request_(request), programs_(programs), out_(out) {}

  /// `first`: see SocketsTable::header().
  void header(std::string_view first = {});
  void row(const Socket& socket);
  FieldSet needs() const;
  /// The word of the State column.
  static std::string_view state(const Socket& socket);

 private:
  std::string_view path(const Socket& socket);

  const Request& request_;
  Programs& programs_;
  Output& out_;
  std::string name_scratch_, escape_scratch_;
};

}  // namespace duostat::netstat
