// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/collect/trace_page.h"

#include <algorithm>

namespace duostat {
namespace {

constexpr unsigned kTypeBits = 5, kDeltaBits = 27;
constexpr std::uint32_t kDeltaMask = (1u << kDeltaBits) - 1;
constexpr std::uint32_t kLongestInline = 28;  // in words; 0: the length is in the next word
constexpr std::uint32_t kPadding = 29, kTimeExtend = 30, kTimeStamp = 31;
constexpr std::size_t kWord = 4;

struct Header {
  std::uint32_t type, delta;
};
Header header_of(std::uint32_t word, std::endian order) {
  if (order == std::endian::big) return {word >> kDeltaBits, word & kDeltaMask};
  return {word & ((1u << kTypeBits) - 1), word >> kTypeBits};
}

}  // namespace

bool read_trace_page(Bytes page, FunctionRef<void(std::int64_t, Bytes)> take, TracePageLayout layout) {
  std::uint64_t time = 0, commit = 0;
  if (!read_at(page, 0, time)) return false;
  if (layout.long_size == sizeof commit) {
    if (!read_at(page, sizeof time, commit)) return false;
  } else {
    std::uint32_t narrow = 0;
    if (!read_at(page, sizeof time, narrow)) return false;
    commit = narrow;
  }
  const std::size_t begin = sizeof time + layout.long_size;
  const std::size_t size = commit & kDeltaMask;  // above are flags about lost records
  if (size > page.size() - begin) return false;
  Bytes rest = page.subspan(begin, size);
  while (!rest.empty()) {
    std::uint32_t word = 0, next = 0;
    if (!read_at(rest, 0, word)) return false;
    const Header header = header_of(word, layout.order);
    const bool has_next = read_at(rest, kWord, next);
    std::size_t skip = kWord;  // header, then the record
    std::size_t length = std::size_t{header.type} * kWord;
    if (header.type == kPadding) {
      if (header.delta == 0) return true;  // the rest of the page is empty
      if (!has_next) return false;
      length = next;
    } else if (header.type == kTimeExtend || header.type == kTimeStamp) {
      if (!has_next) return false;
      const std::uint64_t high = std::uint64_t{next} << kDeltaBits;
      constexpr std::uint64_t kUpper = 0xf8ull << 56;  // an absolute time has 59 bits
      time = header.type == kTimeExtend ? time + high + header.delta : (time & kUpper) | high | header.delta;
      length = kWord;
    } else if (header.type == 0) {
      if (!has_next || next < kWord) return false;
      skip += kWord;
      length = next - kWord;
    }
    if (header.type <= kLongestInline || header.type == kPadding) time += header.delta;
    if (length > rest.size() - skip) return false;
    if (header.type <= kLongestInline) take(static_cast<std::int64_t>(time), rest.subspan(skip, length));
    rest = rest.subspan(skip + std::min((length + kWord - 1) & ~(kWord - 1), rest.size() - skip));
  }
  return true;
}

}  // namespace duostat
