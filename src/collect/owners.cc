// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/collect/owners.h"

#include <fmt/core.h>
#include <sys/vfs.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>

#include "src/base/error.h"
#include "src/base/nearest.h"
#include "src/bpf/owner_program.h"
#include "src/collect/dry_run.h"

namespace duostat {
namespace {

constexpr OwnersRow kRows[] = {
    {OwnersFrom::automatic, "auto"}, {OwnersFrom::bpf, "bpf"}, {OwnersFrom::procfs, "procfs"}};

/// A capability by its number (include/uapi/linux/capability.h).
enum Capability : unsigned {
  kDacReadSearch = 2,
  kSysPtrace = 19,
  kSysAdmin = 21,
  kPerfmon = 38,
  kBpf = 39,
};

/// Why the iterator cannot be asked in this environment, whatever the kernel says. Empty: it can be.
std::string_view impossible(const Environment& env, bool threads) {
  if (env.recorded) return "a recorded host has no kernel to ask";
  if (env.proc.image() != nullptr || env.proc.given()) return "PROC_ROOT replaces the processes of this host";
  if (threads) return "it does not list the threads of a process";
  if (env.secure) return "the program has rights of its own (set-uid, set-gid or file capabilities)";
  if (env.bpf == nullptr && env.dry_run == nullptr) return "this kernel is not asked";
  return {};
}

/// The text after "NAME:" in /proc/PID/status.
std::string_view line_of(std::string_view status, std::string_view name) {
  const auto at = status.find(fmt::format("\n{}:\t", name));
  if (at == std::string_view::npos) return {};
  status.remove_prefix(at + name.size() + 3);
  return status.substr(0, status.find('\n'));
}

/// Whether /proc is of the PID namespace of this program: then it knows one id of it.
bool is_own_proc(const ProcDir& proc, std::string_view status) {
  constexpr long kProcMagic = 0x9fa0;
  struct statfs about;
  if (::statfs(proc.root().c_str(), &about) != 0 || about.f_type != kProcMagic) return false;
  const std::string_view ids = line_of(status, "NSpid");
  return !ids.empty() && ids.find('\t') == std::string_view::npos;
}

/// Whether the kernel shows this program everything in /proc, and lets it load a program.
bool has_every_right(std::string_view status) {
  const std::string_view digits = line_of(status, "CapEff");
  std::uint64_t rights = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), rights, 16);
  const auto has = [&](Capability right) { return (rights >> right & 1) != 0; };
  return has(kSysPtrace) && has(kDacReadSearch) && (has(kSysAdmin) || (has(kBpf) && has(kPerfmon)));
}

/// Asks the iterator. False, with the reason in `failure`, if it cannot answer.
bool ask_iterator(Environment& env, OwnerRows& rows, std::string& failure) {
  BpfFailure why;
  OwnerReader reader(*env.bpf);
  const auto add = [&](std::span<const OwnerRecord> records) {
    for (const OwnerRecord& r : records) rows.add(r.pid, r.fd, r.inode, r.comm);
  };
  if (reader.prepare(why) && reader.load(why) && reader.read(add, why)) return true;
  failure = text_of(why);
  return false;
}

}  // namespace

std::span<const OwnersRow> owners_rows() { return kRows; }
std::string_view word_of(OwnersFrom from) { return std::ranges::find(kRows, from, &OwnersRow::from)->word; }

OwnersFrom owners_from(std::string_view word, std::string_view where) {
  const auto* const row = std::ranges::find(kRows, word, &OwnersRow::word);
  if (row == std::end(kRows))
    throw UsageError(fmt::format("{}: \"{}\" is not auto, bpf or procfs{}", where, word,
                                 did_you_mean(word, std::array<std::string_view, 3>{"auto", "bpf", "procfs"})),
                     kUsageStatus);
  return row->from;
}

std::string owners_condition() {
  return fmt::format("{} links of /proc/PID/fd are read and processes are left; /proc is that of this PID namespace; "
                     "CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH; CAP_BPF and CAP_PERFMON, or CAP_SYS_ADMIN",
                     kLinksBeforeBpf);
}

void choose_owners(Environment& env, std::optional<std::string_view> option, bool threads) {
  if (!option) {
    const auto word = env.variables.get("DUOSTAT_OWNERS");
    if (word && !word->empty()) env.owners = owners_from(*word, "DUOSTAT_OWNERS");
    return;
  }
  env.owners = owners_from(*option, "--owners");
  if (env.owners != OwnersFrom::bpf) return;
  if (const std::string_view why = impossible(env, threads); !why.empty())
    throw UsageError(fmt::format("--owners=bpf: {}", why), kUsageStatus);
}

OwnerIndex read_owners(Environment& env, const OwnerRequest& request) {
  const bool demanded = env.owners == OwnersFrom::bpf;
  if (env.owners == OwnersFrom::procfs) return OwnerIndex::scan(env.proc, request);
  std::string failure(impossible(env, request.threads));
  OwnerIndex index;
  if (!failure.empty()) {
    index = OwnerIndex::scan(env.proc, request);
  } else if (env.dry_run != nullptr) {
    env.dry_run->iterator(demanded);
    return OwnerIndex::scan(env.proc, request);
  } else {
    const auto ask = [&](OwnerRows& rows) {
      int error = 0;
      const std::string status = env.proc.read("self/status", error);
      if (!is_own_proc(env.proc, status)) return failure = "/proc is not that of this PID namespace", false;
      return (demanded || has_every_right(status)) && ask_iterator(env, rows, failure);
    };
    const OtherOwners other{demanded ? 0 : kLinksBeforeBpf, ask};
    index = OwnerIndex::scan(env.proc, request, &other);
  }
  if (demanded && !failure.empty()) {
    env.err.line(fmt::format("{}: owners: bpf: {}; /proc is read instead", env.program, failure));
    env.owners = OwnersFrom::procfs;  // a command that repeats says it once
  }
  return index;
}

}  // namespace duostat
