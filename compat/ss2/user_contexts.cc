// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/ss2/user_contexts.h"

#include <fmt/core.h>
#include <unistd.h>

#include "src/base/cursor.h"
#include "src/collect/owners.h"

namespace duostat::ss2 {

std::vector<std::string_view> command_words(std::string_view cmdline) {
  if (cmdline.empty()) return {};
  const bool terminated = cmdline.back() == '\0';
  if (terminated || cmdline.back() == ' ') cmdline.remove_suffix(1);
  const bool title = !terminated || cmdline.find('\0') == std::string_view::npos;
  const char separator = title ? ' ' : '\0';
  std::vector<std::string_view> words;
  for (;;) {
    const auto end = cmdline.find(separator);
    words.push_back(cmdline.substr(0, end));
    if (end == std::string_view::npos) return words;
    cmdline.remove_prefix(end + 1);
  }
}

UserContexts::UserContexts(Environment& env)
    : proc_(env.proc), names_(env.names), owners_(read_owners(env, {.comm = false})) {}

OwnerCoverage UserContexts::coverage() const {
  OwnerCoverage coverage = owners_.coverage();
  for (const auto& [pid, process] : processes_) {
    if (process.error == 0) continue;
    ++coverage.details_unread;
    coverage.details_error = process.error;
  }
  return coverage;
}

/// The name, or else the number, of the real user.
std::string UserContexts::user_of(std::uint32_t pid, int& error) const {
  constexpr std::string_view kLine = "\nUid:";
  const std::string status = proc_.read(fmt::format("{}/status", pid), error);
  const auto at = status.find(kLine);
  std::uint64_t uid = 0;
  if (at == std::string::npos || !Cursor(std::string_view(status).substr(at + kLine.size())).dec(uid)) return {};
  const std::string_view name = names_.user(static_cast<std::uint32_t>(uid));
  return name.empty() ? std::to_string(uid) : std::string(name);
}

/// What /proc/PID/exe leads to; the kernel's remark that the file is gone is no part of the name.
std::string UserContexts::program_of(std::uint32_t pid, int& error) const {
  constexpr std::string_view kDeleted = " (deleted)";
  std::string path = proc_.read_link(fmt::format("{}/exe", pid), error);
  if (path.ends_with(kDeleted) && (proc_.image() != nullptr || ::access(path.c_str(), F_OK) != 0))
    path.resize(path.size() - kDeleted.size());
  return path;
}

const UserContexts::Process& UserContexts::process(std::uint32_t pid) {
  const auto [at, is_new] = processes_.try_emplace(pid);
  Process& process = at->second;
  if (!is_new) return process;
  int error = 0;
  // A user who may list the descriptors of a process may read these, so a refusal is a failure too.
  const auto note = [&] {
    if (error != 0 && !is_gone(error)) process.error = error;
  };
  const std::string user = user_of(pid, error);
  note();
  if (user.empty()) return process;  // it has exited
  process.user = quoted(user);
  process.pid = quoted(std::to_string(pid));
  process.program = quoted(program_of(pid, error));
  note();
  const std::string cmdline = proc_.read(fmt::format("{}/cmdline", pid), error);
  note();
  for (const std::string_view word : command_words(cmdline)) process.words.push_back(quoted(word));
  return process;
}

void UserContexts::put(Document& document, std::uint64_t inode, bool one_descriptor) {
  std::uint32_t pid = 0;
  descriptors_.clear();
  owners_.each(inode, [&](const Owner& owner) {  // highest pid first, and of that the highest descriptor
    if (pid == 0) pid = owner.pid;
    if (owner.pid != pid) return false;
    descriptors_.push_back(owner.fd);
    return true;
  });
  if (pid == 0) return;
  const Process& holder = process(pid);
  if (holder.user.empty()) return;

  document.key("usr_ctxt");
  document.begin_object();
  document.quoted_key(holder.user);
  document.begin_object();
  document.quoted_key(holder.pid);
  document.begin_object();
  document.key("cmd");
  document.raw(holder.program);
  document.key("full_cmd");
  document.begin_array();
  for (const std::string& word : holder.words) document.element(), document.raw(word);
  document.end_array();
  document.key("fds");
  document.begin_array();
  for (auto fd = descriptors_.rbegin(); fd != descriptors_.rend(); ++fd) {
    document.element();
    document.number(*fd);
    if (one_descriptor) break;
  }
  document.end_array();
  document.end_object();
  document.end_object();
  document.end_object();
}

}  // namespace duostat::ss2
