// Arbitrary text as an expression of --where: it is refused with a position inside it, or evaluated.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "src/base/error.h"
#include "src/insight/where.h"
#include "tests/insight/sample.h"

using namespace duostat;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static test::Sample sample;
  try {
    const Where where({reinterpret_cast<const char*>(data), size});
    where.matches(sample.context, sample.socket);
    where.matches(sample.context, Socket{});
    if (where.needs().empty() && size == 0) std::abort();  // an empty text is not an expression
  } catch (const UsageError& e) {
    if (e.status() != 2 || std::string_view(e.what()).empty()) std::abort();
  }
  return 0;
}
