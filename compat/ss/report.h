// What ss says on standard error of an answer that is not complete.
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
  bool replaced = false;  ///< output of ours stands in place of the listing and says by itself what is missing
};

/// Says what is missing. The original is silent about much; a backend that was asked for by name is not passed over in
/// silence. Returns false if a backend asked for by name could not answer at all.
bool report(Environment& env, const Answer& answer, const Asked& asked);

/// The same for a recorded answer (TCPDIAG_FILE).
/// `whole_line`: another line may follow, although the original leaves one unfinished.
void report_replay(Environment& env, const Answer& answer, bool whole_line);

/// The same for a dump into a file (-D). `rewind_error`: why part of a broken answer is in it, or 0. Returns the exit status.
int report_dump(Environment& env, const Coverage& coverage, std::string_view file, int rewind_error);

}  // namespace duostat::ss
