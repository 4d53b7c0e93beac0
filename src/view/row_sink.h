// What a front end gives to a view: how one of its own rows is printed.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string_view>

#include "src/insight/meanings.h"
#include "src/model/socket.h"
#include "src/procfs/owners.h"

namespace duostat {

/// Prints a list in the form of the front end. The view calls it only if no shared option prints the sockets in another
/// form.
class RowSink {
 public:
  virtual ~RowSink() = default;
  /// The owners that the rows show. Null: they show none, or the front end has said itself which are missing.
  virtual const OwnerIndex* owners() const { return nullptr; }
  /// Before the first row: titles.
  virtual void begin() {}
  /// `tag`: as given to SocketView::offer().
  virtual void row(const Socket& socket, std::uint32_t tag) = 0;
  /// --meanings: the words that row() prints.
  virtual RowWords words(const Socket& socket, std::uint32_t tag) const = 0;
  /// --meanings: prints a line about the row that was printed last.
  virtual void explain(std::string_view line) = 0;
  /// After the last row.
  virtual void end() {}
};

/// Acts on each socket that the view is about to show or count, in whatever form: ss -K closes it.
class RowGate {
 public:
  virtual ~RowGate() = default;
  /// False: the socket is not shown.
  virtual bool admit(const Socket& socket, std::uint32_t tag) = 0;
};

}  // namespace duostat
