// `duostat metrics`: the numbers of this host's sockets for Prometheus.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "src/command/command.h"

namespace duostat::command {

extern const Command kMetrics;

}  // namespace duostat::command
