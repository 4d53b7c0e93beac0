// The filter language of ss: words to an expression.
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

/// What the meaning of a word depends on besides the word.
struct ParserContext {
  Lookup& names;
  /// Port names are those of the selected tables: with neither, none is known.
  bool tcp = true, udp = true;
  /// Family of host words without a prefix such as "unix:"; unspecified: the word's form decides.
  Family preferred = Family::unspecified;
  /// Of a host name with several addresses the kernel is asked for sockets with the first address only, and user space
  /// for those with any: so ss narrows, and a full answer differs from its own.
  bool kernel_first_only = false;
};

enum class FilterErrorKind : std::uint8_t {
  none,
  syntax,          ///< a word that cannot stand here, or the end too early; `value` is empty
  port,            ///< `value` is neither a number nor the name of a service
  ambiguous_port,  ///< `value` is a service with different ports for tcp and udp
  address,         ///< `value` is neither an address nor the name of a host
  host,            ///< `value` is not a host word of its family
  device,          ///< `value` is not an interface
  mark,            ///< `value` is not a mark
  cgroup,          ///< `value` is not a cgroup; `reason` may say why
};

/// What could have stood at the place of a syntax error; a set of bits.
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
  std::size_t word = 0;    ///< index of the word; the number of words if the filter ends too early
  std::size_t offset = 0;  ///< of the first wrong byte in that word
  std::size_t length = 0;  ///< bytes that are wrong
  std::string value, reason;
  std::uint16_t expected = 0;  ///< Expected bits
};

struct Parsed {
  std::optional<Expr> expr;  ///< none: no filter, or an error
  FilterError error;
  /// Family of host words after the last one seen; a front end asks for nothing else if `restricted` is set: a host word of
  /// a definite family leaves only sockets of that family.
  Family preferred = Family::unspecified;
  std::optional<Family> restricted;

  bool ok() const noexcept { return error.kind == FilterErrorKind::none; }
};

/// Parses. Each word may hold several tokens between blanks; a backslash takes a byte's meaning away. Looks names up in the
/// order of the words and stops at the first error.
Parsed parse_filter(std::span<const std::string> words, const ParserContext& context);

}  // namespace duostat
