// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/command/listener_text.h"

#include <fmt/core.h>

#include <optional>
#include <string_view>

#include "src/names/workload.h"
#include "src/render/address.h"

namespace duostat::command {

std::string listener_address(const Listener& l) {
  std::string text = l.name;
  if (l.family != Family::unix_domain) {
    if (binding_of(l) == Binding::all) {
      const bool both = l.v6only && !*l.v6only;
      text = l.family == Family::inet ? "all IPv4" : both ? "all" : l.v6only ? "all IPv6" : "all [::]";
    } else {
      char address[kAddressTextMax];
      text.assign(address, static_cast<std::size_t>(format_address(address, l.family, l.local.address) - address));
    }
  }
  if (l.ifindex != 0 || !l.device.empty())
    text.append("%").append(l.device.empty() ? "if" + std::to_string(l.ifindex) : l.device);
  return text;
}

std::string queue_text(const Listener& l) {
  if (!l.queue) return {};
  return l.backlog ? fmt::format("{}/{}", *l.queue, *l.backlog) : std::to_string(*l.queue);
}

std::string process_text(const Listener& l) {
  std::string text;
  if (l.kernel) text = "kernel";
  else if (l.activated) text = kActivated;
  else if (l.pid) text = fmt::format("{} {}", l.process, *l.pid);
  else text = l.change == ListenerChange::gone && !l.process.empty() ? l.process : "?";
  if (l.pids.size() > 1) text += fmt::format(" +{}", l.pids.size() - 1);
  if (l.sockets > 1) text += fmt::format(" x{}", l.sockets);
  return text;
}

std::string workload_text(Environment& env, const Listener& l, bool numeric) {
  if (!l.workload || l.activated) return {};
  const std::optional<std::uint32_t>& user = l.workload->user;
  return display_text(*l.workload, user && !numeric ? env.names.user(*user) : std::string_view());
}

}  // namespace duostat::command
