// Exit statuses of ss.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "compat/frontend.h"

namespace duostat::ss {

inline constexpr int kFailed = kSs.usage_status;  ///< the original's for most failures
inline constexpr int kIncomplete = 1;             ///< of our own forms: something is missing

}  // namespace duostat::ss
