// A plan of a command as text and as JSON, and the conclusions from it.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "compat/native/plan.h"
#include "src/base/output.h"
#include "src/base/proc_dir.h"
#include "src/collect/environment.h"

namespace duostat::native {

/// Work that the kernel does not do, and why.
struct Leftover {
  std::string what, why;
  std::vector<std::string> tables;  ///< of these; empty: of all
};
std::vector<Leftover> left_to_user_space(const Plan& plan);

/// "tcp", "unix", "packet", "vsock": the kernel table that a query is about.
std::string table_name(const Query& query);
/// Whether a backend is asked, first or after the first one refused.
bool asks(const Choice& choice, Via via);
/// Why a backend is asked first.
std::string reason_of(const PlannedTable& table);

/// A BPF iterator that would be asked for owners. The program's offsets are those of the running kernel, which a dry
/// run does not read: names stand for them.
struct OwnerProgramText {
  std::string condition, target, record;
  std::string program;  ///< a line for each instruction and label
};
OwnerProgramText owner_program_text(const Plan& plan);

/// The estimated cost of a table, by the number of sockets in it now.
struct TableCost {
  std::string table;
  std::uint64_t sockets = 0;  ///< in every state
  bool counted = false;       ///< false: no file has the number
  std::string source;         ///< where they were counted
  double netlink_us = 0, procfs_us = 0;
};
struct Cost {
  std::vector<TableCost> tables;
  std::uint64_t processes = 0;  ///< numbered directories of /proc; 0 if they would not be read
  std::uint64_t files = 0;      ///< open files of the whole system (sys/fs/file-nr)
  double processes_us = 0;
};
/// Reads net/protocols and net/sockstat, and counts the processes if they would be read.
Cost estimate(const Plan& plan, const ProcDir& proc);
/// Where the numbers for one socket come from.
std::string_view cost_source();

/// "SIOCGIFFLAGS".
std::string_view ioctl_name(unsigned long request);

void print_plan(const Plan& plan, const Cost& cost, Output& out);
/// Kind "explain" of doc/json.md: one object.
void write_plan(const Plan& plan, const Cost& cost, Environment& env);

}  // namespace duostat::native
