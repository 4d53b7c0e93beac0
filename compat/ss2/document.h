// A JSON document as Python's json.dumps(…, indent=4) writes it, streamed: the form that readers of ss2 compare and
// diff.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "src/base/output.h"

namespace duostat::ss2 {

/// `text` as a Python string literal of JSON: ASCII only, everything else as \uXXXX, beyond the first plane in pairs. A
/// byte that is not UTF-8 becomes \udcXX, as Python's "surrogateescape" has it: nothing is lost.
std::string quoted(std::string_view text);

/// Members and elements come in the order of the calls. Keys are ours and need no escaping.
class Document {
 public:
  explicit Document(Output& out) : out_(out) {}

  void begin_object() { open('{'); }
  void begin_array() { open('['); }
  void end_object() { close('}'); }
  void end_array() { close(']'); }
  /// Ends the document with a newline.
  void finish() { out_.append('\n'); }

  void key(std::string_view name);
  /// A key that is text from elsewhere, quoted already.
  void quoted_key(std::string_view name);
  /// The place of the next element of an array.
  void element() { separate(); }

  void number(std::uint64_t value);
  /// Thousandths, as a float of whole units: 204000 is "204.0".
  void thousandths(std::uint64_t value);
  void null() { out_.append("null"); }
  /// Text that is JSON already.
  void raw(std::string_view json) { out_.append(json); }

  void member(std::string_view name, std::uint64_t value) { key(name), number(value); }

 private:
  static constexpr std::size_t kDepthMax = 16;

  void open(char bracket);
  void close(char bracket);
  void separate();

  Output& out_;
  std::array<bool, kDepthMax> filled_{};  ///< of each open object or array: something is in it
  std::size_t depth_ = 0;
};

}  // namespace duostat::ss2
