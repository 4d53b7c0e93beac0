// What a benchmark found: plain values, from which every report (text, JSON, CSV, HTML) is made.
//
// Times are nanoseconds, memory and data are bytes. What was not measured is absent (std::nullopt, an empty vector), never 0.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/collect/backends.h"

namespace duostat::bench {

/// How far an answer is carried. Each phase does all that the ones before it do, so what a phase costs by itself is the
/// difference to the one before; the last one measured is the whole.
enum class Phase : std::uint8_t {
  floor,   ///< the kernel alone: the same bytes read and thrown away
  parse,   ///< and cut into lines, or into messages and attributes
  model,   ///< and turned into sockets, which nobody looks at
  owners,  ///< and their processes looked for (--processes)
  render,  ///< and printed as ss prints them (--render), to a place that throws the text away
};
struct PhaseRow {
  Phase phase;
  std::string_view id;    ///< in JSON and CSV
  std::string_view part;  ///< what this phase adds to the one before: a part of the stacked breakdown
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

/// One round of one backend and phase: one answer, in a process made for it.
struct Sample {
  std::uint32_t round = 0;
  double wall = 0;                    ///< from before the first system call of the answer to behind the last
  double cpu = 0;                     ///< user and system time together, exact
  std::optional<double> first;        ///< until the first socket was handed out; absent for floor and parse
  std::optional<std::uint64_t> sockets;  ///< rows of the answer; absent for floor, which sees bytes
  std::uint64_t peak_memory = 0;      ///< greatest resident set of the process (ru_maxrss)
  std::uint64_t own_memory = 0;       ///< how much greater than before the answer: what the answer needed
};

/// A backend and a phase at one size.
struct Measurement {
  Via backend{};
  Phase phase{};
  std::vector<Sample> samples;  ///< in the order of the rounds, warm-up left out
  Summary wall, cpu;
  std::optional<Summary> first;
  std::optional<Summary> ns_per_socket;  ///< wall, divided by the sockets seen in the same round
  std::optional<std::uint64_t> sockets;  ///< median
  bool complete = true;                  ///< false: some answer was not, so that its times are not those of the work
  std::uint64_t peak_memory = 0;         ///< maximum over the rounds
  std::uint64_t own_memory = 0;          ///< median
  /// CPU time by mode: `cpu.median` divided as in a run apart that repeats the answer, for the kernel's tick is too coarse for
  /// one. Absent if that run was left out.
  std::optional<double> user, system;
  std::optional<std::uint64_t> system_calls;  ///< of one answer, counted in a run apart that is traced, not timed
  std::optional<std::uint64_t> bytes;         ///< received from the kernel by one answer, counted in that same run
};

/// What is said of a comparison.
enum class Verdict : std::uint8_t {
  undecided,  ///< the interval includes 1, or there is none
  slower,     ///< the first is slower than the second: the whole interval is above 1
  faster,
};
inline constexpr std::string_view kVerdictNames[] = {"undecided", "slower", "faster"};
constexpr std::string_view name_of(Verdict v) { return kVerdictNames[static_cast<unsigned>(v)]; }

/// procfs / netlink, round by round: each round's wall times divided, then median and interval of these ratios.
struct Ratio {
  Phase phase{};
  Summary value;
  Verdict verdict = Verdict::undecided;  ///< of procfs against netlink
  Summary cpu;                           ///< the same of CPU time, which other processes on the machine disturb less
};

/// Rounds scattered so much that a comparison is not worth much.
struct Noise {
  std::optional<std::uint64_t> connections;
  Via backend{};
  Phase phase{};
  double spread = 0;  ///< half the width of the wall median's interval, divided by the median
};

/// Everything at one number of connections.
struct Size {
  std::optional<std::uint64_t> connections;  ///< made for it; absent: the host's own sockets
  std::vector<Measurement> measurements;     ///< by phase, then by backend, in the order of both enums
  std::vector<Ratio> ratios;                 ///< by phase; empty if one backend only was asked
  std::uint32_t rounds_asked = 0, rounds_done = 0;
  double setup = 0;                          ///< making the connections that were missing
};

/// time = fixed + each * sockets, by least squares of the relative errors, over the sizes' wall medians.
struct Fit {
  Via backend{};
  Phase phase{};
  std::size_t points = 0;
  double fixed = 0, each = 0;
  double residual = 0;  ///< root mean square of the relative errors: 0.05 is five percent
  /// Slope of log(time) over log(sockets) between the two greatest sizes: 1 is proportional, 2 quadratic, below 1 means that
  /// the fixed cost still counts.
  double exponent = 0;
};

/// What one backend said while connections came and went beside a set that stood still.
struct Churn {
  Via backend{};
  double rate_asked = 0, rate_done = 0;  ///< connections opened and closed a second; done: 0 if fewer than two were
  std::uint64_t closed = 0;              ///< connections that came and went during the measurement
  std::uint64_t dumps = 0;
  std::uint64_t stable = 0;              ///< sockets that stood still: each should be in each dump once
  std::uint64_t rows = 0;                ///< rows of all dumps
  std::uint64_t missed = 0, twice = 0;   ///< stable sockets that a dump left out, or had more than once; summed over dumps
  std::uint64_t torn = 0;                ///< rows that could not be understood, or were cut
  std::uint64_t contradictory = 0;       ///< stable sockets with another address, port or state than they have, or
                                         ///< connections listed that were closed before the dump began
  std::uint64_t interrupted = 0;         ///< dumps that the kernel itself marked as inconsistent (NLM_F_DUMP_INTR)
  std::uint64_t gone = 0;                ///< rows of connections that were closed before the dump had ended
  double oldest_row = 0;                 ///< greatest time between the closing of a connection and the end of a dump that
                                         ///< still lists it: how stale an answer was
  Summary duration;                      ///< of a dump: no row can be older at its end
};

/// A whole program, timed from fork to exit, its output thrown away.
struct Program {
  std::string name;                   ///< "duostat as ss", "ss (iproute2)", …
  std::vector<std::string> command;
  std::string version;                ///< first line of what it says of itself
  std::optional<std::uint64_t> connections;
  bool installed = true;              ///< false: nothing below was measured
  std::string skipped;                ///< why not, if it is installed and was not measured
  std::vector<Sample> samples;        ///< wall, cpu and peak_memory
  Summary wall;
  double user = 0, system = 0;        ///< means over the rounds, from the kernel's accounting of the process
  std::uint64_t peak_memory = 0;
  std::uint64_t lines = 0, bytes = 0; ///< of its output: whether it did the same work
};

/// Where it was measured.
struct Machine {
  std::string hostname, kernel, architecture, cpu;
  std::uint32_t cores = 0;             ///< that this process may use
  std::uint64_t memory = 0;            ///< MemTotal
  std::optional<double> load;          ///< 1 minute load average before the run
  std::uint64_t descriptors = 0;       ///< RLIMIT_NOFILE, hard
  std::string clock_source, governor, hypervisor;  ///< empty: unknown, or none
  std::string program_version;
};

/// What was asked.
struct Options {
  std::vector<Via> backends{Via::procfs, Via::netlink};
  std::string query = "tcp,udp";           ///< words of --query
  bool processes = false, info = false, render = false, floor = false, compare = false;
  std::vector<std::uint64_t> connections;  ///< ascending; empty: the host's own sockets
  std::optional<double> churn;             ///< connections a second
  std::uint32_t rounds = 15;
  double seconds = 60;                     ///< bound of the measuring, all sizes together
};

struct Result {
  Machine machine;
  Options options;
  std::vector<std::string> command;  ///< the command line as typed
  std::string time;                  ///< of the start, UTC, ISO 8601
  std::vector<Size> sizes;           ///< finished or begun, in ascending order
  std::vector<Fit> fits;             ///< from two sizes up
  std::vector<Churn> churn;
  std::vector<Program> programs;
  std::vector<Noise> noise;
  std::vector<std::string> warnings;  ///< whole sentences
  bool interrupted = false;           ///< by a signal: what is there was measured before it
  bool partial = false;               ///< something that was asked for is missing: interrupted, out of time, or refused
  double seconds = 0;                 ///< how long it all took
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
