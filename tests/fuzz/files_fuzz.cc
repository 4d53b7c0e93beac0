// Arbitrary bytes as the files that are not tables of sockets: the other files of /proc/net, those of a process, and
// the system's databases. The first byte selects the row. Nothing that a reader returns may exceed the file; what can
// be written again in the kernel's form is read again as the same rows.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <fmt/core.h>

#include <string>
#include <string_view>
#include <vector>

#include "src/base/lines.h"
#include "src/collect/facts.h"
#include "src/collect/host.h"
#include "src/names/cgroup_paths.h"
#include "src/names/netlink_protocols.h"
#include "src/names/rpc_programs.h"
#include "src/names/services.h"
#include "src/names/users.h"
#include "src/names/workload.h"
#include "src/procfs/descriptors.h"
#include "src/procfs/dev.h"
#include "src/procfs/if_inet6.h"
#include "src/procfs/igmp.h"
#include "src/procfs/ipv6_route.h"
#include "src/procfs/masquerade.h"
#include "src/procfs/owners.h"
#include "src/procfs/process.h"
#include "src/procfs/route.h"
#include "src/procfs/sctp_tables.h"
#include "src/procfs/snmp.h"
#include "src/procfs/sockstat.h"
#include "src/procfs/task_text.h"
#include "tests/fuzz/input.h"

using namespace duostat;
using fuzz::require;

namespace {

std::uint32_t word_of(const Address& address) {
  std::uint32_t word = 0;
  std::memcpy(&word, address.data(), sizeof word);
  return word;
}

std::string hex_of(const Address& address) {
  std::string text;
  for (const std::uint8_t byte : address) text += fmt::format("{:02x}", byte);
  return text;
}

std::string numeric(Family family, const Address& address) {
  char text[INET6_ADDRSTRLEN];
  inet_ntop(static_cast<int>(family), address.data(), text, sizeof text);
  return text;
}

/// A reader counts its rows right: those that it gives, and no more than there are lines.
void check_rows(const Coverage& coverage, std::size_t rows, std::string_view text) {
  const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + 1;
  require(coverage.rows <= lines && rows <= lines, "there are no more rows than lines");
  require(coverage.malformed + coverage.truncated <= lines, "no line is rejected twice");
}

// Each function reads a file, and returns its rows in the kernel's form.

std::string route(std::string_view text) {
  std::vector<Route> rows;
  const Coverage coverage = read_routes(fuzz::proc_with({{"net/route", text}}), rows);
  check_rows(coverage, rows.size(), text);
  std::string out = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n";
  for (const Route& r : rows)
    out += fmt::format("{}\t{:08X}\t{:08X}\t{:04X}\t{}\t{}\t{}\t{:08X}\t{}\t{}\t{}\n", r.interface,
                       word_of(r.destination), word_of(r.gateway), r.flags, *r.references, *r.use, r.metric,
                       word_of(r.mask), r.mtu, r.window, r.irtt);
  return out;
}

std::string route_cache(std::string_view text) {
  std::vector<Route> rows;
  const Coverage coverage = read_route_cache(fuzz::proc_with({{"net/rt_cache", text}}), rows);
  check_rows(coverage, rows.size(), text);
  std::string out =
      "Iface\tDestination\tGateway \tFlags\t\tRefCnt\tUse\tMetric\tSource\t\tMTU\tWindow\tIRTT\tTOS\tHHRef\tHHUptod\t"
      "SpecDst\n";
  for (const Route& r : rows)
    out += fmt::format("{}\t{:08X}\t{:08X}\t{:8X}\t{}\t{}\t{}\t{:08X}\t{}\t{}\t{}\t{}\t{}\t{}\t{:08X}\n", r.interface,
                       word_of(r.destination), word_of(r.gateway), r.flags, *r.references, *r.use, r.metric,
                       word_of(r.cache->source), r.mtu, r.window, r.irtt, r.cache->tos,
                       r.cache->hardware_header_references, r.cache->hardware_header_valid,
                       word_of(r.cache->specific_destination));
  return out;
}

std::string ipv6_route(std::string_view text) {
  std::vector<Route> rows;
  const Coverage coverage = read_ipv6_routes(fuzz::proc_with({{"net/ipv6_route", text}}), rows);
  check_rows(coverage, rows.size(), text);
  std::string out;
  for (const Route& r : rows) {
    require(r.prefix_length <= 128, "a prefix of IPv6 has at most 128 bits");
    out += fmt::format("{} {:02x} {} 00 {} {:08x} {:08x} {:08x} {:08x} {:>8}\n", hex_of(r.destination), r.prefix_length,
                       hex_of(Address{}), hex_of(r.gateway), r.metric, *r.references, *r.use, r.flags, r.interface);
  }
  return out;
}

std::string dev(std::string_view text) {
  std::vector<Interface> rows;
  const Coverage coverage = read_interfaces(fuzz::proc_with({{"net/dev", text}}), rows);
  check_rows(coverage, rows.size(), text);
  std::string out = "Inter-|   Receive\n face |bytes\n";
  for (const Interface& row : rows) {
    const InterfaceCounters& c = *row.counters;
    const std::uint64_t values[] = {
        c.rx_bytes, c.rx_packets, c.rx_errors, c.rx_dropped, c.rx_fifo, c.rx_frame,   c.rx_compressed, c.rx_multicast,
        c.tx_bytes, c.tx_packets, c.tx_errors, c.tx_dropped, c.tx_fifo, c.collisions, c.tx_carrier,    c.tx_compressed};
    require(c.known <= std::size(values), "a row has at most 16 counters");
    out += fmt::format("{:>6}:", row.name);
    for (const std::uint64_t value : std::span(values).first(c.known)) out += fmt::format(" {}", value);
    out += '\n';
  }
  return out;
}

std::string if_inet6(std::string_view text) {
  std::vector<NamedInet6> rows;
  const Coverage coverage = read_inet6_addresses(fuzz::proc_with({{"net/if_inet6", text}}), rows);
  check_rows(coverage, rows.size(), text);
  std::string out;
  for (const NamedInet6& row : rows)
    out += fmt::format("{} {:02x} {:02x} {:02x} {:02x} {:>8}\n", hex_of(row.address.address), 1,
                       row.address.prefix_length, row.address.scope, 0x80, row.interface);
  return out;
}

std::string igmp6(std::string_view text) {
  std::vector<MulticastGroup> rows;
  std::vector<unsigned long> rejected;
  const Coverage coverage =
      read_multicast_groups(fuzz::proc_with({{"net/igmp6", text}}), Family::inet6, rows, rejected);
  check_rows(coverage, rows.size(), text);
  std::string out;
  for (const MulticastGroup& row : rows)
    out += fmt::format("{:<4} {:<15} {} {:5} {:08X} 0\n", 1, row.interface, hex_of(row.group),
                       static_cast<std::int32_t>(*row.users), 4);
  return out;
}

std::string igmp(std::string_view text) {
  std::vector<MulticastGroup> rows;
  std::vector<unsigned long> rejected;
  const Coverage coverage = read_multicast_groups(fuzz::proc_with({{"net/igmp", text}}), Family::inet, rows, rejected);
  check_rows(coverage, rows.size(), text);
  std::string out = "Idx\tDevice    : Count Querier\tGroup    Users Timer\tReporter\n";
  for (const MulticastGroup& row : rows) {
    if (!row.interface.empty()) out += fmt::format("1\t{:<10}: {:5} {:>7}\n", row.interface, 1, "V3");
    out +=
        fmt::format("\t\t\t\t{:08X} {:5} 0:00000000\t\t0\n", word_of(row.group), static_cast<std::int32_t>(*row.users));
  }
  return out;
}

std::string counter_lines(std::string_view text, std::string_view file,
                          Coverage (*read)(const ProcDir&, std::vector<CounterSection>&)) {
  std::vector<CounterSection> sections;
  std::string out;
  const Coverage coverage = read(fuzz::proc_with({{std::string(file), text}}), sections);
  std::size_t rows = 0;
  for (const CounterSection& section : sections)
    for (const Counter& c : section.counters) out += fmt::format("{:<32}\t{}\n", c.name, c.value), ++rows;
  check_rows(coverage, rows, text);
  return out;
}
std::string snmp6(std::string_view text) { return counter_lines(text, "net/snmp6", read_counters6); }
std::string sctp_snmp(std::string_view text) { return counter_lines(text, "net/sctp/snmp", read_sctp_counters); }

std::string counter_pairs(std::string_view text) {
  std::vector<CounterSection> sections;
  read_counter_pairs(fuzz::proc_with({{"net/netstat", text}}), kNetstatFile, sections);
  std::string out;
  for (const CounterSection& section : sections) {
    std::string names = section.name + ":", numbers = names;
    for (const Counter& c : section.counters) {
      names += " " + c.name;
      numbers += c.known ? fmt::format(" {}", c.value) : " x";
    }
    out += names + "\n" + numbers + "\n";
  }
  return out;
}

template <bool associations>
std::string sctp(std::string_view text) {
  std::string out = "heading\n";
  std::size_t rows = 0;
  const ProcDir proc = fuzz::proc_with({{associations ? "net/sctp/assocs" : "net/sctp/eps", text}});
  const Coverage coverage = read_sctp_table(proc, associations, [&](const SctpRow& row) {
    const auto list = [](std::string_view addresses) {
      std::string written;
      Family family{};
      for (Address address; next_sctp_address(addresses, family, address);) written += " " + numeric(family, address);
      return written;
    };
    ++rows;
    const auto state = static_cast<unsigned>(row.state);
    out += associations
               ? fmt::format("0 0 2 {} 1 1 1 {} {} {} {} {} {}{} <->{}\t0 0\n", state, row.tx_queue, row.rx_queue,
                             row.uid, row.inode, row.local_port, row.remote_port, list(row.local), list(row.remote))
               : fmt::format("0 0 2 {} 1 {} {} {}{}\n", state, row.local_port, row.uid, row.inode, list(row.local));
  });
  check_rows(coverage, rows, text);
  return out;
}

// These have no form to be written in.

std::string masquerade(std::string_view text) {
  std::vector<MasqueradedConnection> rows;
  check_rows(read_masquerade(fuzz::proc_with({{"net/ip_masquerade", text}}), rows), rows.size(), text);
  return {};
}
std::string conntrack(std::string_view text) {
  std::vector<MasqueradedConnection> rows;
  check_rows(read_conntrack(fuzz::proc_with({{"net/nf_conntrack", text}}), rows), rows.size(), text);
  return {};
}

std::string sockstat(std::string_view text) {
  read_summary(fuzz::proc_with({{"net/sockstat", text}, {"net/sockstat6", text}, {"net/snmp", text}}),
               [](std::string_view, int) { require(false, "a file that exists is read"); });
  return {};
}

/// The input as every file that facts are read from.
std::string facts(std::string_view text) {
  std::vector<std::pair<std::string, std::string_view>> files;
  FactSet all;
  for (std::size_t i = 0; i < kFacts; ++i) {
    all.add(static_cast<Fact>(i));
    files.emplace_back(row_of(static_cast<Fact>(i)).file, text);
  }
  const ProcDir proc = fuzz::proc_with(std::move(files));
  const Facts read = read_facts(proc, all);
  for (std::size_t i = 0; i < kFacts; ++i) {
    const auto fact = static_cast<Fact>(i);
    if (!read.get(fact)) require(!why_absent(proc, read, fact).empty(), "an absent fact has a reason");
  }
  uptime_ms(fuzz::proc_with({{"uptime", text}}));
  return {};
}

std::string task(std::string_view text) {
  const auto inside = [&](std::string_view part) {
    return part.empty() || (part.data() >= text.data() && part.data() + part.size() <= text.data() + text.size());
  };
  require(inside(comm_of(text)) && inside(cgroup2_path(text)), "a name is a part of the file");
  socket_inode(text);
  effective_uid(text);
  descriptor_limits(text);
  const Workload workload = workload_of(text);
  require(workload.unit.size() <= text.size() && workload.pod.size() <= text.size(), "a unit is a part of the file");
  display_text(workload, "user");
  require(inside(systemd_unit(text)), "a unit is a part of the path");
  workload_of_path(text);
  return {};
}

/// A process all of whose files are the input, or its parts if they begin with their lengths.
std::string process(std::string_view text) {
  fuzz::Input input(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
  const bool parts = (input.byte() & 1) != 0;
  auto image = std::make_shared<ProcImage>();
  image->tasks = {{.pid = 7, .tid = 7, .sockets = {{3, 77}, {4, 78}}}, {.pid = 7, .tid = 8, .sockets = {{3, 77}}}};
  for (const std::string_view name : {"stat", "status", "cgroup", "cmdline", "limits", "task/8/stat", "attr/current"})
    image->files["7/" + std::string(name)].text = parts ? input.text() : text;
  image->files["7/exe"] = {.link = true, .text = std::string(parts ? input.text() : text)};
  const ProcDir proc(image, true);
  const OwnerIndex index = OwnerIndex::scan(proc, {.argv0 = true, .threads = true, .context = true});
  for (const std::uint64_t inode : {77u, 78u, 79u}) {
    std::size_t owners = 0;
    index.each(inode, [&](const Owner&) { return ++owners, true; });
    require((owners != 0) == (inode != 79), "each descriptor has its owner");
  }
  Processes processes(proc, {ProcessField::exe, ProcessField::cmdline, ProcessField::user, ProcessField::cgroup,
                             ProcessField::unit, ProcessField::workload, ProcessField::limits, ProcessField::stat});
  processes.of(7);
  sees_every_process(proc);
  return {};
}

std::string databases(std::string_view text) {
  cgroup2_mount(text);
  const NetlinkProtocols protocols(text);
  for (std::uint32_t number = 0; number < 256; ++number) {
    const std::string_view name = protocols.name(number);
    if (!name.empty()) require(protocols.number(name).has_value(), "a name that is shown is understood");
  }
  lists_all_services(text);
  each_service(text, [&](std::uint16_t, std::string_view protocol, std::string_view name) {
    require(!name.empty() && !protocol.empty(), "a service has a name and a protocol");
  });
  passwd_file_first(text);
  names_in_passwd(text);
  name_of_number(text, 100000);
  return {};
}

/// A reader, and what it writes again; empty if it writes nothing.
struct FileRow {
  std::string_view name;
  std::string (*read)(std::string_view text);
};
constexpr FileRow kRows[] = {
    {"route", route},
    {"rt_cache", route_cache},
    {"ipv6_route", ipv6_route},
    {"dev", dev},
    {"if_inet6", if_inet6},
    {"igmp", igmp},
    {"igmp6", igmp6},
    {"ip_masquerade", masquerade},
    {"nf_conntrack", conntrack},
    {"sctp/eps", sctp<false>},
    {"sctp/assocs", sctp<true>},
    {"sctp/snmp", sctp_snmp},
    {"netstat", counter_pairs},
    {"snmp6", snmp6},
    {"sockstat", sockstat},
    {"facts", facts},
    {"task", task},
    {"process", process},
    {"databases", databases},
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const FileRow& row = kRows[input.byte() % std::size(kRows)];
  const std::string once = row.read(input.rest_text());
  if (once.empty()) return 0;
  const std::string twice = row.read(once);
  if (once != twice)
    std::fprintf(stderr, "%s: read once:\n%sread again:\n%s", row.name.data(), once.data(), twice.data());
  require(once == twice, "rows that are written as the kernel writes them are read as the same rows");
  return 0;
}
