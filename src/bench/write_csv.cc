// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/core.h>

#include <iterator>

#include "src/bench/write.h"
#include "src/collect/owners.h"

namespace duostat::bench {
namespace {

constexpr std::string_view kHeading =
    "complete,connections,who,phase,round,wall_ns,cpu_ns,first_ns,sockets,peak_memory,own_memory\r\n";

std::string_view state_of(const Result& result) {
  return result.interrupted ? "interrupted" : result.partial ? "partial" : "yes";
}

std::string number(const std::optional<std::uint64_t>& value) { return value ? std::to_string(*value) : std::string(); }

/// An absent value leaves its place empty. None of the words contains a comma or a quote.
void lines(Output& out, const Result& result, std::optional<std::uint64_t> connections, std::string_view who,
           std::string_view phase, const std::vector<Sample>& samples, bool program) {
  for (const Sample& s : samples) {
    std::string line = fmt::format("{},{},{},{},{},{:.0f},{:.0f},", state_of(result), number(connections), who, phase,
                                   s.round, s.wall, s.cpu);
    if (s.first) line += fmt::format("{:.0f}", *s.first);
    line += program ? std::string(",,,") : fmt::format(",{},{},{}", number(s.sockets), s.peak_memory, s.own_memory);
    out.append(line);
    out.append("\r\n");
  }
}

}  // namespace

void write_csv(Output& out, const Result& result) {
  out.append(kHeading);
  // A run that was interrupted before its first sample still has a line.
  bool any = false;
  for (const Size& size : result.sizes) {
    for (const Measurement& m : size.measurements) {
      any = any || !m.samples.empty();
      lines(out, result, size.connections, word_of(m.backend), row_of(m.phase).id, m.samples, false);
    }
    for (const OwnerCost& o : size.owners)
      lines(out, result, size.connections, fmt::format("owners by {}", word_of(o.source)), name_of(o.step), o.samples,
            false);
  }
  for (const Program& p : result.programs) lines(out, result, p.connections, p.name, "program", p.samples, true);
  if (!any && result.partial) out.append(fmt::format("{},,,,,,,,,,\r\n", state_of(result)));
}

}  // namespace duostat::bench
