// Reads a file that the user named.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <string>

namespace duostat::command {

/// Reads the whole file, with the caller's rights in secure execution (Environment::secure). Returns 0 or errno; EFBIG
/// if it has more than `most` bytes.
int read_user_file(const std::string& path, bool secure, std::size_t most, std::string& text);

}  // namespace duostat::command
