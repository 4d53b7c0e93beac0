// A dry run: records what a command would do instead of doing it (`duostat explain`).
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>

#include "src/collect/collect.h"
#include "src/query/query.h"

namespace duostat {

/// Environment::witness. Where a front end or command would ask the kernel by another way than the environment's seams, or would change
/// something, it calls the witness instead.
class Witness {
 public:
  virtual ~Witness() = default;

  /// Stands for collect(): no backend is asked. The sink gets made-up rows, so that the work for each row is recorded too.
  virtual Answer answer(Environment& env, const Query& query, const Choice& choice, Sink sink) = 0;
  /// A file outside of the proc directory would be read (`writes`: written).
  virtual void file(std::string_view path, bool writes, std::string_view what) = 0;
  /// The system's databases or the kernel are asked for `what`, in the dry run too, because the answer decides what happens next.
  virtual void asks(std::string_view what, std::string_view how) = 0;
  /// Stands for setns(2): `path` would be entered, with mounts of its own.
  virtual void network_namespace(std::string_view path) = 0;
  /// Stands for ioctl(2) about interfaces. 0 or errno.
  virtual int ioctl(unsigned long request, void* argument) = 0;
  /// The program would do `what` itself, for the reason `why`: no backend does.
  virtual void user_space(std::string_view what, std::string_view why) = 0;
};

}  // namespace duostat
