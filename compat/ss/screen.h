// How wide the screen is.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "src/collect/environment.h"

namespace duostat::ss {

/// Width of the screen now: the terminal's, else what COLUMNS begins with, else 0 for unknown.
int screen_width(const Environment& env);

}  // namespace duostat::ss
