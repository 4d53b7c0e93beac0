// The result of a benchmark: plain values, from which every report (text, JSON, CSV, HTML) is made.
//
// Times are nanoseconds, memory and data are bytes. A value that was not measured is absent (std::nullopt, an empty
// vector), never 0.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/collect/backends.h"
#include "src/collect/environment.h"

namespace duostat::bench {

/// How much of the work an answer includes. Each phase includes those before it, so the cost of a phase is the
/// difference from the one before; the last one measured is the whole.
enum class Phase : std::uint8_t {
  floor,   ///< the kernel alone: the same bytes are read and discarded
  parse,   ///< plus splitting into lines, or into messages and attributes
  model,   ///< plus converting to sockets, which are discarded
  owners,  ///< plus finding their processes (--processes)
  render,  ///< plus printing as ss does (--render), to a sink that discards the text
};
struct PhaseRow {
  Phase phase;
  std::string_view id;    ///< in JSON and CSV
  std::string_view part;  ///< what this phase adds to the one before: its name in the stacked breakdown
};
inline constexpr PhaseRow kPhases[] = {
    {Phase::floor, "floor", "kernel"},    {Phase::parse, "parse", "parsing"},    {Phase::model, "model", "model"},
    {Phase::owners, "owners", "owners"}, {Phase::render, "render", "rendering"},
};
constexpr const PhaseRow& row_of(Phase phase) { return kPhases[static_cast<unsigned>(phase)]; }

/// A median with its 95 % confidence interval (order statistics: no assumption about the distribution).
struct Summary {
  std::size_t count = 0;  ///< rounds
  double median = 0, minimum = 0, maximum = 0;
  /// The interval and its true coverage (at least 0.95). Absent below six rounds, which cannot give one.
  std::optional<double> low, high, coverage;
};

/// One round of one backend and phase: one answer, in its own process.
struct Sample {
  std::uint32_t round = 0;
  double wall = 0;                    ///< from before the first system call of the answer until after the last
  double cpu = 0;                     ///< user plus system time, exact
  std::optional<double> first;        ///< until the first socket was passed on; absent for floor and parse
  std::optional<std::uint64_t> sockets;  ///< rows of the answer; absent for floor, which counts bytes only
  std::uint64_t peak_memory = 0;      ///< largest resident set of the process (ru_maxrss)
  std::uint64_t own_memory = 0;       ///< increase over the value before the answer: what the answer needed
};

/// A backend and a phase at one size.
struct Measurement {
  Via backend{};
  Phase phase{};
  std::vector<Sample> samples;  ///< in the order of the rounds, without the warm-up
  Summary wall, cpu;
  std::optional<Summary> first;
  std::optional<Summary> ns_per_socket;  ///< wall time divided by the sockets of the same round
  std::optional<std::uint64_t> sockets;  ///< median
  /// false: some answer was incomplete, so its times are not those of the whole work.
  bool complete = true;
  std::uint64_t peak_memory = 0;         ///< maximum over the rounds
  std::uint64_t own_memory = 0;          ///< median
  /// CPU time by mode: `cpu.median`, divided in the proportion of a separate run that repeats the answer, because the
  /// kernel's tick is too coarse for one answer. Absent if that run was left out.
  std::optional<double> user, system;
  std::optional<std::uint64_t> system_calls;  ///< of one answer, from a separate run that is traced, not timed
  std::optional<std::uint64_t> bytes;         ///< received from the kernel by one answer, counted in the same run
};

/// The outcome of a comparison.
enum class Verdict : std::uint8_t {
  undecided,  ///< the interval includes 1, or there is none
  slower,     ///< the first is slower than the second: the whole interval is above 1
  faster,
};
inline constexpr std::string_view kVerdictNames[] = {"undecided", "slower", "faster"};
constexpr std::string_view name_of(Verdict v) { return kVerdictNames[static_cast<unsigned>(v)]; }

/// procfs / netlink, round by round: the ratio of each round's wall times, then median and interval of these ratios.
struct Ratio {
  Phase phase{};
  Summary value;
  Verdict verdict = Verdict::undecided;  ///< of procfs against netlink
  Summary cpu;                           ///< the same for CPU time, which other processes on the machine disturb less
};

/// The steps of finding owners (--owners), without any socket. Each includes those before it; /proc has the last only.
enum class OwnerStep : std::uint8_t {
  types,  ///< reading the kernel's types and filling in the program's offsets
  load,   ///< plus loading and linking the program
  read,   ///< plus reading every record
  index,  ///< the whole: plus the index by inode
};
inline constexpr std::string_view kOwnerSteps[] = {"types", "load", "read", "index"};
constexpr std::string_view name_of(OwnerStep step) { return kOwnerSteps[static_cast<unsigned>(step)]; }

/// A source of owners and a step at one size.
struct OwnerCost {
  OwnersFrom source{};  ///< procfs or bpf
  OwnerStep step{};
  std::vector<Sample> samples;  ///< in `sockets`: descriptors that are sockets; absent before they were read
  Summary wall, cpu;
  bool complete = true;
  std::optional<std::uint64_t> descriptors;  ///< median
  std::uint64_t own_memory = 0;              ///< median
};

/// A measurement whose rounds vary too much for a useful comparison.
struct Noise {
  std::optional<std::uint64_t> connections;
  Via backend{};
  Phase phase{};
  double spread = 0;  ///< half the width of the wall median's interval, divided by the median
};

/// All measurements at one number of connections.
struct Size {
  std::optional<std::uint64_t> connections;  ///< opened for it; absent: the host's own sockets
  std::vector<Measurement> measurements;     ///< by phase, then by backend, in the order of both enums
  std::vector<Ratio> ratios;                 ///< by phase; empty if only one backend was requested
  std::vector<OwnerCost> owners;             ///< by source, then by step; empty unless requested
  std::uint32_t rounds_asked = 0, rounds_done = 0;
  double setup = 0;                          ///< time for opening the missing connections
};

/// time = fixed + each * sockets, by least squares of the relative errors, over the sizes' wall medians.
struct Fit {
  Via backend{};
  Phase phase{};
  std::size_t points = 0;
  double fixed = 0, each = 0;
  double residual = 0;  ///< root mean square of the relative errors: 0.05 is five percent
  /// Slope of log(time) over log(sockets) between the two largest sizes: 1 is proportional, 2 quadratic; below 1 the
  /// fixed cost still matters.
  double exponent = 0;
};

/// One backend's dumps while connections were opened and closed next to a stable set of sockets.
struct Churn {
  Via backend{};
  double rate_asked = 0, rate_done = 0;  ///< connections opened and closed per second; done: 0 if fewer than two were
  std::uint64_t closed = 0;              ///< connections closed during the measurement
  std::uint64_t dumps = 0;
  std::uint64_t stable = 0;              ///< stable sockets: each should be in each dump once
  std::uint64_t rows = 0;                ///< rows of all dumps
  /// Stable sockets that a dump left out, or had more than once; summed over dumps.
  std::uint64_t missed = 0, twice = 0;
  std::uint64_t torn = 0;                ///< rows that were malformed or truncated
  /// Stable sockets with a wrong address, port or state, or connections listed that were closed before the dump began.
  std::uint64_t contradictory = 0;
  std::uint64_t interrupted = 0;         ///< dumps that the kernel marked as inconsistent (NLM_F_DUMP_INTR)
  std::uint64_t gone = 0;                ///< rows of connections that were closed before the dump ended
  /// Longest time between the closing of a connection and the end of a dump that still lists it: staleness of the
  /// answer.
  double oldest_row = 0;
  Summary duration;                      ///< of a dump: no row is older than this at its end
};

/// A whole program, timed from fork to exit, its output discarded.
struct Program {
  std::string name;                   ///< "duostat as ss", "ss (iproute2)", …
  std::vector<std::string> command;
  std::string version;                ///< first line of its version text
  std::optional<std::uint64_t> connections;
  bool installed = true;              ///< false: nothing below was measured
  std::string skipped;                ///< the reason, if it is installed and was not measured
  std::vector<Sample> samples;        ///< wall, cpu and peak_memory
  Summary wall;
  double user = 0, system = 0;        ///< means over the rounds, from the kernel's accounting of the process
  std::uint64_t peak_memory = 0;
  std::uint64_t lines = 0, bytes = 0; ///< of its output: shows whether it did the same work
};

/// The machine of the measurement.
struct Machine {
  std::string hostname, kernel, architecture, cpu;
  std::uint32_t cores = 0;             ///< usable by this process
  std::uint64_t memory = 0;            ///< MemTotal
  std::optional<double> load;          ///< 1 minute load average before the run
  std::uint64_t descriptors = 0;       ///< RLIMIT_NOFILE, hard
  std::string clock_source, governor, hypervisor;  ///< empty: unknown, or none
  std::string program_version;
};

/// The requested measurements.
struct Options {
  std::vector<Via> backends{Via::procfs, Via::netlink};
  std::string query = "tcp,udp";           ///< words of --query
  std::vector<OwnersFrom> owners;          ///< procfs, bpf: sources of owners that are measured apart
  bool processes = false, info = false, render = false, floor = false, compare = false;
  std::vector<std::uint64_t> connections;  ///< ascending; empty: the host's own sockets
  std::optional<double> churn;             ///< connections per second
  std::uint32_t rounds = 15;
  double seconds = 60;                     ///< limit for all measurements of all sizes together
};

struct Result {
  Machine machine;
  Options options;
  std::vector<std::string> command;  ///< the command line as typed
  std::string time;                  ///< of the start, UTC, ISO 8601
  std::vector<Size> sizes;           ///< finished or started, in ascending order
  std::vector<Fit> fits;             ///< with two sizes or more
  std::vector<Churn> churn;
  std::vector<Program> programs;
  std::vector<Noise> noise;
  std::vector<std::string> warnings;  ///< whole sentences
  bool interrupted = false;           ///< by a signal; the measurements before it are kept
  bool partial = false;               ///< a requested measurement is missing: interrupted, out of time, or refused
  double seconds = 0;                 ///< duration of the whole run
};

/// The measurement of a backend and phase, or null.
inline const Measurement* find(const Size& size, Via backend, Phase phase) {
  for (const Measurement& m : size.measurements)
    if (m.backend == backend && m.phase == phase) return &m;
  return nullptr;
}
/// The last phase that was measured: the whole answer.
inline std::optional<Phase> whole(const Size& size) {
  if (size.measurements.empty()) return std::nullopt;
  return size.measurements.back().phase;
}

}  // namespace duostat::bench
