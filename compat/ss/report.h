// The messages of ss about an incomplete answer.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "compat/ss/options.h"
#include "src/collect/collect.h"

namespace duostat::ss {

/// The question an answer belongs to.
struct Asked {
  Via via;
  const Request& request;
  ProtocolSet tables;
  bool replaced = false;  ///< the rows of ss are not printed: the view reports what is missing
};

/// Reports what is missing, where the original does or a user would take the list for complete. Returns false if a
/// backend that the user named could not answer at all.
bool report(Environment& env, const Answer& answer, const Asked& asked);

/// The same for a recorded answer (TCPDIAG_FILE).
/// `whole_line`: another line may follow, although the original leaves one unfinished.
void report_replay(Environment& env, const Answer& answer, bool whole_line);

/// The same for a dump into a file (-D). `rewind_error`: why part of a broken answer is in it, or 0. Returns the exit
/// status.
int report_dump(Environment& env, const Coverage& coverage, std::string_view file, int rewind_error);

}  // namespace duostat::ss
