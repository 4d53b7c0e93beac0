// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/view/ownerless.h"

#include <fmt/core.h>

#include "src/insight/rule_parts.h"
#include "src/model/unix_name.h"

namespace duostat {
namespace {

/// The states of a connection that no process has closed.
bool is_open(State state) { return state == State::established || state == State::close_wait; }

}  // namespace

void Ownerless::count(const Socket& s, const OwnerIndex& owners) {
  const bool has_inode = s.has(Field::inode) && s.inode != 0;
  if (has_inode && owners.first(s.inode).pid != 0) return;
  ++total_;
  // The kernel's own netlink sockets have inodes, and port 0, which no process can bind.
  if (s.family == Family::netlink && s.local.port == 0) ++kernel_;
  else if (has_inode || !s.has(Field::inode)) ++unexplained_;
  else if (s.state == State::time_wait || s.timer == Timer::time_wait) ++time_wait_;
  else if (s.state == State::syn_recv || s.state == State::new_syn_recv) ++half_open_;
  else if (s.unix_domain != nullptr) ++waiting_[std::string(shown_name(*s.unix_domain, scratch_))];
  else if (is_open(s.state)) ++waiting_[endpoint_text(s.local)];
  else ++orphans_;
}

std::string Ownerless::accept_text() const {
  constexpr std::size_t kNamed = 3;
  std::string text;
  std::size_t named = 0;
  for (const auto& [listener, sockets] : waiting_) {
    if (++named > kNamed) break;
    text += fmt::format("{}{} {} for accept() at {}", text.empty() ? "" : "; ", sockets,
                        sockets == 1 ? "waits" : "wait",
                        listener.empty() ? "a listener without a name" : listener);
  }
  if (waiting_.size() > kNamed) text += fmt::format("; more at {} listeners", waiting_.size() - kNamed);
  return text;
}

std::string Ownerless::line(std::string_view program, const OwnerCoverage& coverage, bool root) const {
  if (total_ == 0) return {};
  std::string text;
  const auto add = [&](std::uint64_t sockets, std::string_view what) {
    if (sockets != 0) text += fmt::format("{}{} {}", text.empty() ? "" : "; ", sockets, what);
  };
  add(time_wait_, "in TIME-WAIT");
  if (!waiting_.empty()) text.append(text.empty() ? "" : "; ").append(accept_text());
  add(half_open_, "half-open");
  add(orphans_, "closed by their process, and not finished");
  if (is_hiding(coverage)) {
    add(kernel_, "held by the kernel");
    const std::string_view who = root ? "perhaps in another user namespace" : "not root";
    add(unexplained_, fmt::format("of processes that are not visible ({}: {})", who, reasons(coverage)));
  } else {
    add(kernel_ + unexplained_, "held by the kernel, or in a message");
  }
  return fmt::format("{}: {} without a visible owner: {}", program, counted(total_, "socket"), text);
}

}  // namespace duostat
