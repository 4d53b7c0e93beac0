// Records what a command would do instead of doing it (`duostat explain`).
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>

#include "src/collect/collect.h"
#include "src/query/query.h"

namespace duostat {

/// Environment::dry_run. The front end runs as usual, but where it would bypass the seams of the environment or change
/// something, it calls the dry run instead.
class DryRun {
 public:
  virtual ~DryRun() = default;

  /// Replaces collect(). No backend is queried; the sink gets made-up rows, so that the actions for each row are
  /// recorded too.
  virtual Answer answer(Environment& env, const Query& query, const Choice& choice, Sink sink) = 0;
  /// A file outside of the proc directory would be read (`writes`: written).
  virtual void file(std::string_view path, bool writes, std::string_view what) = 0;
  /// The system's databases or the kernel are queried for `what`. It decides what follows, so the dry run does it too.
  virtual void asks(std::string_view what, std::string_view how) = 0;
  /// Replaces setns(2): `path` would be entered, in a new mount namespace.
  virtual void network_namespace(std::string_view path) = 0;
  /// Replaces ioctl(2) about interfaces. 0 or errno.
  virtual int ioctl(unsigned long request, void* argument) = 0;
  /// A program would be loaded that lists the owners of sockets (src/bpf/owner_program.h). `always`: it is the first
  /// source, not only if there are many descriptors.
  virtual void iterator(bool always) = 0;
  /// The program would do `what` in user space, because of `why`: no backend does it.
  virtual void user_space(std::string_view what, std::string_view why) = 0;
  /// The program would print a number: its title, and its source or formula.
  virtual void figure(std::string_view title, std::string_view source) = 0;
};

}  // namespace duostat
