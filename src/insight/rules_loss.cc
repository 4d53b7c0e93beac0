// Rules about lost segments and datagrams.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/insight/rules.h"

namespace duostat {

std::span<const Rule> loss_rules() { return {}; }

}  // namespace duostat
