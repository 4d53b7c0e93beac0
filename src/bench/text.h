// Formats a result for a terminal: tables and bars.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "src/base/output.h"
#include "src/base/variables.h"
#include "src/bench/result.h"

namespace duostat::bench {

struct Style {
  int columns = 80;     ///< width: bars fill the rest of it, text is wrapped to it
  bool utf8 = false;    ///< may draw block characters
  bool colour = false;  ///< ECMA-48 colours
};

/// True if the locale variables select UTF-8: the first of LC_ALL, LC_CTYPE, LANG that is set and not empty.
bool wants_utf8(const Variables& variables);

void write_text(Output& out, const Result& result, const Style& style);

}  // namespace duostat::bench
