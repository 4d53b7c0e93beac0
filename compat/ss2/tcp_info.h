// TCP's internals under ss2's keys.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "compat/ss2/document.h"
#include "src/base/bytes.h"
#include "src/model/tcp_info.h"

namespace duostat::ss2 {

/// Writes the object, without the members that this kernel did not send.
void put_tcp_info(Document& document, const Grown<TcpInfo>& info);

}  // namespace duostat::ss2
