// A list of listeners that is written to a file and compared with a later one: what is new, gone, or of another owner.
//
//   duostat baseline 1
//   # host web1, 2026-01-31T12:00:00.000000Z
//   range	32768	60999
//   listener	tcp	0.0.0.0	22	-	sshd	0	ssh.service
//
// The fields of a line are separated by tabs: protocol, address or UNIX name, port, device, process, user id, unit.
// "-" is none and "?" not visible; a backslash, a control character, and a byte that is not ASCII are written as \xHH.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/model/listener.h"
#include "src/model/port_range.h"

namespace duostat {

struct BaselineEntry {
  std::string protocol;     ///< Protocol's id; MPTCP counts as tcp, because a server changes between the two alone
  std::string address;      ///< or the UNIX name
  std::uint32_t port = 0;   ///< 0: a UNIX socket
  std::string device;
  bool known = false;       ///< false: the owner is not visible
  std::string process;      ///< empty and known: none, a socket of the kernel
  std::optional<std::uint32_t> uid;
  std::string unit;         ///< see stable_unit(); empty: none or unknown
  bool managed = false;     ///< now: a service manager holds it, too. Not written
  bool operator==(const BaselineEntry&) const = default;
};

struct Baseline {
  std::vector<BaselineEntry> entries;
  PortRange range;  ///< of the ports that the kernel chooses (sysctl ip_local_port_range)
};

/// The part of a workload's name that a restart keeps: the unit, or the runtime without the container's id and pod.
/// Login sessions and transient units have one name each: "session.scope", "run.scope".
std::string stable_unit(const Workload& workload);
BaselineEntry entry_of(const Listener& listener);
/// The entry as a listener that is gone. An unknown protocol becomes tcp.
Listener listener_of(const BaselineEntry& entry);
/// "sshd, user 0, ssh.service"; "not visible" if the owner is unknown.
std::string owner_text(const BaselineEntry& entry);

/// The file. `comment`: one line, from which control characters are removed.
std::string text_of(const Baseline& baseline, std::string_view comment);
/// Throws FormatError with `name` and the number of the line.
Baseline parse_baseline(std::string_view text, const std::string& name);

/// One difference. Indices into the two lists of entries.
struct BaselineDifference {
  ListenerChange change = ListenerChange::none;
  std::size_t before = 0;  ///< gone, changed
  std::size_t now = 0;     ///< added, changed
};

struct BaselineComparison {
  std::vector<BaselineDifference> differences;  ///< those of `now` in its order, then what is gone
  std::uint64_t not_compared = 0;  ///< listeners whose owner is visible in one of the two lists only
};

/// Compares by protocol, address, port and device. Listeners on ports of the range, and UNIX sockets with a name that
/// the kernel chose, get another one at each start: they count as the same if their owner is the same. An owner is the
/// process name, the user and the unit; what systemd holds for a unit that it starts on demand has that unit's owner,
/// too. A port that the baseline's range has is in the range as well.
BaselineComparison compare(const Baseline& before, const Baseline& now);

}  // namespace duostat
