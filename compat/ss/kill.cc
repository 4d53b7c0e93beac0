// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/ss/kill.h"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>

#include "compat/ss/tables.h"
#include "src/base/error.h"

namespace duostat::ss {
namespace {

/// Protocols whose inet_diag_handler has a destroy function.
constexpr ProtocolSet kClosable{Protocol::tcp, Protocol::udp, Protocol::udplite, Protocol::raw};

void refuse(bool condition, const std::string& text) {
  if (condition) throw UsageError(text, kUsageStatus);
}

}  // namespace

KillRules kill_rules(const Request& r, const SocketView& sockets) {
  return {.kill = r.kill, .dry_run = r.dry_run, .shows_all = sockets.idle() && !r.dry_run && !r.strict};
}

void check_kill(const Request& r, const ViewPlan& plan, Via via) {
  const struct {
    bool given;
    std::string_view name;
  } kOurs[] = {{r.dry_run, "--dry-run"}, {r.strict, "--strict"}};
  const struct {
    bool given;
    std::string_view name;
  } kOthers[] = {{r.events, "-E"}, {r.dump_file.has_value(), "-D"}, {r.summary, "-s"}};
  for (const auto& ours : kOurs) {
    if (!ours.given) continue;
    refuse(!r.kill, fmt::format("{} needs -K", ours.name));
    for (const auto& other : kOthers)
      refuse(other.given, fmt::format("{} and {} do not go together", ours.name, other.name));
  }
  if (!r.kill) return;
  refuse(r.events && !plan.idle(),
         "-K and -E cannot be combined with --json, --columns, --where, --sort, --top, --by, --count or --fail-if");
  refuse(via == Via::procfs, "-K: procfs cannot close sockets; use --via=netlink");
  const bool counts = (plan.count || !plan.by.empty()) && !r.dry_run;
  refuse(counts,
         fmt::format("-K: {} does not show which sockets are closed; with --dry-run it counts those that would be",
                     plan.count ? "--count" : "--by"));
}

std::string Unclosed::line(bool dry_run) const {
  const std::uint64_t all = gone + unable + refused + untried;
  std::string text = fmt::format("ss: -K: {} {} matched and {} not {}closed:", all, all == 1 ? "socket" : "sockets",
                                 dry_run ? "would" : all == 1 ? "was" : "were", dry_run ? "be " : "");
  std::string_view comma = " ";
  const auto add = [&](std::uint64_t count, std::string_view why) {
    if (count == 0) return;
    text += fmt::format("{}{} {}", comma, count, why);
    comma = ", ";
  };
  add(gone, "already gone");
  add(unable, "of a kind that cannot be closed");
  std::string refusal = "refused (";
  for (const std::string& reason : reasons) refusal.append(&reason == &reasons.front() ? "" : "; ").append(reason);
  add(refused, refusal + ")");
  add(untried, "not tried after that");
  if (left_alone) text += "; the rest of the table was not tried";
  return text;
}

Verdict Killer::decide(const Socket& socket, bool from_kernel) {
  const bool can_try = from_kernel && kInetTables.has(socket.protocol);
  if (rules_.shows_all && !can_try) return Verdict::show;
  if (!from_kernel && kClosable.has(socket.protocol) && !met_text_) {
    met_text_ = true;
    env_.err.line("ss: -K: sockets that a file lists instead of netlink cannot be closed");
  }
  if (!can_try || (rules_.dry_run && !kClosable.has(socket.protocol))) return ++unclosed_.unable, Verdict::skip;
  return rules_.dry_run ? Verdict::show : kill(socket);
}

int Killer::error() const noexcept { return error_ != 0 ? error_ : met_text_ ? EOPNOTSUPP : 0; }

Verdict Killer::kill(const Socket& socket) {
  if (!destroyer_) {
    destroyer_.emplace();
    if (const OpenError error = destroyer_->open(env_.open_transport))
      return refuse(fmt::format("{}:", words_of(error.step)), error);
  }
  switch (const int error = destroyer_->destroy(socket)) {
    case 0: return Verdict::show;
    case ENOENT: return ++unclosed_.gone, Verdict::skip;
    case EOPNOTSUPP: return ++unclosed_.unable, Verdict::skip;
    default: return refuse("SOCK_DESTROY answers:", error);
  }
}

Verdict Killer::refuse(std::string_view what, int error) {
  env_.err.line(fmt::format("{} {}", what, error_text(error)));
  error_ = error;
  ++unclosed_.refused;
  const std::string reason = error_text(error);
  if (std::ranges::find(unclosed_.reasons, reason) == unclosed_.reasons.end()) unclosed_.reasons.push_back(reason);
  return Verdict::end;
}

}  // namespace duostat::ss
