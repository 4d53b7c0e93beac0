// /proc/net/ip_masquerade (Linux 2.0 and 2.2; before 2.2 without PDelta). Addresses are hexadecimal, most significant
// first:
//
//   Prc FromIP   FPrt ToIP     TPrt Masq Init-seq  Delta PDelta Expires (free=40960,40960,40960)
//   TCP 0A000002:0400 C0A80101:0016 F000 00000000      0      0  89999
//
// /proc/net/nf_conntrack (net/netfilter/nf_conntrack_standalone.c, ct_seq_show): the original direction, then the
// reply's.
//
//   ipv4     2 tcp      6 431999 ESTABLISHED src=10.0.0.2 dst=192.168.1.1 sport=1024 dport=22 src=192.168.1.1
//   dst=192.0.2.1 sport=22 dport=61440 [ASSURED] mark=0 zone=0 use=2
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/procfs/masquerade.h"

#include <cerrno>

#include "src/procfs/text_file.h"

namespace duostat {
namespace {

/// "0A000002:0400"
bool read_endpoint(std::string_view word, Address& address, std::uint16_t& port) noexcept {
  Cursor cursor(word);
  std::uint64_t bits = 0, number = 0;
  if (!cursor.hex(bits) || !cursor.expect(':') || !cursor.hex(number) || !cursor.done()) return false;
  for (std::size_t i = 0; i < 4; ++i) address[i] = static_cast<std::uint8_t>(bits >> (24 - 8 * i));
  port = static_cast<std::uint16_t>(number);
  return true;
}

std::string lower(std::string_view word) {
  std::string text(word);
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

bool read_row(std::string_view line, bool with_previous, MasqueradedConnection& c) {
  Cursor cursor(line);
  std::string_view protocol, from, to;
  std::uint64_t port = 0, sequence = 0, delta = 0, previous = 0;
  if (!cursor.word(protocol) || !cursor.word(from) || !cursor.word(to) || !cursor.hex(port)) return false;
  if (!read_endpoint(from, c.source, c.source_port) || !read_endpoint(to, c.destination, c.destination_port))
    return false;
  if (!cursor.hex(sequence) || !cursor.dec(delta) || (with_previous && !cursor.dec(previous))) return false;
  if (!cursor.dec(c.expires.emplace())) return false;
  c.protocol = lower(protocol);
  c.masqueraded_port = static_cast<std::uint16_t>(port);
  c.initial_sequence = static_cast<std::uint32_t>(sequence);
  c.delta = static_cast<std::int16_t>(delta);
  c.previous_delta = static_cast<std::int16_t>(previous);
  c.sequence_known = true;
  c.previous_delta_known = with_previous;
  return true;
}

/// "10.0.0.2"
bool read_quad(std::string_view text, Address& address) noexcept {
  Cursor cursor(text);
  for (std::size_t i = 0; i < 4; ++i) {
    std::uint64_t byte = 0;
    if ((i != 0 && !cursor.expect('.')) || !cursor.dec(byte) || byte > 255) return false;
    address[i] = static_cast<std::uint8_t>(byte);
  }
  return cursor.done();
}

/// One direction of a tracked connection.
struct Direction {
  Address source{}, destination{};
  std::uint16_t source_port = 0, destination_port = 0;
  bool seen = false;
};

/// Parses "sport=22" and the like; ignores other words.
bool read_item(std::string_view word, Direction (&directions)[2], std::size_t& current) noexcept {
  const std::size_t equals = word.find('=');
  if (equals == std::string_view::npos) return true;
  const std::string_view key = word.substr(0, equals), value = word.substr(equals + 1);
  if (key == "src") {
    if (directions[current].seen && current == 0) current = 1;
    directions[current].seen = true;
    return read_quad(value, directions[current].source);
  }
  if (key == "dst") return read_quad(value, directions[current].destination);
  std::uint64_t number = 0;
  Cursor cursor(value);
  if (key != "sport" && key != "dport") return true;
  if (!cursor.dec(number)) return false;
  (key == "sport" ? directions[current].source_port : directions[current].destination_port) =
      static_cast<std::uint16_t>(number);
  return true;
}

enum class TrackedLine : std::uint8_t { masqueraded, other, malformed };

TrackedLine read_tracked(std::string_view line, MasqueradedConnection& c) {
  Cursor cursor(line);
  std::string_view family, protocol, word;
  std::uint64_t number = 0, seconds = 0;
  if (!cursor.word(family) || !cursor.dec(number) || !cursor.word(protocol) || !cursor.dec(number))
    return TrackedLine::malformed;
  if (family != "ipv4") return TrackedLine::other;
  if (cursor.dec(seconds)) c.expires = seconds * 100;  // a connection in hardware has no timeout
  Direction directions[2];
  std::size_t current = 0;
  while (cursor.word(word))
    if (!read_item(word, directions, current)) return TrackedLine::malformed;
  const auto& [forth, back] = directions;
  if (!forth.seen || !back.seen) return TrackedLine::malformed;
  if (back.destination == forth.source && back.destination_port == forth.source_port) return TrackedLine::other;
  c.protocol = protocol;
  c.source = forth.source;
  c.destination = forth.destination;
  c.source_port = forth.source_port;
  c.destination_port = forth.destination_port;
  c.masqueraded_port = back.destination_port;
  return TrackedLine::masqueraded;
}

}  // namespace

Coverage read_masquerade(const ProcDir& proc, std::vector<MasqueradedConnection>& connections) {
  Coverage coverage;
  procfs::TextFile text(proc, kMasqueradeFile, coverage);
  std::string_view heading;
  if (!text.next(heading)) {
    if (coverage.error == 0 || coverage.operation == Operation::read) {
      coverage.error = coverage.error == 0 ? EPROTO : coverage.error;
      coverage.operation = Operation::no_heading;
    }
    return coverage;
  }
  const bool with_previous = heading.find("PDelta") != std::string_view::npos;
  text.each_row([&](std::string_view line) {
    MasqueradedConnection connection;
    if (line.empty()) return true;
    if (!read_row(line, with_previous, connection)) return false;
    connections.push_back(std::move(connection));
    return true;
  });
  return coverage;
}

Coverage read_conntrack(const ProcDir& proc, std::vector<MasqueradedConnection>& connections) {
  Coverage coverage;
  procfs::TextFile text(proc, kConntrackFile, coverage);
  text.each_row([&](std::string_view line) {
    MasqueradedConnection connection;
    const TrackedLine verdict = read_tracked(line, connection);
    if (verdict == TrackedLine::masqueraded) connections.push_back(std::move(connection));
    return verdict != TrackedLine::malformed;
  });
  return coverage;
}

}  // namespace duostat
