// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/query/query.h"

namespace duostat {

void Coverage::merge(const Coverage& other) {
  rows += other.rows;
  malformed += other.malformed;
  joined += other.joined;
  truncated += other.truncated;
  unknown += other.unknown;
  interrupted = interrupted || other.interrupted;
  if (error == 0 && other.error != 0) {
    error = other.error;
    operation = other.operation;
    object = other.object;
  }
}

}  // namespace duostat
