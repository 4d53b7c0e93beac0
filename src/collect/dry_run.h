// Who is told what would be asked, in place of anybody who could answer (`duostat explain`).
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>

#include "src/collect/collect.h"
#include "src/query/query.h"

namespace duostat {

/// Environment::dry_run. A front end runs as ever; where it would reach for the kernel past the seams of the environment, or
/// would change something, it tells the dry_run and does not do it.
class DryRun {
 public:
  virtual ~DryRun() = default;

  /// Stands for collect(): nobody is asked. The sink gets made-up rows, so that what is done for each row comes to light too.
  virtual Answer answer(Environment& env, const Query& query, const Choice& choice, Sink sink) = 0;
  /// A file would be read (`writes`: written) that is no part of the proc directory.
  virtual void file(std::string_view path, bool writes, std::string_view what) = 0;
  /// The system's databases or the kernel are asked for `what`, which decides how to go on: it is done now, too.
  virtual void asks(std::string_view what, std::string_view how) = 0;
  /// Stands for setns(2): `path` would be entered, with mounts of its own.
  virtual void network_namespace(std::string_view path) = 0;
  /// Stands for ioctl(2) about interfaces. 0 or errno.
  virtual int ioctl(unsigned long request, void* argument) = 0;
};

}  // namespace duostat
