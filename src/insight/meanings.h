// What the words and numbers of a listing mean: one table for --meanings and for the glossaries of the manuals.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "src/base/function_ref.h"
#include "src/model/field.h"
#include "src/model/socket.h"

namespace duostat {

/// Which words of which program a term belongs to. Each group is one section of a manual.
enum class TermGroup : std::uint8_t {
  state,
  sctp_state,
  netstat_state,
  unix_state,
  timer,
  netstat_timer,
  netid,
  extended,
  memory,
  tcp_option,
  tcp_info,
  mptcp_info,
  sctp_info,
  tls_info,
  socket_option,
  packet_info,
  netstat_column,
  unix_column,
  route_column,
  route_flag,
  route6_flag,
  interface_column,
  interface_flag,
  count_
};

/// A word that ss or netstat prints.
struct Term {
  TermGroup group;
  std::string_view word;     ///< as printed, without a colon
  std::string_view unit;     ///< of the number behind it; empty: none, or a plain count
  std::string_view meaning;  ///< lower case, no full stop
};

/// Every term, the groups one after the other.
std::span<const Term> terms();
/// The terms of one group.
std::span<const Term> terms_of(TermGroup group);
/// nullptr if the group has no such word.
const Term* find_term(TermGroup group, std::string_view word);

/// A number of a row that means something particular in some sockets: Recv-Q 1 of CLOSE-WAIT.
struct NumberMeaning {
  std::string_view title;  ///< in manuals: "Recv-Q 1 of CLOSE-WAIT"
  std::string_view label;  ///< in --meanings, before the number
  bool is_queue;           ///< the number is in the columns Recv-Q and Send-Q
  bool (*applies)(const Socket& socket);
  std::uint64_t (*value)(const Socket& socket);
  std::string_view meaning;
};
std::span<const NumberMeaning> number_meanings();

/// The words that a front end prints for a socket.
struct RowWords {
  TermGroup group = TermGroup::state;  ///< that `state` belongs to
  std::string_view state{};            ///< empty: the row has none
  TermGroup timers = TermGroup::timer;
  bool queues = false;  ///< the row has Recv-Q and Send-Q
};

/// What --meanings reads in addition to what the rows print.
inline constexpr FieldSet kMeaningNeeds{Field::queues, Field::backlog, Field::timer, Field::timer_count, Field::inode};

/// Calls `put` with each line that explains a row: its state, its queues, its timer, and numbers that are out of the
/// ordinary. The text is in `line`, whose memory is used again.
void explain_row(const Socket& socket, const RowWords& words, std::string& line,
                 FunctionRef<void(std::string_view line)> put);

}  // namespace duostat
