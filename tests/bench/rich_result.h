// A result with all kinds of content, as from a good run on an idle machine.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "src/bench/result.h"
#include "src/bench/statistics.h"

namespace duostat::bench {

inline Summary summary_around(double median) {
  std::vector<double> values;
  for (int i = -7; i <= 7; ++i) values.push_back(median * (1 + 0.01 * i));
  return summarise(values);
}

inline Measurement measurement(Via backend, Phase phase, double wall, std::uint64_t sockets) {
  Measurement m{.backend = backend, .phase = phase};
  for (std::uint32_t round = 0; round < 15; ++round)
    m.samples.push_back({.round = round,
                         .wall = wall,
                         .cpu = wall,
                         .sockets = phase == Phase::floor ? std::nullopt : std::optional(sockets),
                         .peak_memory = 5 << 20,
                         .own_memory = 1 << 20});
  m.wall = m.cpu = summary_around(wall);
  if (phase != Phase::floor) m.sockets = sockets;
  if (m.sockets) m.ns_per_socket = summary_around(wall / static_cast<double>(sockets));
  m.peak_memory = 5 << 20;
  m.own_memory = 1 << 20;
  m.system_calls = sockets / 20 + 4;
  m.bytes = sockets * (backend == Via::procfs ? 150 : 72);
  return m;
}

inline OwnerCost owner_cost(OwnersFrom source, OwnerStep step, double wall, std::optional<std::uint64_t> descriptors) {
  OwnerCost cost{.source = source, .step = step, .descriptors = descriptors, .own_memory = 3 << 20};
  for (std::uint32_t round = 0; round < 15; ++round)
    cost.samples.push_back({.round = round, .wall = wall, .cpu = wall, .sockets = descriptors});
  cost.wall = cost.cpu = summary_around(wall);
  return cost;
}

inline Size size_of(std::uint64_t connections) {
  const std::uint64_t sockets = 2 * connections + 1;
  Size size{.connections = connections, .rounds_asked = 15, .rounds_done = 15};
  constexpr double kEach[][2] = {{1200, 750}, {1600, 790}, {1700, 850}, {1710, 860}, {2100, 1250}};
  for (std::size_t p = 0; p < std::size(kPhases); ++p) {
    const auto phase = static_cast<Phase>(p);
    double wall[2];
    for (const Via backend : {Via::procfs, Via::netlink}) {
      const std::size_t column = backend == Via::procfs ? 0 : 1;
      wall[column] = 120'000 + kEach[p][column] * static_cast<double>(sockets);
      size.measurements.push_back(measurement(backend, phase, wall[column], sockets));
    }
    Ratio ratio{.phase = phase, .value = summary_around(wall[0] / wall[1]), .cpu = summary_around(wall[0] / wall[1])};
    if (connections == 100) ratio.value.low = 0.93;  // noisy for the small size
    ratio.verdict = verdict_of(ratio.value);
    size.ratios.push_back(ratio);
  }
  size.owners = {owner_cost(OwnersFrom::procfs, OwnerStep::index, 1200.0 * static_cast<double>(sockets), sockets)};
  for (const OwnerStep step : {OwnerStep::types, OwnerStep::load, OwnerStep::read, OwnerStep::index}) {
    const bool reads = step == OwnerStep::read || step == OwnerStep::index;
    size.owners.push_back(owner_cost(OwnersFrom::bpf, step, 1e6 * (1 + static_cast<double>(step)),
                                     reads ? std::optional(sockets) : std::nullopt));
  }
  return size;
}

inline Result rich_result() {
  Result r;
  r.machine = {.hostname = "a <host> & \"more\"",
               .kernel = "6.18.0\033[2J",
               .architecture = "x86_64",
               .cpu = "A CPU\xff with bytes",
               .cores = 8,
               .memory = std::uint64_t{16} << 30,
               .load = 0.12,
               .descriptors = 1'048'576,
               .clock_source = "tsc",
               .governor = "performance",
               .hypervisor = "",
               .program_version = "0.1.0"};
  r.options.floor = r.options.render = r.options.processes = r.options.compare = true;
  r.options.owners = {OwnersFrom::procfs, OwnersFrom::bpf};
  r.options.connections = {100, 1000, 10'000, 100'000};
  r.command = {"bench", "--connections=100,1000,10000,100000", "--html=<file>"};
  r.time = "2026-01-31T12:00:00Z";
  r.seconds = 42;
  for (const std::uint64_t connections : r.options.connections) r.sizes.push_back(size_of(connections));
  r.fits = {{.backend = Via::procfs,
             .phase = Phase::render,
             .points = 4,
             .fixed = 120'000,
             .each = 2100,
             .residual = 0.01,
             .exponent = 1.0},
            {.backend = Via::netlink,
             .phase = Phase::render,
             .points = 4,
             .fixed = -3'000,
             .each = 1250,
             .residual = 0.02,
             .exponent = 0.99}};
  for (const Via backend : {Via::procfs, Via::netlink}) {
    Churn churn{.backend = backend, .rate_asked = 500, .rate_done = 498, .dumps = 40, .stable = 2000, .rows = 80'000};
    churn.missed = backend == Via::procfs ? 12 : 0;
    churn.oldest_row = 2e6;
    churn.duration = summary_around(3e6);
    r.churn.push_back(churn);
  }
  const char* names[] = {"duostat as ss", "duostat as netstat", "ss (iproute2)", "netstat (net-tools)", "lsof <old>"};
  double wall = 12e6;
  for (const char* name : names) {
    Program p{.name = name,
              .command = {"x"},
              .version = "a version & its rather long first line, 1.2.3",
              .connections = 10'000};
    p.samples = {{.round = 0, .wall = wall}};
    p.wall = summary_around(wall);
    p.peak_memory = 6 << 20;
    p.lines = 20'001;
    wall *= 2.2;
    r.programs.push_back(p);
  }
  r.programs.push_back({.name = "busybox netstat", .connections = 10'000, .installed = false});
  r.warnings = {"A warning with <markup> in it."};
  return r;
}

}  // namespace duostat::bench
