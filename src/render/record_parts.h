// Helpers for the tables of record columns: addresses, flags and optional numbers, as values and as JSON.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "src/model/address.h"
#include "src/model/protocol.h"
#include "src/render/json.h"
#include "src/render/value.h"

namespace duostat {

struct FlagWord {
  std::uint32_t flag;
  std::string_view word;
};

inline constexpr std::string_view kInetFamilyWords[] = {"inet", "inet6"};
inline constexpr bool kIp = true;  ///< see RecordColumn::ip

/// The words of the flags, separated by commas; bits without a name as hexadecimal text. `text` holds them.
Value flags_value(std::string& text, std::uint32_t flags, std::span<const FlagWord> words);
/// The same as an array.
void put_flags(Json& json, std::string_view key, std::uint32_t flags, std::span<const FlagWord> words);

/// The only counter that the kernel prints with a sign: RFC 4022's tcpMaxConn, -1 if there is no fixed limit.
inline constexpr std::string_view kSignedCounter = "MaxConn";

Value family_value(Family family);
Value address_value(std::string& text, Family family, const Address& address);
/// Absent if the address is all zeros.
Value given_address_value(std::string& text, Family family, const Address& address);

template <class Number>
Value number_value(const std::optional<Number>& number) {
  return number ? Value::of(*number) : Value{};
}
/// For words where an empty one means that there is none.
inline Value text_value(std::string_view text) { return text.empty() ? Value{} : Value::text_of(text); }
/// For numbers where 0 means that there is none.
inline Value given_value(std::uint64_t number) { return number != 0 ? Value::of(number) : Value{}; }

}  // namespace duostat
