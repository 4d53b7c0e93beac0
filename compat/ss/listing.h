// Lists the tables of ss, one after the other.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "compat/ss/kill.h"
#include "compat/ss/view.h"
#include "src/collect/collect.h"
#include "src/diag/dump_writer.h"
#include "src/query/expr.h"

namespace duostat::ss {

/// What happened, over all tables.
struct ListingResult {
  unsigned asked = 0;    ///< tables
  unsigned refused = 0;  ///< of these, tables of which nothing could be read
  /// The filter needs control groups and the kernel does not know them: nothing can be shown.
  bool unsupported_filter = false;
  Unclosed unclosed;  ///< by -K
};

/// Lists the selected tables. `filter` may be null. Reports on standard error what could not be read.
ListingResult list_sockets(View& view, Via via, const Expr* filter);

/// Writes the kernel's raw answers about TCP sockets to `sink`, unfiltered and whole. Returns the exit status.
int dump_tcp(Environment& env, const Request& request, ByteSink& sink, AnswerCopy::Rewind rewind);

/// The columns that a request shows.
ColumnMask columns_of(const Request& request);

}  // namespace duostat::ss
