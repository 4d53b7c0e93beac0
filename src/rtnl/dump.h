// One rtnetlink dump: a request, and the messages that answer it.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>

#include "src/base/function_ref.h"
#include "src/diag/message.h"
#include "src/diag/transport.h"
#include "src/query/query.h"

namespace duostat::rtnl {

/// Takes one message; false if it makes no sense, which is counted.
using Visit = FunctionRef<bool(const Message& message)>;

/// Forgets what the messages so far have given: the dump begins anew.
using Restart = FunctionRef<void()>;

/// How often a dump is asked for in all, if the table changes while it is read.
inline constexpr int kDumpAttempts = 4;

/// Opens a socket, asks for everything of `type` and `family` (RTM_GET*) and hands the answers over. `object` names the
/// table in errors ("RTM_GETROUTE"). An answer that the kernel marks as interrupted (NLM_F_DUMP_INTR, set by
/// nl_dump_check_consistent()) may lack rows or repeat them: it is asked for again, after `restart`, kDumpAttempts times in all;
/// Coverage::interrupted is set if the last was interrupted too, and that one's messages stand. Coverage::rows counts messages.
Coverage dump(const OpenTransport& open, std::uint16_t type, std::uint8_t family, std::string_view object, Visit visit,
              Restart restart);

/// An attribute's number; 0 if it is too short.
std::uint32_t number_of(const Attribute& attribute) noexcept;
/// An attribute's text up to its NUL.
std::string_view text_of(const Attribute& attribute) noexcept;

}  // namespace duostat::rtnl
