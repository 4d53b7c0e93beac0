// Made-up sockets for a dry run, so that the work for each row is recorded.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "src/collect/backends.h"

namespace duostat::native {

/// Passes to the sink, for each protocol and family of the query, a connected socket and an unconnected one, if the
/// query selects their states. They have the fields that `backend` knows, except those that need real data.
void hand_out_samples(const Query& query, const BackendRow& backend, Sink sink);

}  // namespace duostat::native
