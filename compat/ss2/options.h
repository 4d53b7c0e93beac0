// The options of ss2.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>
#include <span>
#include <string>

#include "src/base/option_table.h"

namespace duostat::ss2 {

struct Request {
  bool help = false;
  bool unix_domain = false, tcp = false;
  bool listen = false, all = false;
  bool process = false, resolve = false;
  std::optional<std::string> via, owners;
};

std::span<const Option<Request>> options();
std::string usage_line();
std::string usage_text();

/// Throws UsageError, with the usage line, for a mistake on the command line.
Request read_options(std::span<const std::string> args);

}  // namespace duostat::ss2
