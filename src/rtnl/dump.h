// Performs one rtnetlink dump: sends the request and passes on the messages of the reply.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>

#include "src/base/function_ref.h"
#include "src/diag/message.h"
#include "src/diag/transport.h"
#include "src/query/query.h"

namespace duostat::rtnl {

/// Receives one message; returns false if it is malformed, which is counted.
using Visit = FunctionRef<bool(const Message& message)>;

/// Discards the results of the messages so far: the dump starts again.
using Restart = FunctionRef<void()>;

/// Maximum number of attempts if the table changes during the dump.
inline constexpr int kDumpAttempts = 4;

/// Opens a socket, requests everything of `type` and `family` (RTM_GET*) and passes the messages on. `object` names the
/// table in errors ("RTM_GETROUTE"). A reply that the kernel marks as interrupted (NLM_F_DUMP_INTR, set by
/// nl_dump_check_consistent()) may lack rows or repeat them: after `restart` it is requested again, up to kDumpAttempts
/// times in all. If the last one was interrupted too, its messages are kept and Coverage::interrupted is set.
/// Coverage::rows counts messages.
Coverage dump(const OpenTransport& open, std::uint16_t type, std::uint8_t family, std::string_view object, Visit visit,
              Restart restart);

/// Returns an attribute's number; 0 if it is too short.
std::uint32_t number_of(const Attribute& attribute) noexcept;
/// Returns an attribute's text up to its NUL.
std::string_view text_of(const Attribute& attribute) noexcept;

}  // namespace duostat::rtnl
