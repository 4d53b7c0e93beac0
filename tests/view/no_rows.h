// Rows that nobody looks at: the test is about what else a listing does.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string_view>

#include "src/view/row_sink.h"

namespace duostat::test {

class NoRows final : public RowSink {
 public:
  void row(const Socket&, std::uint32_t) override {}
  RowWords words(const Socket&, std::uint32_t) const override { return {}; }
  void explain(std::string_view) override {}
};

}  // namespace duostat::test
