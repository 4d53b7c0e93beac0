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
  std::uint64_t buckets = 0;  ///< of the hash table that is walked; 0: none, or a short one
  double netlink_us = 0, procfs_us = 0;  ///< processor time; 0: not asked
};
struct Cost {
  double start_us = 0;  ///< of the process, until it reads its options
  std::vector<TableCost> tables;
  std::uint64_t processes = 0;  ///< numbered directories of /proc; 0 if they would not be read
  std::uint64_t files = 0;      ///< open files of the whole system (sys/fs/file-nr)
  double processes_us = 0;
};
/// Reads net/protocols, net/sockstat and the sizes of hash tables, and counts the processes if they would be read.
/// `start_ns`: processor time of this process at the beginning, which is that of the command.
Cost estimate(const Plan& plan, const ProcDir& proc, std::int64_t start_ns);
/// Where the numbers for one socket come from.
std::string_view cost_source();

/// "SIOCGIFFLAGS".
std::string_view ioctl_name(unsigned long request);

void print_plan(const Plan& plan, const Cost& cost, Output& out);
/// Kind "explain" of doc/json.md: one object.
void write_plan(const Plan& plan, const Cost& cost, Environment& env);

}  // namespace duostat::native
