// Measures the correctness of dumps while connections are opened and closed next to a stable set of sockets.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>

#include "src/base/interrupt.h"
#include "src/bench/result.h"
#include "src/collect/environment.h"

namespace duostat::bench {

inline constexpr double kMostChurn = 100'000;  ///< connections per second

/// Dumps the TCP table with each backend in turn, `rounds` times each or while `go_on` returns true, while another
/// process opens and closes `rate` connections per second. All existing sockets must be stable, so no other process may
/// use this network namespace. Returns fewer dumps than asked for if a signal came, or if connections could no longer
/// be opened; `error` is then that errno, otherwise 0. Throws SystemError.
std::vector<Churn> measure_churn(Environment& env, Interrupt& interrupt, const std::vector<Via>& backends, double rate,
                                 std::uint32_t rounds, const std::function<bool()>& go_on, int& error);

}  // namespace duostat::bench
