// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <fmt/core.h>


#include "compat/native/explain.h"
#include "src/bpf/owner_program.h"
#include "src/collect/owners.h"
#include "src/diag/bytecode.h"

namespace duostat::native {
namespace {

/// Tables whose requests cannot name states.
constexpr ProtocolSet kStateless = kPacketProtocols | ProtocolSet{Protocol::netlink, Protocol::xdp};
/// Families of several protocols that one request cannot tell apart.
constexpr ProtocolSet kShared[] = {kUnixProtocols, kPacketProtocols, kVsockProtocols};

bool is_inet(const PlannedTable& table) { return table.query.protocols.has_any(kInetProtocols); }

std::string filter_reason(const PlannedTable& table) {
  if (!asks(table.choice, Via::netlink)) return "a text file is read whole: nothing in it can be left out";
  if (!is_inet(table)) return "only inet_diag requests take a program (INET_DIAG_REQ_BYTECODE)";
  return std::string(bytecode_obstacle(*table.filter));
}

/// Collects by what and why, so that each is said once.
class Leftovers {
 public:
  void add(std::string what, std::string why, const std::string& table) {
    const auto same = [&](const Leftover& l) { return l.what == what && l.why == why; };
    auto at = std::ranges::find_if(list_, same);
    if (at == list_.end()) at = list_.insert(at, {std::move(what), std::move(why), {}});
    if (!table.empty() && std::ranges::find(at->tables, table) == at->tables.end()) at->tables.push_back(table);
  }
  std::vector<Leftover> take() { return std::move(list_); }

 private:
  std::vector<Leftover> list_;
};

void add_filter(Leftovers& left, const PlannedTable& table, const std::string& name) {
  if (const std::string why = filter_reason(table); !why.empty())
    left.add("the whole filter", why, name);
  else
    left.add("the filter, evaluated again",
             "the kernel's program may only narrow: a kernel that does not support a condition sends more, and procfs "
             "lists all",
             name);
}

void add_choice(Leftovers& left, const PlannedTable& table, const std::string& name) {
  const ProtocolSet asked = table.query.protocols;
  for (const ProtocolSet shared : kShared)
    if (asked.has_any(shared) && !(shared - asked).empty())
      left.add("which type of socket", "a request selects by family; the kernel sends every type", name);
  constexpr StateMask kEvery = ~StateMask{0};
  if (table.query.states == kEvery) {
    left.add("which states are shown", "every state is requested; the front end's -a and -l decide row by row", name);
  } else if (table.choice.reason == Choice::Reason::combined) {
    left.add("which types and states are shown, if names make the file ambiguous",
             "every socket is then requested: netlink's names show where the file's rows end", name);
  } else if (asked.has_any(kStateless)) {
    left.add("which states are shown", "neither request nor answer has a member for states", name);
  } else if (asks(table.choice, Via::procfs) && !table.files.empty()) {
    left.add("which states are shown, if procfs answers", "a text file lists every state", name);
  }
}

}  // namespace

bool asks(const Choice& choice, Via via) { return choice.first == via || choice.second == via; }

std::string table_name(const Query& query) {
  for (const ProtocolRow& row : kProtocols) {
    if (!query.protocols.has(row.protocol)) continue;
    return std::string(row.id.substr(0, row.id.find('_')));
  }
  return {};
}

std::string reason_of(const PlannedTable& table) {
  const Choice& choice = table.choice;
  switch (choice.reason) {
    case Choice::Reason::demanded:
      // quirk: foreign-host-filter
      if (choice.first == Via::procfs && is_inet(table) && table.filter != nullptr && has_foreign_host(*table.filter))
        return "the kernel refuses a filter with a host of another family (or selected by --via)";
      return "selected by --via or DUOSTAT_VIA";
    case Choice::Reason::redirected:
      return "PROC_ROOT or a variable PROC_NET_* names files to read instead";
    case Choice::Reason::cheaper:
      return "cheaper, and it can supply every field";
    case Choice::Reason::alone:
      return "no file of /proc lists them as this command shows them";
    case Choice::Reason::combined:
      return "names, types and inodes cannot be forged there; procfs adds the reference counts, by inode";
    case Choice::Reason::knows_more:
      break;
  }
  return "only it supplies " + names_of(choice.missing);
}

std::vector<Leftover> left_to_user_space(const Plan& plan) {
  Leftovers left;
  for (const PlannedTable& table : plan.tables) {
    const std::string name = table_name(table.query);
    if (table.filter) add_filter(left, table, name);
    add_choice(left, table, name);
  }
  if (!plan.process_files.empty())
    left.add("which process holds a socket",
             "the kernel sends only a socket's inode; the links /proc/PID/fd/N read \"socket:[INODE]\"", {});
  for (const UserSpaceWork& work : plan.user_space) left.add(work.what, work.why, {});
  return left.take();
}

OwnerProgramText owner_program_text(const Plan& plan) {
  const Program program = owner_program();
  return {.condition = plan.owner_program_first ? std::string("first") : "if " + owners_condition(),
          .target = fmt::format("{}: every descriptor of every task, as a tracing program (BPF_TRACE_ITER), licence "
                                "\"GPL\", {} instructions; unloaded at once",
                                kOwnerFunction, program.size()),
          .record = fmt::format("{} bytes for each socket of the leader of a process: inode 8, pid 4, fd 4, comm 16",
                                sizeof(OwnerRecord)),
          .program = program.text()};
}

}  // namespace duostat::native
