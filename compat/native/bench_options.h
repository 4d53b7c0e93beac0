// The options of `duostat bench`.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <span>
#include <string>
#include <vector>

#include "src/base/option_table.h"
#include "src/base/output.h"
#include "src/bench/result.h"

namespace duostat::native {

/// A report that can be written to a file: the option that asks for it, and the function that writes it.
struct ReportFormat {
  std::string_view option;
  void (*write)(Output& out, const bench::Result& result);
};

struct BenchRequest {
  struct File {
    std::string path;
    const ReportFormat* format;
  };
  bench::Options options;
  std::vector<File> files;
};

std::span<const Option<BenchRequest>> bench_options();

}  // namespace duostat::native
