// -K: sockets are selected, then closed, then shown.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "compat/ss/options.h"
#include "src/collect/environment.h"
#include "src/diag/destroy.h"
#include "src/view/socket_view.h"

namespace duostat::ss {

/// What -K does to the sockets that a listing selects.
struct KillRules {
  bool kill = false;
  bool dry_run = false;    ///< close nothing, and show what would be closed
  bool shows_all = false;  ///< as in the original: sockets that cannot be closed are listed as without -K
};
/// With an option of ours, exactly the closed sockets are shown.
KillRules kill_rules(const Request& request, const SocketView& sockets);

/// Throws UsageError with status 2 for combinations in which -K or one of its options has no effect.
void check_kill(const Request& request, const ViewPlan& plan, Via via);

/// Sockets that were selected and not closed, by reason.
struct Unclosed {
  std::uint64_t gone = 0;     ///< the kernel has no such socket any more
  std::uint64_t unable = 0;   ///< of a kind that cannot be closed, or from a text file
  std::uint64_t refused = 0;
  std::uint64_t untried = 0;  ///< selected, but after a refusal
  bool left_alone = false;    ///< a table was not read to its end after a refusal
  std::vector<std::string> reasons;  ///< of refusals

  bool any() const { return gone + unable + refused + untried != 0; }
  std::string line(bool dry_run) const;
};

/// Whether a row is shown after the attempt.
enum class Verdict : std::uint8_t {
  show,  ///< closed
  skip,  ///< not closed: gone already, or of a kind that cannot be closed
  end,   ///< refused (already reported); the rest of the table is left alone
};

/// Closes the sockets of one table.
class Killer {
 public:
  /// `unclosed` is shared by all tables.
  Killer(Environment& env, const KillRules& rules, Unclosed& unclosed)
      : env_(env), rules_(rules), unclosed_(unclosed) {}

  const KillRules& rules() const noexcept { return rules_; }
  /// `from_kernel`: the row is netlink's own answer, which SOCK_DESTROY understands.
  Verdict decide(const Socket& socket, bool from_kernel);
  /// Skips a socket that was selected before the refusal.
  void leave_alone() noexcept { ++unclosed_.untried; }

  bool refused() const noexcept { return error_ != 0; }
  /// Why sockets that can be closed were neither closed nor shown: the errno of a refusal, or EOPNOTSUPP for rows that
  /// are not netlink's. 0: there were none.
  int error() const noexcept;

 private:
  Verdict kill(const Socket& socket);
  Verdict refuse(std::string_view what, int error);

  Environment& env_;
  KillRules rules_;
  Unclosed& unclosed_;
  std::optional<SocketDestroyer> destroyer_;  ///< opened for the first socket
  int error_ = 0;
  bool met_text_ = false;
};

}  // namespace duostat::ss
