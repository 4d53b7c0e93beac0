// A value of a BPF map as text, as libbpf writes it for ss.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string_view>

#include "src/base/function_ref.h"
#include "src/bpf/btf.h"

namespace duostat::ss {

using PutText = FunctionRef<void(std::string_view)>;

/// Writes `value`, of type `type`, in pieces. On one line, or on many that begin with two tabs and more and of which
/// the last is not ended. Returns 0, or the errno with which libbpf gives up in the middle: E2BIG for a bit field that
/// a load of its whole type would read beyond the value's end, EINVAL for what has no size.
int put_btf_value(const Btf& btf, std::uint32_t type, Bytes value, bool oneline, PutText put);

}  // namespace duostat::ss
