// JSON, streamed into the output buffer. Conventions for keys, units and absent values: doc/json.md.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <rapidjson/writer.h>

#include <cmath>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "src/base/output.h"

namespace duostat {

/// What RapidJSON's writer takes for a stream.
class JsonStream {
 public:
  using Ch = char;
  explicit JsonStream(Output& out) : out_(out) {}
  void Put(char c) { out_.append(c); }
  void Flush() {}

 private:
  Output& out_;
};

/// A SAX writer: nothing is kept but the nesting, so a document of any length takes constant memory.
class Json {
 public:
  explicit Json(Output& out) : out_(out), stream_(out), writer_(stream_) {}
  Json(const Json&) = delete;
  Json& operator=(const Json&) = delete;

  void begin_object() { writer_.StartObject(); }
  void end_object() { writer_.EndObject(); }
  void begin_array() { writer_.StartArray(); }
  void end_array() { writer_.EndArray(); }
  void key(std::string_view name) { writer_.Key(name.data(), static_cast<rapidjson::SizeType>(name.size())); }

  void null() { writer_.Null(); }
  /// Text of our own, known to be UTF-8. What another process may have chosen goes through text().
  void value(std::string_view text) { writer_.String(text.data(), static_cast<rapidjson::SizeType>(text.size())); }
  void value(const char* text) { value(std::string_view(text)); }
  /// Numbers and truth values. A double that is not finite becomes null: JSON has no word for it.
  template <class Number>
    requires std::is_arithmetic_v<Number>
  void value(Number number) {
    if constexpr (std::is_same_v<Number, bool>) {
      writer_.Bool(number);
    } else if constexpr (std::is_floating_point_v<Number>) {
      if (std::isfinite(number)) writer_.Double(number);
      else writer_.Null();
    } else if constexpr (std::is_signed_v<Number>) {
      writer_.Int64(number);
    } else {
      writer_.Uint64(number);
    }
  }

  template <class Value>
  void member(std::string_view name, const Value& v) {
    key(name);
    value(v);
  }

  /// A member whose bytes came from elsewhere (names of processes, sockets, interfaces, …). Well-formed UTF-8 is written as it is.
  /// Otherwise `name` holds the text with U+FFFD in place of each byte that is none, and a second member, `name` with "_hex" behind
  /// it, holds all bytes as hexadecimal digits: nothing is lost, and every JSON reader can read it.
  void text(std::string_view name, std::string_view bytes);

  /// The same for an element of an array, which has no room for a second member: U+FFFD alone. Rare: prefer objects.
  void element_text(std::string_view bytes);

  /// Ends a line between documents (--json=lines), after which another document may begin.
  void end_line() {
    out_.append('\n');
    writer_.Reset(stream_);
  }

 private:
  Output& out_;
  JsonStream stream_;
  rapidjson::Writer<JsonStream> writer_;
};

}  // namespace duostat
