// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/collect/each_namespace.h"

#include <fmt/core.h>
#include <net/if.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <memory>

#include "src/base/callers_rights.h"
#include "src/base/cursor.h"
#include "src/base/error.h"
#include "src/base/lines.h"
#include "src/collect/derived_environment.h"
#include "src/collect/dry_run.h"
#include "src/collect/namespaces.h"

namespace duostat {
namespace {

constexpr std::string_view kOption = "--all-netns";

void require_this_host(const Environment& env) {
  const auto refuse = [](std::string_view why) {
    throw UsageError(fmt::format("{}: {}", kOption, why), kUsageStatus);
  };
  if (env.secure) refuse(kOnlyShows);
  if (env.recorded) refuse("a recorded host has only the network namespace that was recorded");
  if (env.proc.given() || env.proc.image() != nullptr) refuse("PROC_ROOT replaces the files of this host");
  if (!env.proc.replacements().empty()) refuse("a variable PROC_… replaces a file of this host");
  if (env.variables.has("TCPDIAG_FILE")) refuse("TCPDIAG_FILE replaces the sockets of this host");
}

/// Those of the calling thread's namespace.
NamespaceNames::Interfaces interfaces_here() {
  NamespaceNames::Interfaces found;
  const std::unique_ptr<struct if_nameindex, void (*)(struct if_nameindex*)> list(::if_nameindex(),
                                                                                  ::if_freenameindex);
  if (!list) return found;
  for (const struct if_nameindex* i = list.get(); i->if_index != 0; ++i) found.emplace(i->if_index, i->if_name);
  return found;
}

/// Those with IPv6 addresses: no other file readable by everybody has indices.
NamespaceNames::Interfaces interfaces_in_files(const ProcDir& proc) {
  NamespaceNames::Interfaces found;
  int error = 0;
  const std::string text = proc.read("net/if_inet6", error);
  std::string_view rest = text, line;
  while (next_line(rest, line)) {
    Cursor cursor(line);
    std::string_view words[6];
    if (!std::ranges::all_of(words, [&](std::string_view& word) { return cursor.word(word); })) continue;
    std::uint32_t index = 0;
    const auto result = std::from_chars(words[1].data(), words[1].data() + words[1].size(), index, 16);
    if (result.ec == std::errc()) found.emplace(index, words[5]);
  }
  return found;
}


}  // namespace

std::string_view NamespaceNames::interface(std::uint32_t ifindex) {
  if (interfaces_ == nullptr) return names_.interface(ifindex);
  const auto at = interfaces_->find(ifindex);
  return at == interfaces_->end() ? std::string_view() : std::string_view(at->second);
}

std::uint32_t NamespaceNames::interface_index(std::string_view name) {
  if (interfaces_ == nullptr) return names_.interface_index(name);
  for (const auto& [ifindex, its_name] : *interfaces_)
    if (its_name == name) return ifindex;
  return 0;
}

EachNamespace::EachNamespace(Environment& env)
    : EachPlace(env),
      names_(env.names),
      shown_(derived(env, {.names = &names_})),
      inside_(derived(env, {.names = &names_, .err = &err_})) {
  require_this_host(env);
  NetworkNamespaces found = find_network_namespaces(env.proc);
  if (found.list.empty()) found.list.emplace_back().own = true;
  name_network_namespaces(env.proc, found.list);
  if (found.error != 0) problems_.push_back({"network namespaces", error_text(found.error)});
  if (found.unknown != 0)
    problems_.push_back({"network namespaces", fmt::format("those of {} process{} are not visible", found.unknown,
                                                           found.unknown == 1 ? "" : "es")});
  for (NetworkNamespace& place : found.list) add(std::move(place));
  outcomes_.resize(list_.size());
  interfaces_.resize(list_.size());
  if (env.dry_run != nullptr)
    env.dry_run->user_space(kOption, "the requests are repeated in each network namespace: a thread enters it by "
                                     "setns(2) and reads /proc/thread-self/net");
}

void EachNamespace::show(std::size_t place) {
  EachPlace::show(place);
  names_.show(list_[place].own ? nullptr : &interfaces_[place]);
}

void EachNamespace::lose_this(std::string error) {
  outcomes_[place_] = Outcome::lost;
  lose("network namespace " + list_[place_].label, std::move(error));
}

void EachNamespace::run_each(Via via, Pass pass, bool files_suffice) {
  for (std::size_t place = 0; place < list_.size(); ++place)
    if (outcomes_[place] != Outcome::lost && outcomes_[place] != Outcome::ended) look(place, via, pass, files_suffice);
}

void EachNamespace::look(std::size_t place, Via via, Pass pass, bool files_suffice) {
  show(place);
  const NetworkNamespace& listed = list_[place];
  int reason = 0;
  bool refused = false;
  const auto read = [&](Environment& inside, bool only_files) {
    refused = only_files && (!files_suffice || via == Via::netlink || via == Via::netlink_alone);
    if (refused) return;
    if (outcomes_[place] == Outcome::none) {
      if (!listed.own) interfaces_[place] = only_files ? interfaces_in_files(inside.proc) : interfaces_here();
      outcomes_[place] = only_files ? Outcome::by_files : Outcome::listed;
    }
    pass(inside, only_files ? Via::procfs : via);
    // Its files go with it, and a file that is not there looks like one that this kernel lacks.
    if (only_files && !inside.proc.exists("net/unix")) lose_this("the process by which it was read has ended");
  };
  const std::string problem = read_in_namespace(inside_, listed, read, &reason);
  if (refused) return lose_this("no permission to enter it, and /proc/PID/net does not suffice");
  if (problem.empty()) return;
  // Without an inode, other processes in it cannot be recognized.
  if (has_ended(reason) && listed.inode != 0)
    outcomes_[place] = Outcome::ended;  // with all its sockets
  else
    lose_this(error_text(reason));
}

std::string EachNamespace::files_text(ProtocolSet protocols, bool& lacks) const {
  lacks = false;
  const auto files = std::ranges::count(outcomes_, Outcome::by_files);
  if (files == 0) return {};
  std::string text = fmt::format("no permission to enter {} of {} network namespaces: they are read from /proc/PID/net",
                                 files, list_.size());
  for (const ProtocolRow& row : kProtocols) {
    if (!protocols.has(row.protocol) || !row_of(Via::procfs).knows(row.protocol).empty()) continue;
    text.append(lacks ? ", " : ", which lacks ").append(row.id);
    lacks = true;
  }
  return text;
}

}  // namespace duostat
