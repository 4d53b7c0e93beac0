// The process that holds a socket, as ss2 shows it: user, id, program, command line, descriptors.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "compat/ss2/document.h"
#include "src/collect/environment.h"
#include "src/procfs/owners.h"

namespace duostat::ss2 {

/// The words of a command line as /proc/PID/cmdline has it. One word with blanks in it is a title that a program gave
/// itself, and is taken apart at each of them.
std::vector<std::string_view> command_words(std::string_view cmdline);

class UserContexts {
 public:
  explicit UserContexts(Environment& env);

  /// The descriptors and the processes described by put() that could not be read.
  OwnerCoverage coverage() const;

  /// Writes the member "usr_ctxt", or nothing if no visible process holds the socket. Shows the process with the
  /// highest id; with `one_descriptor`, only its lowest descriptor.
  void put(Document& document, std::uint64_t inode, bool one_descriptor);

 private:
  /// A process, quoted.
  struct Process {
    std::string user, pid, program;
    std::vector<std::string> words;
    int error = 0;  ///< errno of reading these; 0 also for a process that has exited
  };

  const Process& process(std::uint32_t pid);
  std::string user_of(std::uint32_t pid, int& error) const;
  std::string program_of(std::uint32_t pid, int& error) const;

  const ProcDir& proc_;
  Resolver& names_;
  OwnerIndex owners_;
  std::unordered_map<std::uint32_t, Process> processes_;
  std::vector<std::uint32_t> descriptors_;
};

}  // namespace duostat::ss2
