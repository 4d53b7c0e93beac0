// Lists directories whose entries are numbers: processes, threads, descriptors.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace duostat {

/// Lists the numeric entries of a directory in ascending order. Returns 0 or errno; after an error `numbers` has the
/// entries read so far.
int numbers_in(const std::string& path, std::vector<std::uint32_t>& numbers);

}  // namespace duostat
