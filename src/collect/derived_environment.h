// An Environment like another one, with some of its references replaced: the one place that copies every member.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "src/base/output.h"
#include "src/base/proc_dir.h"
#include "src/collect/environment.h"

namespace duostat {

/// Replacements for members of an Environment. A null pointer keeps the original member.
struct ReplacedParts {
  const ProcDir* proc = nullptr;
  Resolver* names = nullptr;
  Output* out = nullptr;
  Diagnostics* err = nullptr;
};

/// Members that are no references can be assigned afterwards. The replaced parts must outlive the result.
inline Environment derived(const Environment& env, const ReplacedParts& parts) {
  return {.program = env.program,
          .variables = env.variables,
          .proc = parts.proc != nullptr ? *parts.proc : env.proc,
          .open_transport = env.open_transport,
          .clock = env.clock,
          .names = parts.names != nullptr ? *parts.names : env.names,
          .out = parts.out != nullptr ? *parts.out : env.out,
          .err = parts.err != nullptr ? *parts.err : env.err,
          .terminal = env.terminal,
          .command = env.command,
          .origin = env.origin,
          .dry_run = env.dry_run,
          .recorded = env.recorded,
          .secure = env.secure,
          .owners = env.owners,
          .bpf = env.bpf,
          .hosts = env.hosts};
}

}  // namespace duostat
