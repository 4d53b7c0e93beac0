// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/base/callers_rights.h"

#include <sys/auxv.h>
#include <sys/fsuid.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "src/base/error.h"

namespace duostat {
namespace {

/// __user_cap_header_struct of capset(2): version 3 (Linux 2.6.26), this thread.
struct CapabilityHeader {
  std::uint32_t version = 0x20080522;
  int pid = 0;
};
/// Indices of the two words of effective capabilities among effective, permitted, inheritable, for the lower and the
/// upper 32.
constexpr std::size_t kEffective[] = {0, 3};

constexpr auto kNobody = static_cast<uid_t>(-1);  ///< makes setfsuid(2) only return the current user

}  // namespace

bool secure_execution() noexcept { return ::getauxval(AT_SECURE) != 0; }

CallersRights::CallersRights(bool secure) : secure_(secure) {
  if (!secure_) return;
  CapabilityHeader header;
  if (::syscall(SYS_capget, &header, capabilities_.data()) != 0) throw SystemError("capget", "", errno);
  group_ = static_cast<gid_t>(::setfsgid(::getgid()));
  user_ = static_cast<uid_t>(::setfsuid(::getuid()));
  std::array<std::uint32_t, 6> none = capabilities_;
  for (const std::size_t at : kEffective) none[at] = 0;
  const bool dropped = ::syscall(SYS_capset, &header, none.data()) == 0;
  const int error = dropped ? EPERM : errno;
  if (dropped && static_cast<uid_t>(::setfsuid(kNobody)) == ::getuid()) return;
  restore();
  throw SystemError("capset", "", error);
}

CallersRights::~CallersRights() {
  if (secure_) restore();
}

void CallersRights::restore() noexcept {
  (void)::setfsuid(user_);
  (void)::setfsgid(group_);
  CapabilityHeader header;
  (void)::syscall(SYS_capset, &header, capabilities_.data());
}

}  // namespace duostat
