// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/netstat/interfaces.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

#include "compat/netstat/hardware.h"
#include "src/base/error.h"
#include "src/procfs/dev.h"
#include "src/render/address.h"
#include "src/render/escape.h"

namespace duostat::netstat {
namespace {

struct FlagName {
  std::uint16_t bit;
  std::string_view letter;  ///< short form
  std::string_view word;    ///< long form
};
/// In the order of the short form. Promiscuous and point-to-point share a letter.
constexpr FlagName kLetters[] = {
    {0x200, "A", "ALLMULTI"},   {0x2, "B", "BROADCAST"},    {0x4, "D", "DEBUG"},    {0x8, "L", "LOOPBACK"},
    {0x1000, "M", "MULTICAST"}, {0x8000, "d", "DYNAMIC"},   {0x100, "P", "PROMISC"}, {0x20, "N", "NOTRAILERS"},
    {0x80, "O", "NOARP"},       {0x10, "P", "POINTOPOINT"}, {0x800, "s", "SLAVE"},  {0x400, "m", "MASTER"},
    {0x40, "R", "RUNNING"},     {0x1, "U", "UP"},
};
/// In the order of the long form.
constexpr std::uint16_t kWordOrder[] = {0x1,  0x2,   0x4,   0x8,   0x10,  0x20,   0x40,
                                        0x80, 0x100, 0x200, 0x800, 0x400, 0x1000, 0x8000};

struct Scope {
  unsigned bits;
  std::string_view name;
};
constexpr unsigned kGlobal = 0;  ///< no other bits but "compat"
constexpr Scope kScopes[] = {{0x80, "compat"}, {kGlobal, "global"}, {0x20, "link"}, {0x40, "site"}, {0x10, "host"}};

/// Serial lines with compressed headers (ARPHRD_), which alone show how many packets that were.
constexpr std::uint16_t kCslip = 257, kCslip6 = 259;

constexpr std::string_view kMedia[] = {"unknown", "10base2", "10baseT", "AUI", "100baseT", "100baseTX", "100baseFX"};

std::string letters_of(std::uint16_t flags) {
  if (flags == 0) return "[NO FLAGS]";
  std::string text;
  for (const FlagName& f : kLetters)
    if ((flags & f.bit) != 0) text += f.letter;
  return text;
}

std::string words_of(std::uint16_t flags) {
  std::string text;
  for (const std::uint16_t bit : kWordOrder) {
    if ((flags & bit) == 0) continue;
    const auto* row = std::ranges::find(kLetters, bit, &FlagName::bit);
    text.append(text.empty() ? "" : ",").append(row->word);
  }
  return text;
}

/// "1.4 KiB": the unit changes above a full next one, and nothing is rounded up.
std::string human_bytes(std::uint64_t bytes) {
  constexpr std::string_view kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  std::size_t unit = 0;
  while (unit + 1 < std::size(kUnits) && bytes > (std::uint64_t{1} << (10 * (unit + 1)))) ++unit;
  // Ten times the largest kind does not fit, so there a tenth of the unit, cut to an integer, is what is counted.
  const std::uint64_t one = std::uint64_t{1} << (10 * unit);
  const std::uint64_t tenths = unit + 1 == std::size(kUnits) ? bytes / (one / 10) : bytes * 10 / one;
  return fmt::format("{}.{} {}", tenths / 10, tenths % 10, kUnits[unit]);
}

/// "<compat,global>", or nothing
std::string scopes_of(unsigned scope) {
  std::string text;
  for (const Scope& s : kScopes) {
    const bool set = s.bits == kGlobal ? (scope & 0x7f) == 0 : (scope & s.bits) != 0;
    if (set) text.append(text.empty() ? "<" : ",").append(s.name);
  }
  return text.empty() ? text : text.append(">");
}

std::string quad(const Address& address) {
  char text[kAddressTextMax];
  return {text, format_ipv4(text, address.data())};
}

class InterfaceTable {
 public:
  explicit InterfaceTable(Environment& env) : env_(env) {}

  void short_header() {
    print("Iface             MTU    RX-OK RX-ERR RX-DRP RX-OVR    TX-OK TX-ERR TX-DRP TX-OVR Flg\n");
  }
  void short_row(const Interface& interface);
  void long_rows(const Interface& interface);

 private:
  void addresses(const Interface& interface);
  void hardware(const Interface& interface);
  void counters(const Interface& interface);
  void device(const Interface& interface);
  void print(std::string_view text) { env_.out.append(text); }

  Environment& env_;
};

void InterfaceTable::short_row(const Interface& i) {
  std::string scratch;
  print(fmt::format("{:<15.15} {:>5} ", without_controls(i.name, scratch), i.mtu));
  const InterfaceCounters& c = i.counters;
  if (i.has_counters) {
    print(fmt::format("{:>8} {:>6} {:>6} {:<6} ", c.rx_packets, c.rx_errors, c.rx_dropped, c.rx_fifo));
    print(fmt::format("{:>8} {:>6} {:>6} {:>6} ", c.tx_packets, c.tx_errors, c.tx_dropped, c.tx_fifo));
  } else {
    print(fmt::format("{:<56}", "     - no statistics available -"));
  }
  print(letters_of(i.flags));
  print("\n");
}

void InterfaceTable::addresses(const Interface& i) {
  if (i.has_address) {
    print(fmt::format("        inet {}  netmask {}", quad(i.address), quad(i.netmask)));
    if ((i.flags & interface_flag::broadcast) != 0) print("  broadcast " + quad(i.broadcast));
    if ((i.flags & interface_flag::point_to_point) != 0) print("  destination " + quad(i.destination));
    print("\n");
  }
  read_if_inet6(env_.proc, [&](std::string_view name, const InterfaceAddress6& a) {
    if (name != i.name) return;
    char text[kAddressTextMax];
    const char* end = is_v4_mapped(a.address) ? format_ipv4(text, a.address.data() + 12)
                                              : format_ipv6(text, a.address.data());
    print(fmt::format("        inet6 {}  prefixlen {}  scopeid 0x{:x}{}\n",
                      std::string_view(text, static_cast<std::size_t>(end - text)), a.prefix_length, a.scope,
                      scopes_of(a.scope)));
  });
}

void InterfaceTable::hardware(const Interface& i) {
  const Hardware& hardware = hardware_of(i.hardware_type);
  print(fmt::format("        {}", hardware.name));
  if (hardware.address != nullptr) print(" " + hardware.address(i.hardware_address));
  if (i.has_queue_length) print(fmt::format("  txqueuelen {}", i.queue_length));
  print(fmt::format("  ({})\n", hardware.title));
  if ((i.flags & interface_flag::port_select) == 0) return;
  print("        media ");
  print(i.map.port < std::size(kMedia) ? kMedia[i.map.port] : kMedia[0]);
  print((i.flags & interface_flag::auto_media) != 0 ? "autoselect\n" : "\n");
}

void InterfaceTable::counters(const Interface& i) {
  if (!i.has_counters) return;
  const InterfaceCounters& c = i.counters;
  const bool compressed = i.hardware_type == kCslip || i.hardware_type == kCslip6;
  print(fmt::format("        RX packets {}  bytes {} ({})\n", c.rx_packets, c.rx_bytes, human_bytes(c.rx_bytes)));
  if (compressed) print(fmt::format("        RX compressed:{}\n", c.rx_compressed));
  print(fmt::format("        RX errors {}  dropped {}  overruns {}  frame {}\n", c.rx_errors, c.rx_dropped, c.rx_fifo,
                    c.rx_frame));
  print(fmt::format("        TX packets {}  bytes {} ({})\n", c.tx_packets, c.tx_bytes, human_bytes(c.tx_bytes)));
  if (compressed) print(fmt::format("        TX compressed {}\n", c.tx_compressed));
  print(fmt::format("        TX errors {}  dropped {} overruns {}  carrier {}  collisions {}\n", c.tx_errors, c.tx_dropped,
                    c.tx_fifo, c.tx_carrier, c.tx_collisions));
}

void InterfaceTable::device(const Interface& i) {
  const InterfaceMap& map = i.map;
  const bool base = map.base_address >= 0x100;
  if (map.interrupt == 0 && map.memory_start == 0 && map.dma == 0 && !base) return;
  print("        device ");
  if (map.interrupt != 0) print(fmt::format("interrupt {}  ", map.interrupt));
  if (base) print(fmt::format("base 0x{:x}  ", map.base_address));
  if (map.memory_start != 0) print(fmt::format("memory 0x{:x}-{:x}  ", map.memory_start, map.memory_end));
  if (map.dma != 0) print(fmt::format("  dma 0x{:x}", map.dma));
  print("\n");
}

void InterfaceTable::long_rows(const Interface& i) {
  std::string scratch;
  const std::string words = words_of(i.flags);
  print(fmt::format("{}: flags={}", without_controls(i.name, scratch), static_cast<std::int16_t>(i.flags)));
  if (i.flags == 0) {
    print("<");
  } else if (!words.empty()) {
    print(fmt::format("<{}>", words));
  }
  print(fmt::format("  mtu {}\n", i.mtu));
  addresses(i);
  hardware(i);
  counters(i);
  device(i);
  print("\n");
}

}  // namespace

int list_interfaces(Environment& env, const Request& request, DeviceRequests& requests, bool first) {
  Coverage coverage;
  std::vector<Interface> interfaces = duostat::list_interfaces(env.proc, requests, coverage);
  if (coverage.error != 0)
    env.err.line(fmt::format("Warning: cannot open {} ({}). Limited output.", coverage.object, error_text(coverage.error)));

  InterfaceTable table(env);
  if (first) env.out.append("Kernel Interface table\n");
  if (request.extend == 0) table.short_header();
  int status = 0;
  for (Interface& interface : interfaces) {
    if (const int error = requests.fill(interface); error != 0) {
      // quirk: vanished-interface. The original gives up here; the others are none the worse for it.
      std::string scratch;
      env.err.line(fmt::format("{}: error fetching interface information: {}", without_controls(interface.name, scratch),
                               error == ENODEV ? "Device not found" : error_text(error)));
      status = 1;
      continue;
    }
    if ((interface.flags & interface_flag::up) == 0 && !request.all) continue;
    request.extend == 0 ? table.short_row(interface) : table.long_rows(interface);
  }
  return status;
}

}  // namespace duostat::netstat
