// Made-up sockets, so that a front end shows what it would do with a row.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "src/collect/backends.h"

namespace duostat::native {

/// Hands the sink, for each protocol and family of the query, a connected socket and an unconnected one, as far as
/// their states are asked for. They say what `backend` can say, as far as it fits in a made-up socket.
void hand_out_samples(const Query& query, const BackendRow& backend, Sink sink);

}  // namespace duostat::native
