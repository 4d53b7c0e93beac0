// Streams JSON into the output buffer. Conventions for keys, units and absent values: doc/json.md.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// RapidJSON's stack starts as a null pointer and adds the size of its first element before it allocates, which Clang's
// sanitizer reports as an overflow. Only these two functions of the library, Reserve() and Push(), are excluded from
// the check.
#if defined(__clang__) && !defined(RAPIDJSON_FORCEINLINE)
#define RAPIDJSON_FORCEINLINE __attribute__((no_sanitize("pointer-overflow")))
#endif
#include <rapidjson/writer.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "src/base/output.h"

namespace duostat {

/// The stream type for RapidJSON's writer.
class JsonStream {
 public:
  using Ch = char;
  explicit JsonStream(Output& out) : out_(out) {}
  void Put(char c) { out_.append(c); }
  void Flush() {}

 private:
  Output& out_;
};

/// Memory for RapidJSON's stack of nesting levels, in the library's words. The library uses a null pointer after a
/// failed allocation; this throws std::bad_alloc instead.
class JsonMemory {
 public:
  static constexpr bool kNeedFree = true;
  void* Malloc(std::size_t size) { return Realloc(nullptr, 0, size); }
  void* Realloc(void* block, std::size_t, std::size_t size) {
    if (size == 0) return Free(block), nullptr;
    void* const larger = std::realloc(block, size);
    if (larger == nullptr) throw std::bad_alloc();
    return larger;
  }
  static void Free(void* block) noexcept { std::free(block); }
};

/// A member's name, quoted once for all objects.
class JsonKey {
 public:
  /// `name`: letters, digits and underscores. Must outlive this.
  explicit JsonKey(std::string_view name) : name_(name) { quoted_.append(1, '"').append(name).append(1, '"'); }
  std::string_view name() const noexcept { return name_; }
  std::string_view quoted() const noexcept { return quoted_; }

 private:
  std::string_view name_;
  std::string quoted_;
};

/// A SAX writer that keeps only the nesting, so a document of any length takes constant memory.
class Json {
 public:
  explicit Json(Output& out) : out_(out), stream_(out), writer_(out, stream_) {}
  Json(const Json&) = delete;
  Json& operator=(const Json&) = delete;

  void begin_object() {
    const bool stamped = !stamp_.empty() && writer_.at_top();
    writer_.StartObject();
    if (!stamped) return;
    key("stamp");
    writer_.ready(rapidjson::kObjectType, stamp_);
  }
  void end_object() { writer_.EndObject(); }
  void begin_array() { writer_.StartArray(); }
  void end_array() { writer_.EndArray(); }
  void key(std::string_view name) { writer_.Key(name.data(), static_cast<rapidjson::SizeType>(name.size())); }

  void key(const JsonKey& name) { writer_.ready(rapidjson::kStringType, name.quoted()); }

  void null() { writer_.Null(); }
  /// Text of our own, known to be UTF-8. Text that another process may have chosen goes through text().
  void value(std::string_view text) { writer_.String(text.data(), static_cast<rapidjson::SizeType>(text.size())); }
  void value(const char* text) { value(std::string_view(text)); }
  /// Numbers and truth values. A double that is not finite becomes null, because JSON cannot represent it.
  template <class Number>
    requires std::is_arithmetic_v<Number>
  void value(Number number) {
    if constexpr (std::is_same_v<Number, bool>) {
      writer_.Bool(number);
    } else if constexpr (std::is_floating_point_v<Number>) {
      if (std::isfinite(number)) writer_.Double(number);
      else writer_.Null();
    } else {
      writer_.integer(number);
    }
  }

  template <class Name, class Value>
  void member(const Name& name, const Value& v) {
    key(name);
    value(v);
  }

  /// A member with a number, whose text is valid JSON.
  template <class Name>
  void number(const Name& name, std::string_view text) {
    key(name);
    writer_.ready(rapidjson::kNumberType, text);
  }

  /// A member with bytes from another source, such as the name of a process or socket. Well-formed UTF-8 is written
  /// unchanged. Otherwise `name` has the text with U+FFFD for each invalid byte, and a second member, `name` plus
  /// "_hex", has all bytes as hexadecimal digits: nothing is lost, and every JSON reader accepts it.
  void text(std::string_view name, std::string_view bytes) { text_of(name, name, bytes); }
  void text(const JsonKey& name, std::string_view bytes) { text_of(name, name.name(), bytes); }

  /// The same for an array element, which has no place for a second member: only U+FFFD. Prefer objects.
  void element_text(std::string_view bytes);

  /// Every object that is not in another one begins with a member "stamp" of this value, an object as JSON.
  void stamp_objects(std::string object) { stamp_ = std::move(object); }

  /// Ends a line between documents (--json=lines); another document may follow.
  void end_line() {
    out_.append('\n');
    writer_.Reset(stream_);
  }

 private:
  using LibraryWriter = rapidjson::Writer<JsonStream, rapidjson::UTF8<>, rapidjson::UTF8<>, JsonMemory>;

  /// RapidJSON's writer, which copies byte by byte, plus a bypass for text that needs no escape. With the library
  /// alone, an object of sixty numbers takes five times as long.
  class Writer : public LibraryWriter {
   public:
    Writer(Output& out, JsonStream& stream) : LibraryWriter(stream), out_(out) {}
    bool at_top() const { return level_stack_.Empty(); }
    void ready(rapidjson::Type type, std::string_view json) {
      Prefix(type);
      out_.append(json);
    }
    void ready_text(std::string_view text) {
      Prefix(rapidjson::kStringType);
      out_.append('"');
      out_.append(text);
      out_.append('"');
    }
    template <class Integer>
    void integer(Integer number) {
      constexpr std::size_t kLongest = 20;  // 64 bits, with a sign
      Prefix(rapidjson::kNumberType);
      char* at = out_.reserve(kLongest);
      out_.advance(std::to_chars(at, at + kLongest, number).ptr);
    }

   private:
    Output& out_;
  };

  /// ASCII without the characters that JSON escapes: nearly every text.
  static bool is_plain(std::string_view text) noexcept {
    return std::ranges::all_of(text, [](char c) { return c >= ' ' && c < 0x7f && c != '"' && c != '\\'; });
  }

  template <class Key>
  void text_of(const Key& key_text, std::string_view name, std::string_view bytes) {
    if (!is_plain(bytes)) return escaped_text(name, bytes);
    key(key_text);
    writer_.ready_text(bytes);
  }
  void escaped_text(std::string_view name, std::string_view bytes);

  Output& out_;
  JsonStream stream_;
  Writer writer_;
  std::string stamp_;
};

}  // namespace duostat
