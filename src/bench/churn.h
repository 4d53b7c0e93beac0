// What a dump gets right while connections come and go beside a set of sockets that stands still.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>

#include "src/base/interrupt.h"
#include "src/bench/result.h"
#include "src/collect/environment.h"

namespace duostat::bench {

inline constexpr double kMostChurn = 100'000;  ///< connections a second

/// Dumps the TCP table by each backend in turn, `rounds` times each or for as long as `go_on` says, while another process opens and
/// closes connections at `rate` a second. Sockets that are there before stand still by agreement: this network namespace must
/// be nobody else's. Fewer dumps than asked are in the answer if a signal came, or if connections could no longer be opened:
/// then `error` is that errno, else 0. Throws SystemError.
std::vector<Churn> measure_churn(Environment& env, Interrupt& interrupt, const std::vector<Via>& backends, double rate,
                                 std::uint32_t rounds, const std::function<bool()>& go_on, int& error);

}  // namespace duostat::bench
