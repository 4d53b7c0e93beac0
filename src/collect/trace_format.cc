// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/collect/trace_format.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>
#include <iterator>

namespace duostat {
namespace {

constexpr std::string_view kFields[] = {"common_type", "common_flags", "skaddr", "oldstate", "newstate",
                                        "sport",       "dport",        "family", "protocol", "saddr",
                                        "daddr",       "saddr_v6",     "daddr_v6"};

/// TRACE_FLAG_HARDIRQ, TRACE_FLAG_SOFTIRQ (include/linux/trace_events.h).
constexpr std::uint64_t kInInterrupt = 0x08 | 0x10;

constexpr std::size_t kAddress4 = 4, kAddress16 = 16;

/// The number after `word` in "offset:8;\tsize:8;".
std::optional<std::uint32_t> number_after(std::string_view line, std::string_view word) {
  const std::size_t at = line.find(word);
  if (at == std::string_view::npos) return std::nullopt;
  const char* const begin = line.data() + at + word.size();
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(begin, line.data() + line.size(), number);
  return error == std::errc() ? std::optional(number) : std::nullopt;
}

/// The name in "field:__u8 saddr[4];", in "field:const void * skaddr;".
std::string_view name_in(std::string_view line) {
  std::string_view declared = line.substr(0, line.find(';'));
  declared = declared.substr(0, declared.find('['));
  const std::size_t space = declared.find_last_of(" *");
  return space == std::string_view::npos ? std::string_view() : declared.substr(space + 1);
}

}  // namespace

std::optional<TraceFormat::Place> TraceFormat::find(std::string_view format, std::string_view field) {
  constexpr std::string_view kBegins = "field:";
  for (std::size_t at = format.find(kBegins); at != std::string_view::npos; at = format.find(kBegins, at + 1)) {
    const std::string_view line = format.substr(at, std::min(format.find('\n', at), format.size()) - at);
    if (name_in(line) != field) continue;
    const auto offset = number_after(line, "offset:"), size = number_after(line, "size:");
    constexpr std::uint32_t kMost = 4096;
    if (!offset || !size || *offset > kMost || *size > kMost) return std::nullopt;
    return Place{*offset, *size};
  }
  return std::nullopt;
}

std::optional<TraceFormat> TraceFormat::parse(std::string_view text, std::string_view& missing) {
  static_assert(std::size(kFields) == kNames);
  TraceFormat format;
  for (std::size_t i = 0; i < kNames; ++i) {
    const auto place = find(text, kFields[i]);
    const std::uint32_t wanted = i == kLocal || i == kRemote ? kAddress4 : i >= kLocal6 ? kAddress16 : 0;
    if (!place || (wanted != 0 && place->size != wanted)) return missing = kFields[i], std::nullopt;
    format.places_[i] = *place;
    format.end_ = std::max(format.end_, place->at + place->size);
  }
  return format;
}

std::uint64_t TraceFormat::number(Bytes raw, Place place) {
  std::uint64_t value = 0;
  const std::size_t size = std::min<std::size_t>(place.size, sizeof value);
  const std::size_t skip = std::endian::native == std::endian::big ? sizeof value - size : 0;
  std::memcpy(reinterpret_cast<std::byte*>(&value) + skip, raw.data() + place.at, size);
  return value;
}

bool TraceFormat::decode(Bytes raw, StateRecord& record) const {
  if (raw.size() < end_) return false;
  const auto of = [&](Name name) { return number(raw, places_[name]); };
  record.in_softirq = (of(kFlags) & kInInterrupt) != 0;
  record.key = of(kAddress);
  record.before = static_cast<State>(of(kBefore));
  record.after = static_cast<State>(of(kAfter));
  record.family = static_cast<Family>(of(kFamily));
  record.ip_protocol = static_cast<std::uint16_t>(of(kProtocol));
  record.local.port = static_cast<std::uint32_t>(of(kLocalPort));
  record.remote.port = static_cast<std::uint32_t>(of(kRemotePort));
  const bool six = record.family == Family::inet6;
  const auto address = [&](Name four, Name all) {
    Address a{};
    const Place place = places_[six ? all : four];
    std::memcpy(a.data(), raw.data() + place.at, std::min<std::size_t>(place.size, a.size()));
    return a;
  };
  record.local.address = address(kLocal, kLocal6);
  record.remote.address = address(kRemote, kRemote6);
  record.local.family = record.remote.family = record.family;
  return true;
}

}  // namespace duostat
