// The options of netstat, folded into a value, and what follows from them.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/option_table.h"
#include "src/base/proc_dir.h"
#include "src/model/protocol.h"
#include "src/view/view_request.h"

namespace duostat::netstat {

/// The families that -A and the family options can name, whether or not a kernel still supports them.
enum class AddressFamily : std::uint8_t {
  inet, inet6, unix_domain, ipx, ax25, x25, netrom, rose, ddp, ash, econet, bluetooth, count_
};

class AddressFamilies {
 public:
  constexpr bool has(AddressFamily f) const { return (bits_ >> static_cast<unsigned>(f) & 1) != 0; }
  constexpr void add(AddressFamily f) { bits_ |= 1u << static_cast<unsigned>(f); }

 private:
  std::uint32_t bits_ = 0;
};

/// The name of a family in messages ("inet", "ec").
std::string_view canonical_name(AddressFamily family);

/// How the command line ends before any listing.
enum class Ending : std::uint8_t {
  none,
  version,  ///< -V
  help,     ///< -h
  usage,    ///< -?: the usage text as an error
  failure,  ///< Request::notes say why; status 1
};

/// The command line as a value. Options change it in the order in which they were given.
struct Request {
  Ending ending = Ending::none;
  std::vector<std::string> notes;  ///< lines for standard error, in the order of the options

  bool route = false, interfaces = false, masquerade = false, statistics = false, groups = false;
  int modes = 0;                   ///< occurrences of -r, -i, -M and -s together; more than one is a usage error

  ProtocolSet protocols;           ///< -t -S -u -U -w
  bool l2cap = false, rfcomm = false;
  AddressFamilies families;        ///< named at least once
  std::vector<AddressFamily> family_list;  ///< in the order of the command line, with repeats, as far as there was room

  bool all = false, listening = false, wide = false, timers = false, programs = false, context = false;
  bool numeric_hosts = false, numeric_ports = false, numeric_users = false;
  std::size_t notes_before_context = 0;  ///< size of `notes` at the first -Z
  bool symbolic = false;           ///< -N, which makes routes and SCTP numeric
  bool continuous = false, verbose = false, fib = false, cache = false;
  int extend = 0;                  ///< how many -e
  std::optional<std::string> via;
  std::vector<std::string> from;  ///< --from
  ViewRequest view;
  std::optional<std::int64_t> delta_ns;  ///< --delta: time between the two readings
};

/// The options, in the order of the original's long options, which its messages about ambiguous ones show.
std::span<const Option<Request>> options();
/// The words for -A.
std::vector<std::string> family_words();

/// Applies the events until one ends the command line.
Request fold(const std::vector<OptionEvent>& events);

/// Without SELinux -Z ends the command line: the request becomes what it was when -Z was met, with that ending.
void prepare(const ProcDir& proc, Request& request);

/// The usage text, made from options().
std::string usage_text();
/// The usage text after a mistake: its first two lines, and how to get the rest. `meant`: the nearest valid word.
std::string usage_hint(std::string_view meant = {});

/// Which tables the socket listing prints.
struct Listing {
  bool everything = false;   ///< nothing was selected: the default listing, in which a missing table is no error
  bool quiet = false;        ///< the protocols were selected by a family alone: a missing table is no error either
  ProtocolSet protocols;
  bool inet = false, inet6 = false;
  bool groups = false, unix_domain = false;
  bool bluetooth = false;
  AddressFamilies others;    ///< ipx, ax25, x25, netrom, rose
};
Listing listing_of(const Request& request);

}  // namespace duostat::netstat
