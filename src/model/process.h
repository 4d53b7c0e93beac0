// Properties of a process beyond its descriptors.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>

#include "src/model/workload.h"

namespace duostat {

/// The properties that can be requested of a process that holds a socket.
enum class ProcessField : std::uint8_t {
  exe,
  cmdline,
  user,
  cgroup,
  unit,
  workload,
  limits,  ///< descriptor_limit
  stat,    ///< run_state, started_ms
};

class ProcessFields {
 public:
  constexpr ProcessFields() = default;
  constexpr ProcessFields(std::initializer_list<ProcessField> fields) {
    for (const ProcessField f : fields) add(f);
  }
  constexpr bool has(ProcessField f) const { return (bits_ >> static_cast<unsigned>(f) & 1) != 0; }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr void add(ProcessFields others) { bits_ = static_cast<std::uint8_t>(bits_ | others.bits_); }
  constexpr void add(ProcessField f) { bits_ = static_cast<std::uint8_t>(bits_ | 1u << static_cast<unsigned>(f)); }

 private:
  std::uint8_t bits_ = 0;
};

/// Raw bytes. A member is absent if it could not be read or does not exist.
struct Process {
  std::optional<std::string> exe;      ///< the link /proc/PID/exe
  std::optional<std::string> cmdline;  ///< arguments, separated by NUL
  std::optional<std::uint32_t> uid;    ///< effective user
  std::optional<std::string> cgroup;   ///< path in the cgroup2 tree, "/system.slice/nginx.service"
  std::optional<std::string> unit;     ///< systemd's unit: the last component of that path that is a unit name
  std::optional<Workload> workload;    ///< unit, container and pod, from all hierarchies
  std::optional<std::uint64_t> descriptor_limit;  ///< soft RLIMIT_NOFILE; absent too if unlimited
  std::optional<char> run_state;                  ///< 'S', 'T' …: third field of /proc/PID/stat
  std::optional<std::uint64_t> started_ms;        ///< after boot, milliseconds
};

}  // namespace duostat
