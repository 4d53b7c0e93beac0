// Parses the filter language of ss into an expression.
//
//   filter    = [ list ]
//   list      = term { ( "and" | "or" | nothing ) term }          left to right, all of one precedence
//   term      = "(" list ")" | "not" term | predicate
//   predicate = ( "src" | "dst" ) [ "=" ] host
//             | ( "sport" | "dport" ) [ "=" | "!=" | "<" | ">" | "<=" | ">=" ] host
//             | ( "dev" | "fwmark" | "cgroup" ) [ "=" | "!=" ] value
//             | "autobound"
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "src/model/protocol.h"
#include "src/names/lookup.h"
#include "src/query/expr.h"

namespace duostat {

/// The context that the meaning of a word depends on.
struct ParserContext {
  Lookup& names;
  /// Port names are looked up for the selected tables. With neither, no port name is known.
  bool tcp = true, udp = true;
  /// Family of host words without a prefix such as "unix:"; unspecified: the word's form decides.
  Family preferred = Family::unspecified;
  /// For a host name with several addresses, ss's kernel filter uses the first address only, while user space accepts
  /// any. So a complete answer differs from that of ss.
  bool kernel_first_only = false;
};

enum class FilterErrorKind : std::uint8_t {
  none,
  syntax,          ///< an unexpected word, or an unexpected end; `value` is empty
  port,            ///< `value` is neither a number nor the name of a service
  ambiguous_port,  ///< `value` is a service with different ports for tcp and udp
  address,         ///< `value` is neither an address nor the name of a host
  host,            ///< `value` is not a host word of its family
  device,          ///< `value` is not an interface
  mark,            ///< `value` is not a mark
  cgroup,          ///< `value` is not a cgroup; `reason` may say why
};

/// What would have been valid at a syntax error; a set of bits.
enum Expected : std::uint16_t {
  expect_predicate = 1,   ///< src, dst, sport, dport, dev, fwmark, cgroup, autobound, "(", not
  expect_connective = 2,  ///< and, or, or a further predicate
  expect_close = 4,       ///< ")"
  expect_equal = 8,       ///< "="
  expect_equality = 16,   ///< "=", "!="
  expect_relation = 32,   ///< "=", "!=", "<", ">", "<=", ">="
  expect_host = 64,       ///< ADDRESS:PORT, "*", or the form of another family
  expect_port = 128,
  expect_device = 256,
  expect_mark = 512,
  expect_cgroup = 1024,
  expect_end = 2048,
};

struct FilterError {
  FilterErrorKind kind = FilterErrorKind::none;
  std::size_t word = 0;    ///< index of the word; the number of words if the filter ended unexpectedly
  std::size_t offset = 0;  ///< of the first wrong byte in that word
  std::size_t length = 0;  ///< bytes that are wrong
  std::string value, reason;
  std::uint16_t expected = 0;  ///< Expected bits
};

struct Parsed {
  std::optional<Expr> expr;  ///< nullopt: no filter, or an error
  FilterError error;
  /// The default family after the last host word. If `restricted` is set, a host word named a family, and front ends
  /// query that family only.
  Family preferred = Family::unspecified;
  std::optional<Family> restricted;

  bool ok() const noexcept { return error.kind == FilterErrorKind::none; }
};

/// Parses. A word may contain several tokens, separated by blanks; a backslash quotes the next byte. Looks names up in
/// the order of the words and stops at the first error.
Parsed parse_filter(std::span<const std::string> words, const ParserContext& context);

}  // namespace duostat
