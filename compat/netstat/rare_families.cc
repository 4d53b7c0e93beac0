// One reader and printer for each file format; the tables below are the layouts.
//
//   /proc/net/nr      user dest src device my your state vs vr va t1 t2 t4 idle n2 window Snd-Q Rcv-Q inode
//   /proc/net/ax25    magic device src dest[,digipeater]* state vs vr va t1 t1 … paclen Snd-Q Rcv-Q inode
//   /proc/net/x25     dest src device lci state vs vr va t t2 t21 t22 t23 Snd-Q Rcv-Q inode
//   /proc/net/rose    dest dest_call src src_call device lci neighbour state …
//   /proc/net/ipx/socket   Local_Address Remote_Address Tx_Queue Rx_Queue State Uid
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/netstat/rare_families.h"

#include <fmt/core.h>
#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <span>
#include <vector>

#include "compat/netstat/row.h"
#include "compat/netstat/statuses.h"
#include "src/procfs/text_file.h"

namespace duostat::netstat {
namespace {

using LineWords = std::vector<std::string_view>;

struct FamilyTable {
  AddressFamily family;
  std::string_view file, heading, header;
  bool headed;  ///< the file's first line names its columns
  /// Prints one row; false if the line is malformed.
  bool (*print)(Environment& env, const Request& request, const LineWords& words);
};

template <class Number = int>
bool number(std::string_view word, Number& value, int base = 10) {
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value, base);
  return error == std::errc() && end == word.data() + word.size();
}

/// A number that some kernels print as '*'.
int number_or_zero(const LineWords& words, std::size_t at) {
  int value = 0;
  return at < words.size() && number(words[at], value) ? value : 0;
}

constexpr std::string_view kNetromStates[] = {"LISTENING", "CONN SENT", "DISC SENT", "ESTABLISHED"};
constexpr std::string_view kAx25States[] = {"LISTENING", "SABM SENT", "DISC SENT", "ESTABLISHED", "RECOVERY"};
constexpr std::string_view kX25States[] = {"LISTENING", "SABM_SENT", "DISC_SENT", "ESTABLISHED", "RECOVERY"};

// quirk: rare-family-states - a number without a name is printed as a number; the original reads beyond its table
std::string state_name(std::span<const std::string_view> names, std::string_view word) {
  std::size_t state = 0;
  if (number(word, state) && state < names.size()) return std::string(names[state]);
  return "UNKNOWN";
}

/// The columns at the end of the amateur radio tables.
void put_radio_columns(Row& row, std::string_view device, std::string_view state, int vr, int vs, int sent,
                       int received) {
  row.foreign(device, 6, 6).text("  ").left(state, 11).text("  ").text(fmt::format("{:03}/{:03}", vr, vs)).text("  ");
  row.left(sent, 6).text("  ").left(received, 6);
}

bool print_netrom(Environment& env, const Request&, const LineWords& w) {
  int vs = 0, vr = 0;
  if (w.size() < 18 || !number(w[7], vs) || !number(w[8], vr)) return false;  // rows of AX.25 and X.25 may be shorter
  Row row;
  for (std::size_t i = 0; i < 3; ++i) row.foreign(w[i], 9).text("  ");
  put_radio_columns(row, w[3], state_name(kNetromStates, w[6]), vr, vs, number_or_zero(w, 16), number_or_zero(w, 17));
  row.end(env.out);
  return true;
}

bool print_ax25(Environment& env, const Request&, const LineWords& w) {
  constexpr std::size_t kSent = 19;  // t1, t2, t3, idle and n2 are two numbers each, then rtt, window, paclen
  int vs = 0, vr = 0;
  if (w.size() < 7 || !number(w[5], vs) || !number(w[6], vr)) return false;
  Row row;
  row.foreign(w[3].substr(0, w[3].find(',')), 9).text("  ").foreign(w[2], 9).text("  ");
  put_radio_columns(row, w[1], state_name(kAx25States, w[4]), vr, vs, number_or_zero(w, kSent + 2),
                    number_or_zero(w, kSent + 3));
  row.end(env.out);
  return true;
}

bool print_x25(Environment& env, const Request& request, const LineWords& w) {
  int lci = 0, vs = 0, vr = 0;
  if (w.size() < 7 || !number(w[3], lci) || !number(w[5], vs) || !number(w[6], vr)) return false;
  if (lci == 0 && !request.all) return true;
  Row row;
  row.foreign(w[0], 15).text(" ").foreign(w[1].substr(0, 9), 15).text(" ").foreign(w[2], 7).text(" ").left(lci, 3);
  row.text("  ").left(state_name(kX25States, w[4]), 11).text("  ").text(fmt::format("{:02}/{:02}", vr, vs)).text("  ");
  row.left(number_or_zero(w, 13), 6).text("  ").left(number_or_zero(w, 14), 6).end(env.out);
  return true;
}

bool print_rose(Environment& env, const Request&, const LineWords& w) {
  int lci = 0, neighbour = 0;
  if (w.size() < 8 || !number(w[5], lci) || !number(w[6], neighbour)) return false;
  Row row;
  row.foreign(w[0], 10).text("  ").foreign(w[1], 9).text("  ").foreign(w[2], 10).text("  ").foreign(w[3], 9).text(" ");
  row.foreign(w[4], 5).text(" ").right(lci, 3).text(" ").right(neighbour, 5).text("   ");
  row.text(state_name(kX25States, w[7])).end(env.out);
  return true;
}

/// "00000001:0123456789AB:4001" with the port's bytes swapped, which net-tools 2.10 does; anything else is no address.
std::string ipx_address(std::string_view word) {
  std::uint16_t port = 0;
  const std::size_t colon = word.rfind(':');
  if (colon == std::string_view::npos || !number(word.substr(colon + 1), port, 16)) return {};
  return fmt::format("{}{:04X}", word.substr(0, colon + 1), __builtin_bswap16(port));
}

bool print_ipx(Environment& env, const Request& request, const LineWords& w) {
  unsigned transmit = 0, receive = 0, state = 0;
  std::uint32_t uid = 0;
  if (w.size() < 6 || !number(w[2], transmit, 16) || !number(w[3], receive, 16) || !number(w[4], state, 16))
    return false;
  const std::string local = ipx_address(w[0]);
  const std::string remote = w[1] == "Not_Connected" ? "-" : ipx_address(w[1]);
  if (local.empty() || remote.empty() || !number(w[5], uid)) return false;
  Row row;
  row.text("IPX   ").right(transmit, 6).text(" ").right(receive, 6).text(" ").foreign(local, 26).text(" ");
  row.foreign(remote, 26).text(" ").left(state == 1 ? "ESTAB" : state == 7 ? "" : "UNK.", 5);
  if (request.extend > 0) {
    const std::string_view name = request.numeric_users ? std::string_view() : env.names.user(uid);
    row.text(" ");
    name.empty() ? row.left(uid, 10) : row.foreign(name, 10);
  }
  row.end(env.out);
  return true;
}

constexpr std::string_view kRadioHeader = "Dest       Source     Device  State        Vr/Vs    Send-Q  Recv-Q";

constexpr FamilyTable kFamilyTables[] = {
    {AddressFamily::ipx, "net/ipx/socket", "Active IPX sockets",
     "Proto Recv-Q Send-Q Local Address              Foreign Address            State", true, print_ipx},
    {AddressFamily::ax25, "net/ax25", "Active AX.25 sockets", kRadioHeader, false, print_ax25},
    {AddressFamily::x25, "net/x25", "Active X.25 sockets",
     "Dest         Source          Device  LCI  State        Vr/Vs  Send-Q  Recv-Q", true, print_x25},
    {AddressFamily::netrom, "net/nr", "Active NET/ROM sockets",
     "User       Dest       Source     Device  State        Vr/Vs    Send-Q  Recv-Q", true, print_netrom},
    {AddressFamily::rose, "net/rose", "Active ROSE sockets",
     "dest_addr   dest_call  src_addr    src_call  dev   lci neigh   state", true, print_rose},
};

LineWords split(std::string_view line) {
  LineWords words;
  Cursor cursor(line);
  for (std::string_view word; cursor.word(word);) words.push_back(word);
  return words;
}

/// IPX's table was one file before it had a folder of its own.
std::string_view file_of(const ProcDir& proc, const FamilyTable& table) {
  constexpr std::string_view kOldIpx = "net/ipx";
  int error = 0;
  struct stat status {};
  const Fd fd = table.family == AddressFamily::ipx ? proc.open(kOldIpx, error) : Fd();
  const bool old = fd && ::fstat(fd.get(), &status) == 0 && S_ISREG(status.st_mode);
  return old ? kOldIpx : table.file;
}

}  // namespace

RareAnswer print_rare_family(Environment& env, const Request& request, AddressFamily family) {
  RareAnswer answer;
  const FamilyTable& table = *std::ranges::find(kFamilyTables, family, &FamilyTable::family);
  procfs::TextFile file(env.proc, file_of(env.proc, table), answer.coverage);
  if (answer.coverage.error != 0) return answer;
  env.out.append(fmt::format("{}\n{}", table.heading, table.header));
  env.out.append(family == AddressFamily::ipx && request.extend > 0 ? " User\n" : "\n");
  std::string_view line;
  if (table.headed) file.next(line);
  while (answer.status == 0 && file.next(line)) {
    if (table.print(env, request, split(line))) continue;
    if (family == AddressFamily::ipx) {
      env.err.line("netstat.c: Internal Error `ipx socket format error in source port'.");
      answer.status = kFormatError;
    } else {
      const std::string_view word = family == AddressFamily::ax25 ? "problem" : "Problem";
      env.out.append(fmt::format("{} reading data from /proc/{}\n", word, table.file));
    }
  }
  return answer;
}

}  // namespace duostat::netstat
