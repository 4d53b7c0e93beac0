// What a front end did with its words.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

namespace duostat {

struct Ran {
  int status = 0;
  std::string out, err;
};

}  // namespace duostat
