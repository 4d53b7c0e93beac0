// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/native/commands.h"

namespace duostat::native {

std::vector<const command::Command*> all_commands() {
  std::vector<const command::Command*> all{&kExplain, &kBench};
  const auto others = command::commands();
  all.insert(all.end(), others.begin(), others.end());
  all.push_back(&kCompletion);
  return all;
}

}  // namespace duostat::native
