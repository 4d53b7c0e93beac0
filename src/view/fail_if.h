// Decides --fail-if: whether its condition is true, or could be if nothing were missing.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>

#include "src/view/view_plan.h"

namespace duostat {

/// The possible difference between the counted rows and those of a complete answer.
struct Doubt {
  bool more = false;          ///< any number of rows may be missing
  std::uint64_t added = 0;    ///< so many rows were left out and may belong to the list: their owner is unknown
  std::uint64_t removed = 0;  ///< so many rows were counted and may not belong to it
  std::uint64_t moved = 0;    ///< so many rows may belong to another group

  bool any() const { return more || added != 0 || removed != 0 || moved != 0; }
};

inline constexpr int kConditionHolds = 1, kConditionUndecided = 3;

/// The exit status: 0 if the condition is false, kConditionHolds, or kConditionUndecided if `doubt` leaves it open.
/// `rows` match; `groups` is null without --by.
int fail_status(const ViewPlan& plan, std::uint64_t rows, const Groups* groups, const Doubt& doubt);

/// For a listing that is printed as text: `status` without --fail-if, else what that decides over the counted rows,
/// with a message if it cannot. `missing`: rows are missing, or may be.
int status_of_text(Environment& env, std::string_view program, const ViewPlan& plan, int status, bool missing);

/// For standard error, without a newline: why the status is kConditionUndecided.
std::string undecided_line(std::string_view program, const ViewPlan& plan);

}  // namespace duostat
