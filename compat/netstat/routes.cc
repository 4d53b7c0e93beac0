// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/netstat/routes.h"

#include <fmt/core.h>

#include <cerrno>
#include <cstring>

#include "compat/netstat/bogus.h"
#include "compat/netstat/endpoint.h"
#include "compat/netstat/rare_routes.h"
#include "compat/netstat/route_source.h"
#include "compat/netstat/row.h"
#include "compat/netstat/statuses.h"
#include "compat/netstat/words.h"
#include "src/base/error.h"
#include "src/base/function_ref.h"
#include "src/model/interface.h"
#include "src/procfs/route.h"
#include "src/procfs/text_file.h"
#include "src/view/record_view.h"

namespace duostat::netstat {
namespace {

constexpr int kNoRouting = 3;          ///< exit status
constexpr std::size_t kCell = 15;      ///< bytes of an address or name in an IPv4 table
constexpr std::size_t kShortName = 6;  ///< bytes of an interface name in the widest layout

/// The columns of the IPv4 tables; each -e selects the next.
enum class Layout : std::uint8_t {
  title_only = 0,
  route = 1,    ///< Metric Ref Use
  netstat = 2,  ///< MSS Window irtt
  both = 3,
};

/// -e counts from 1, the first two values are swapped, and only two bits count: -eee shows nothing but a title.
Layout layout_of(int extend) {
  const int counted = 1 + extend;
  return static_cast<Layout>((counted == 1 ? 2 : counted == 2 ? 1 : counted) & 3);
}

struct RouteFlagLetters {
  std::uint32_t flag;
  std::string_view letters;
};
constexpr RouteFlagLetters kRouteLetters[] = {
    {0x4, "H"},        {0x8, "R"},      {0x10, "D"},     {0x20, "M"},      {0x10000, "d"},   {0x20000, "a"},
    {0x40000, "c"},    {0x200000, "o"}, {0x400000, "e"}, {0x1000000, "c"}, {0x2000000, "f"}, {0x4000000, "p"},
    {0x80000000, "l"}, {0x40, "u"},     {0x80, "w"},     {0x100, "i"},     {0x400, "n"},
};
constexpr RouteFlagLetters kCacheLetters[] = {
    {0x8, "R"},       {0x10, "D"},       {0x20, "M"},       {0x1, "-"},        {0x4, "o"},        {0x10000, "n"},
    {0x20000, "d"},   {0x80000, "t"},    {0x200000, "f"},   {0x400000, "q"},   {0x800000, "Ns"},  {0x1000000, "r"},
    {0x4000000, "i"}, {0x8000000, "Nd"}, {0x10000000, "b"}, {0x20000000, "m"}, {0x40000000, "#"}, {0x80000000, "l"},
};
constexpr RouteFlagLetters kRoute6Letters[] = {
    {0x1, "U"},       {0x200, "!"},   {0x2, "G"},      {0x4, "H"},  {0x10000, "D"},  {0x40000, "A"},
    {0x1000000, "C"}, {0x20000, "a"}, {0x400000, "e"}, {0x20, "m"}, {0x200000, "n"}, {0x2000000, "f"},
};

std::string letters(std::uint32_t flags, std::span<const RouteFlagLetters> table, std::string start = {}) {
  for (const RouteFlagLetters& row : table)
    if ((flags & row.flag) != 0) start += row.letters;
  return start;
}

/// The letters before the others; a reject route shows only its own.
std::string reject_or(std::uint32_t flags, std::string_view otherwise) {
  return (flags & kRouteReject) != 0 ? "!" : std::string(otherwise);
}

std::string route_flags(std::uint32_t flags) {
  return letters(flags, kRouteLetters, reject_or(flags, (flags & kRouteGateway) != 0 ? "UG" : "U"));
}
std::string cache_flags(std::uint32_t flags) {
  return letters(flags, kCacheLetters, reject_or(flags, (flags & kRouteGateway) != 0 ? "G" : ""));
}

std::int32_t as_signed(std::uint32_t value) { return static_cast<std::int32_t>(value); }

/// Prints the tables of IPv4 and IPv6.
class Tables {
 public:
  Tables(Environment& env, const Request& request, const ViewPlan& plan, Via via)
      : env_(env),
        plan_(plan),
        via_(via),
        numeric_(request.numeric_hosts || request.symbolic),
        layout_(layout_of(request.extend)),
        hosts_({.numeric_hosts = numeric_}, env.names) {}

  int inet();
  int inet_cache();
  int inet6(bool cache);

 private:
  void inet_row(const Route& route);
  void cache_row(const Route& route);
  void inet6_row(const Route& route);
  void numbers(const Route& route);
  void rejected(const Route& route);

  std::string host(Family family, const Address& address);
  std::string destination(const Route& route);
  void choose(std::vector<Route>& routes, FunctionRef<bool(const Route&)> shown);
  Coverage read(Family family, std::vector<Route>& routes);
  bool opened(const Coverage& coverage, std::string_view family);
  void warn_of_malformed(const Coverage& coverage, std::string_view what);
  int ending(const Coverage& coverage, int status);
  int cache_ending(const Coverage& coverage);

  Environment& env_;
  const ViewPlan& plan_;
  Via via_;
  bool numeric_;
  Layout layout_;
  EndpointText hosts_;
  Row row_;
};

std::string Tables::host(Family family, const Address& address) {
  char text[EndpointText::kRoom];
  return std::string(text, hosts_.format_host(text, family, address));
}

/// A route's destination: "default", the name of a host or network, or the address.
std::string Tables::destination(const Route& route) {
  if (numeric_) return host(Family::inet, route.destination);
  if (is_unspecified(route.destination)) return is_unspecified(route.mask) ? "default" : "0.0.0.0";
  bool host_bits = (route.flags & kRouteHost) != 0;
  for (std::size_t i = 0; i < 4; ++i) host_bits |= (route.destination[i] & ~route.mask[i] & 0xff) != 0;
  if (host_bits) return host(Family::inet, route.destination);
  std::string scratch;
  const std::string_view name = env_.names.network(route.destination);
  if (!name.empty()) return std::string(without_controls(name, scratch));
  char text[kAddressTextMax];
  return std::string(text, format_ipv4(text, route.destination.data()));
}

/// Keeps the rows for which `shown` is true and that our own options select.
void Tables::choose(std::vector<Route>& routes, FunctionRef<bool(const Route&)> shown) {
  std::erase_if(routes, [&](const Route& route) { return !shown(route); });
  choose_records(plan_, routes);
}

/// Reports what neither source provided.
Coverage Tables::read(Family family, std::vector<Route>& routes) {
  RouteReading read = read_family_routes(env_, via_, family, wants_origin(plan_), routes);
  if (read.no_origin) env_.err.line(refusal_line(env_, *read.no_origin));
  if (read.reading.refused && !(family == Family::inet6 && lacks_inet6(env_, read.reading)))
    env_.err.line(refusal_line(env_, *read.reading.refused));
  const bool absent = family == Family::inet6 && lacks_inet6(env_, read.reading);
  plan_.note_missing(!absent && (read.reading.coverage.incomplete() || read.no_origin));
  return std::move(read.reading.coverage);
}

bool Tables::opened(const Coverage& coverage, std::string_view family) {
  if (coverage.interrupted) env_.err.line(kInterruptedDump);
  if (coverage.error == 0 || coverage.operation != Operation::open) return true;
  env_.err.line(fmt::format("{}: {}", coverage.object, error_text(coverage.error)));
  env_.out.append(fmt::format("{} not configured in this system.\n", family));
  return false;
}

void Tables::warn_of_malformed(const Coverage& coverage, std::string_view what) {
  warn_of_bogus(env_.err, coverage.malformed + coverage.truncated, what);
}

/// The end of a table that broke off. The rows before it have been printed.
int Tables::ending(const Coverage& coverage, int status) {
  if (coverage.error == 0) return 0;
  if (coverage.operation != Operation::missing_column) {
    // quirk: read-error - reported once; the original reads on for ever, or ends silently
    env_.err.line(fmt::format("{}: {}", coverage.object, error_text(coverage.error)));
  } else if (!coverage.object.empty()) {
    env_.err.line(fmt::format("warning: {} does not contain required field {}", "/proc/net/route", coverage.object));
  }
  return status;
}

/// The columns after the flags of a route that forwards.
void Tables::numbers(const Route& r) {
  if (layout_ == Layout::netstat) {
    row_.text(" ")
        .right(as_signed(r.mtu), 5)
        .text(" ")
        .left(as_signed(r.window), 5)
        .text(" ")
        .right(as_signed(r.irtt), 6);
    row_.text(" ").foreign(r.interface, 0, kInterfaceNameMax);
    return;
  }
  const bool both = layout_ == Layout::both;
  row_.text(" ").left(as_signed(r.metric), 6).text(" ").left(as_signed(r.references.value_or(0)), both ? 3 : 2);
  row_.text(" ").right(as_signed(r.use.value_or(0)), both ? 6 : 7).text(" ");
  if (!both) {
    row_.foreign(r.interface, 0, kInterfaceNameMax);
    return;
  }
  row_.foreign(r.interface, kShortName, kShortName).text("   ").left(as_signed(r.mtu), 5).text(" ");
  row_.left(as_signed(r.window), 6).text(" ");
}

/// The same for a reject route: dashes where a number would mislead.
void Tables::rejected(const Route& r) {
  if (layout_ == Layout::netstat) {
    row_.text("     - -          - -");
    return;
  }
  row_.text(" ").left(as_signed(r.metric), 6).text(" -  ").right(as_signed(r.use.value_or(0)), 7);
  row_.text(layout_ == Layout::route ? " -" : " -        -     -      -");
}

void Tables::inet_row(const Route& r) {
  const bool reject = (r.flags & kRouteReject) != 0;
  char mask[kAddressTextMax];
  const std::string_view mask_text(mask, static_cast<std::size_t>(format_ipv4(mask, r.mask.data()) - mask));
  row_.left(std::string_view(destination(r)).substr(0, kCell), kCell).text(" ");
  row_.left(reject ? "-" : std::string_view(host(Family::inet, r.gateway)).substr(0, kCell), kCell).text(" ");
  row_.left(mask_text, kCell).text(" ").left(route_flags(r.flags), 5);
  if (reject) {
    rejected(r);
  } else {
    numbers(r);
    if (layout_ == Layout::both) row_.left(as_signed(r.irtt), 0);
  }
  row_.end(env_.out);
}

constexpr std::string_view kInetHeaders[] = {
    "",
    "Destination     Gateway         Genmask         Flags Metric Ref    Use Iface\n",
    "Destination     Gateway         Genmask         Flags   MSS Window  irtt Iface\n",
    "Destination     Gateway         Genmask         Flags Metric Ref    Use Iface    MSS   Window irtt\n",
};
constexpr std::string_view kCacheHeaders[] = {
    "",
    "Source          Destination     Gateway         Flags Metric Ref    Use Iface\n",
    "Source          Destination     Gateway         Flags   MSS Window  irtt Iface\n",
    "Source          Destination     Gateway         Flags Metric Ref    Use Iface    MSS   Window irtt  TOS HHRef "
    "HHUptod     SpecDst\n",
};

int Tables::inet() {
  std::vector<Route> routes;
  const Coverage coverage = read(Family::inet, routes);
  choose(routes, [](const Route& r) { return (r.flags & kRouteUp) != 0; });
  if (!opened(coverage, "INET (IPv4)")) return kFailure;
  env_.out.append("Kernel IP routing table\n");
  env_.out.append(kInetHeaders[static_cast<unsigned>(layout_)]);
  if (layout_ != Layout::title_only)
    for (const Route& route : routes) inet_row(route);
  warn_of_malformed(coverage, "route");
  return ending(coverage, kFailure);
}

void Tables::cache_row(const Route& r) {
  const RouteCacheEntry& cached = *r.cache;
  row_.left(host(Family::inet, cached.source), kCell)
      .text(" ")
      .left(host(Family::inet, r.destination), kCell)
      .text(" ");
  row_.left(host(Family::inet, r.gateway), kCell).text(" ").left(cache_flags(r.flags), 5);
  numbers(r);
  if (layout_ == Layout::both) {
    row_.left(as_signed(r.irtt), 5).text(" ").left(as_signed(cached.tos), 3).text(" ");
    row_.left(as_signed(cached.hardware_header_references), 3).text("   ");
    row_.left(as_signed(cached.hardware_header_valid), 3).text(" ");
    row_.right(host(Family::inet, cached.specific_destination), kCell);
  }
  row_.end(env_.out);
}

int Tables::inet_cache() {
  std::vector<Route> routes;
  // Kernels whose rtnetlink dumps this cache have no cache (since 3.6), so the file is read in either case.
  const Coverage coverage = read_route_cache(env_.proc, routes);
  choose_records(plan_, routes);
  plan_.note_missing(coverage.incomplete() && coverage.error != ENOENT);
  if (!opened(coverage, "INET (IPv4)")) return kFailure;
  env_.out.append("Kernel IP routing cache\n");
  if (coverage.operation == Operation::missing_column && coverage.object.empty()) {
    env_.err.line(fmt::format("/proc/net/rt_cache: {}", error_text(ENOENT)));  // as the original says for an empty file
    return kUnreadable;
  }
  env_.out.append(kCacheHeaders[static_cast<unsigned>(layout_)]);
  if (layout_ != Layout::title_only)
    for (const Route& route : routes) cache_row(route);
  warn_of_malformed(coverage, "rt_cache");
  return cache_ending(coverage);
}

/// quirk: route-cache-columns - a missing column is reported, and the status is 0; the original does not notice if one
/// of the last is missing
int Tables::cache_ending(const Coverage& coverage) {
  if (coverage.operation != Operation::missing_column) return ending(coverage, kUnreadable);
  env_.err.line(fmt::format("warning: /proc/net/rt_cache does not contain required field {}", coverage.object));
  return 0;
}

void Tables::inet6_row(const Route& r) {
  row_.left(fmt::format("{}/{}", host(Family::inet6, r.destination), r.prefix_length), 30).text(" ");
  row_.left(host(Family::inet6, r.gateway), 26).text(" ").left(letters(r.flags, kRoute6Letters), 4).text(" ");
  row_.left(as_signed(r.metric), 3).text(" ");
  // quirk: netlink-references - rtnetlink does not provide the count; a dash, as in the original without a count
  if (r.references) row_.left(as_signed(*r.references), 1);
  else row_.text("-");
  row_.text(" ")
      .right(as_signed(r.use.value_or(0)), 6)
      .text(" ")
      .foreign(r.interface, 0, kInterfaceNameMax)
      .end(env_.out);
}

int Tables::inet6(bool cache) {
  std::vector<Route> routes;
  const Coverage coverage = read(Family::inet6, routes);
  choose(routes, [cache](const Route& r) { return ((r.flags & kRouteCache) != 0) == cache; });
  if (!opened(coverage, "INET6 (IPv6)")) return kFailure;
  env_.out.append(cache ? "Kernel IPv6 routing cache\n" : "Kernel IPv6 routing table\n");
  env_.out.append("Destination                    Next Hop                   Flag Met Ref  Use If\n");
  for (const Route& route : routes) inet6_row(route);
  // quirk: stale-columns - the original repeats the previous row for a line that it cannot read
  warn_of_malformed(coverage, "ipv6_route");
  return ending(coverage, kFailure);
}

/// The tables of one family: the FIB, unless only the cache is requested, and the cache.
int print_family(Environment& env, const Request& request, const ViewPlan& plan, Via via, AddressFamily family) {
  const bool fib = request.fib || !request.cache;
  Tables tables(env, request, plan, via);
  if (family == AddressFamily::inet) {
    const int status = fib ? tables.inet() : 0;
    return status != 0 || !request.cache ? status : tables.inet_cache();
  }
  if (family == AddressFamily::inet6) {
    const int status = fib ? tables.inet6(false) : 0;
    return status != 0 || !request.cache ? status : tables.inet6(true);
  }
  if (const auto status = print_rare_routes(env, family)) return *status;
  const bool unknown = family == AddressFamily::bluetooth;
  env.err.line(fmt::format("{}{}", unknown ? "Address family `" : "No routing for address family `",
                           fmt::format("{}'{}", canonical_name(family), unknown ? " not supported." : ".")));
  return kNoRouting;
}

}  // namespace

int print_routes(Environment& env, const Request& request, const ViewPlan& plan, Via via) {
  if (request.family_list.empty()) return print_family(env, request, plan, via, AddressFamily::inet);
  for (const AddressFamily family : request.family_list)
    if (const int status = print_family(env, request, plan, via, family); status != 0) return status;
  return 0;
}

}  // namespace duostat::netstat
