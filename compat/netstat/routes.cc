// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/netstat/routes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

#include "src/base/error.h"
#include "src/procfs/route.h"
#include "src/render/address.h"
#include "src/render/escape.h"

namespace duostat::netstat {
namespace {

constexpr int kNotConfigured = 1, kNoRouting = 3;
constexpr std::size_t kAddressMax = 15;  ///< of IPv4 columns

struct FlagLetter {
  std::uint32_t bit;
  char letter;
};
/// '!' takes the place of what stands before it in IPv4's table only.
constexpr FlagLetter kLetters[] = {
    {0x1, 'U'},      {0x2, 'G'},       {0x200, '!'},     {0x4, 'H'},       {0x8, 'R'},       {0x10, 'D'},
    {0x20, 'M'},     {0x10000, 'd'},   {0x20000, 'a'},   {0x40000, 'c'},   {0x200000, 'o'},  {0x400000, 'e'},
    {0x1000000, 'c'}, {0x2000000, 'f'}, {0x4000000, 'p'}, {0x80000000, 'l'}, {0x40, 'u'},    {0x80, 'w'},
    {0x100, 'i'},    {0x400, 'n'},
};
constexpr FlagLetter kLetters6[] = {
    {0x1, 'U'},       {0x200, '!'},   {0x2, 'G'},      {0x4, 'H'},  {0x10000, 'D'},  {0x40000, 'A'},
    {0x1000000, 'C'}, {0x20000, 'a'}, {0x400000, 'e'}, {0x20, 'm'}, {0x200000, 'n'}, {0x2000000, 'f'},
};

std::string letters(std::span<const FlagLetter> table, std::uint32_t flags, bool reject_replaces) {
  std::string text;
  for (const FlagLetter& l : table) {
    if ((flags & l.bit) == 0) continue;
    if (l.letter == '!' && reject_replaces) text.clear();
    text.push_back(l.letter);
  }
  return text;
}

/// Which columns an IPv4 table has. The counter of -e starts at 1, 1 and 2 change places, and only two bits of it count.
struct Layout {
  bool metric = false, window = false;
};
Layout layout_of(int extend) {
  const int counter = extend + 1;
  const int layout = counter == 1 ? 2 : counter == 2 ? 1 : counter;
  return {.metric = (layout & 1) != 0, .window = (layout & 2) != 0};
}

class RouteTable {
 public:
  RouteTable(Environment& env, const Request& request)
      : env_(env), numeric_(request.numeric_hosts || request.symbolic), layout_(layout_of(request.extend)) {}

  int fib();
  int cache();
  int fib6(bool cached);

 private:
  void header(std::string_view first, std::string_view third);
  void row(const Route& route);
  void row6(const Route6& route);
  std::string destination(const Route& route);
  std::string gateway(const Route& route);
  std::string name6(const Address& address);
  int not_configured(const Coverage& coverage, std::string_view family);
  void print(std::string_view text) { env_.out.append(text); }

  Environment& env_;
  bool numeric_;
  Layout layout_;
};

std::string quad(const Address& address) {
  char text[kAddressTextMax];
  return {text, format_ipv4(text, address.data())};
}

/// A name if there is one, else the address.
std::string named(std::string_view name, const Address& address) {
  std::string scratch;
  return name.empty() ? quad(address) : std::string(without_controls(name, scratch));
}

std::string RouteTable::destination(const Route& r) {
  if (numeric_) return quad(r.destination);
  if (is_unspecified(r.destination)) return is_unspecified(r.mask) ? "default" : quad(r.destination);
  bool host = (r.flags & route_flag::host) != 0;
  for (std::size_t i = 0; i < 4; ++i) host = host || (r.destination[i] & ~r.mask[i]) != 0;
  return named(host ? env_.names.host(Family::inet, r.destination) : env_.names.network(r.destination), r.destination);
}

std::string RouteTable::gateway(const Route& r) {
  if ((r.flags & route_flag::reject) != 0) return "-";
  if (numeric_ || is_unspecified(r.gateway)) return quad(r.gateway);
  return named(env_.names.host(Family::inet, r.gateway), r.gateway);
}

void RouteTable::header(std::string_view first, std::string_view third) {
  if (!layout_.metric && !layout_.window) return;  // three -e: the title alone
  print(fmt::format("{:<15} {:<15} {:<15} ", first, first == "Source" ? "Destination" : "Gateway", third));
  if (!layout_.metric) return print("Flags   MSS Window  irtt Iface\n");
  print(layout_.window ? "Flags Metric Ref    Use Iface    MSS   Window irtt" : "Flags Metric Ref    Use Iface");
  if (first == "Source" && layout_.window) print("  TOS HHRef HHUptod     SpecDst");
  print("\n");
}

void RouteTable::row(const Route& r) {
  if ((r.flags & route_flag::up) == 0 || (!layout_.metric && !layout_.window)) return;
  const bool reject = (r.flags & route_flag::reject) != 0;
  std::string scratch;
  const std::string_view interface = without_controls(r.interface, scratch);
  print(fmt::format("{:<15} {:<15} {:<15} {:<5}", destination(r).substr(0, kAddressMax),
                    gateway(r).substr(0, kAddressMax), quad(r.mask), letters(kLetters, r.flags, true)));
  if (!layout_.metric) {
    print(reject ? "     - -          - -\n"
                 : fmt::format(" {:>5} {:<5} {:>6} {}\n", r.mtu, r.window, r.irtt, interface));
    return;
  }
  print(fmt::format(" {:<6}", r.metric));
  if (!layout_.window) {
    print(reject ? fmt::format(" -  {:>7} -\n", r.uses)
                 : fmt::format(" {:<2} {:>7} {}\n", r.references, r.uses, interface));
    return;
  }
  print(reject ? fmt::format(" -  {:>7} -        -     -      -\n", r.uses)
               : fmt::format(" {:<3} {:>6} {:<6.6}   {:<5} {:<6} {}\n", r.references, r.uses, interface, r.mtu, r.window,
                             r.irtt));
}

int RouteTable::not_configured(const Coverage& coverage, std::string_view family) {
  env_.err.line(fmt::format("{}: {}", coverage.object, error_text(coverage.error)));
  print(fmt::format("{} not configured in this system.\n", family));
  return kNotConfigured;
}

int RouteTable::fib() {
  RouteHeading heading;
  bool titled = false;
  const auto title = [&] {
    if (titled) return;
    titled = true;
    print("Kernel IP routing table\n");
    header("Destination", "Genmask");
  };
  // Short rows are left out or have zeros, never what the row above had (quirk: stale-columns).
  const Coverage coverage = read_routes(env_.proc, heading, [&](const Route& route) {
    title();
    row(route);
  });
  if (coverage.error != 0 && !heading.present) return not_configured(coverage, "INET (IPv4)");
  title();
  if (!heading.present) return kNotConfigured;
  if (!heading.missing_column.empty()) {
    env_.err.line(fmt::format("warning: {} does not contain required field {}", coverage.object, heading.missing_column));
    return kNotConfigured;
  }
  if (coverage.error == 0) return 0;
  env_.err.line(fmt::format("{}: {}", coverage.object, error_text(coverage.error)));
  return kNotConfigured;
}

/// The kernel's IPv4 route cache is gone since Linux 3.6: its file has column names and no row (quirk: route-cache).
int RouteTable::cache() {
  Coverage coverage;
  const Fd fd = env_.proc.open("net/rt_cache", coverage.error);
  if (!fd) {
    coverage.object = env_.proc.path("net/rt_cache");
    return not_configured(coverage, "INET (IPv4)");
  }
  print("Kernel IP routing cache\n");
  header("Source", "Gateway");
  return 0;
}

std::string RouteTable::name6(const Address& address) {
  std::string scratch;
  if (!numeric_) {
    if (is_unspecified(address)) return "[::]";
    if (const std::string_view name = env_.names.host(Family::inet6, address); !name.empty())
      return std::string(without_controls(name, scratch));
  }
  if (is_v4_mapped(address)) return quad(unmapped(address));
  char text[kAddressTextMax];
  return {text, format_ipv6(text, address.data())};
}

void RouteTable::row6(const Route6& r) {
  std::string scratch;
  print(fmt::format("{:<30} {:<26} {:<4} {:<3} {:<1} {:>6} {}\n",
                    fmt::format("{}/{}", name6(r.destination), r.prefix_length), name6(r.next_hop),
                    letters(kLetters6, r.flags, false), r.metric, r.references, r.uses,
                    without_controls(r.interface, scratch)));
}

int RouteTable::fib6(bool cached) {
  bool titled = false;
  const auto title = [&] {
    if (titled) return;
    titled = true;
    print(cached ? "Kernel IPv6 routing cache\n" : "Kernel IPv6 routing table\n");
    print("Destination                    Next Hop                   Flag Met Ref  Use If\n");
  };
  const Coverage coverage = read_routes6(env_.proc, [&](const Route6& route) {
    title();
    if (((route.flags & route_flag::cache) != 0) == cached) row6(route);
  });
  if (coverage.error != 0 && coverage.operation == "open") return not_configured(coverage, "INET6 (IPv6)");
  title();
  if (coverage.error == 0) return 0;
  env_.err.line(fmt::format("{}: {}", coverage.object, error_text(coverage.error)));
  return kNotConfigured;
}

/// Families whose routes current kernels keep nowhere: what to say where the file is missing.
struct OtherFamily {
  AddressFamily family;
  std::string_view error_line;  ///< standard error, first
  std::string_view text;
  bool text_is_error;           ///< `text` goes to standard error too
};
constexpr OtherFamily kOthers[] = {
    {AddressFamily::ax25, "/proc/net/ax25_route: No such file or directory", "AX.25 not configured in this system.", false},
    {AddressFamily::netrom,
     "/proc/net/nr_nodes: No such file or directory\n/proc/net/nr_neigh: No such file or directory",
     "NET/ROM not configured in this system.", false},
    {AddressFamily::rose, "/proc/net/rose_nodes: No such file or directory", "ROSE not configured in this system.", true},
    {AddressFamily::ipx, "No such file or directory",
     "IPX routing not in file /proc/net/ipx/route or /proc/net/ipx_route found.", false},
    {AddressFamily::ddp, "Error opening /proc/net/atalk_route: No such file or directory",
     "DDP (AppleTalk) not configured on this system.", true},
    {AddressFamily::x25, "", "X.25 not configured in this system.", false},
};

int list_family(Environment& env, const Request& request, AddressFamily family) {
  RouteTable table(env, request);
  const bool fib = request.fib || !request.cache;
  switch (family) {
    case AddressFamily::inet: {
      const int status = fib ? table.fib() : 0;
      return status == 0 && request.cache ? table.cache() : status;
    }
    case AddressFamily::inet6: {
      const int status = fib ? table.fib6(false) : 0;
      return status == 0 && request.cache ? table.fib6(true) : status;
    }
    case AddressFamily::bluetooth: env.err.line("Address family `bluetooth' not supported."); return kNoRouting;
    default: break;
  }
  const auto* other = std::ranges::find(kOthers, family, &OtherFamily::family);
  if (other == std::end(kOthers)) {
    env.err.line(fmt::format("No routing for address family `{}'.", canonical_name(family)));
    return kNoRouting;
  }
  if (!other->error_line.empty()) env.err.line(other->error_line);
  if (other->text_is_error) {
    env.err.line(other->text);
  } else {
    env.out.append(other->text);
    env.out.append('\n');
  }
  return kNotConfigured;
}

}  // namespace

int list_routes(Environment& env, const Request& request) {
  if (request.family_list.empty()) return list_family(env, request, AddressFamily::inet);
  for (const AddressFamily family : request.family_list)
    if (const int status = list_family(env, request, family); status != 0) return status;
  return 0;
}

}  // namespace duostat::netstat
