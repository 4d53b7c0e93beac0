// Reads back one object of --json=lines, for people: a field a line.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/view/row_keys.h"

namespace duostat {

/// The line of `text` whose place in `keys` is that of `key`; nullopt if there is none.
std::optional<std::string_view> line_of(std::string_view text, const RowKeys& keys, const RowKey& key);

/// "tcp_info.rtt_us  52000": the members of an object that Json wrote, in its order, those of nested objects with their
/// path. Elements of arrays have their number. Text is printed as it stands in JSON, without quotes.
std::vector<std::string> fields_of_json(std::string_view object);

}  // namespace duostat
