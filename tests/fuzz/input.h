// What the fuzz targets share: the parts of an input, and what it can stand for (a reply of the kernel, a file).
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/base/bytes.h"
#include "src/base/proc_dir.h"
#include "src/diag/transport.h"

namespace duostat::fuzz {

/// Ends the target, which libFuzzer reports as a finding, and says what did not hold.
inline void require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "duostat: not so: %s\n", what);
  std::abort();
}

/// Takes parts from the front of an input. An input that is too short gives zeros.
class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : rest_(std::as_bytes(std::span(data, size))) {}

  std::uint8_t byte() {
    if (rest_.empty()) return 0;
    const auto value = std::to_integer<std::uint8_t>(rest_[0]);
    rest_ = rest_.subspan(1);
    return value;
  }
  std::uint16_t word() {
    const unsigned low = byte();
    return static_cast<std::uint16_t>(low | static_cast<unsigned>(byte()) << 8);
  }
  std::uint64_t number() {
    std::uint64_t value = 0;
    for (int i = 0; i < 8; ++i) value = value << 8 | byte();
    return value;
  }
  /// A text of at most 255 bytes, with its length before it.
  std::string_view text() {
    const std::size_t length = byte();
    const Bytes part = rest_.first(std::min(length, rest_.size()));
    rest_ = rest_.subspan(part.size());
    return view(part);
  }
  bool empty() const { return rest_.empty(); }
  Bytes rest() const { return rest_; }
  std::string_view rest_text() const { return view(rest_); }

 private:
  static std::string_view view(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

  Bytes rest_;
};

/// Splits at each NUL byte.
inline std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const auto zero = std::min(text.find('\0'), text.size());
    words.emplace_back(text.substr(0, zero));
    text.remove_prefix(std::min(zero + 1, text.size()));
  }
  return words;
}

/// The kernel: returns the input, split into datagrams. Before each stand its length in units of 16 bytes, less one
/// byte, and a byte of flags: 0x80: it was longer than the buffer; 0x40: receiving it fails.
class Replies final : public Transport {
 public:
  explicit Replies(Bytes rest) : rest_(rest) {}
  int send(Bytes) noexcept override { return 0; }
  Received receive(std::span<std::byte> buffer) noexcept override {
    if (rest_.size() < 2) return {.error = ENODATA};
    const std::size_t wanted = std::to_integer<std::size_t>(rest_[0]) * 16 + 1;
    const auto flags = std::to_integer<unsigned>(rest_[1]);
    rest_ = rest_.subspan(2);
    const Bytes part = rest_.first(std::min({wanted, rest_.size(), buffer.size()}));
    rest_ = rest_.subspan(part.size());
    if ((flags & 0x40) != 0) return {.error = ENOBUFS};
    if (!part.empty()) std::memcpy(buffer.data(), part.data(), part.size());
    return {.truncated = (flags & 0x80) != 0, .size = part.size()};
  }
  std::uint32_t port_id() const noexcept override { return 0; }
  int join(std::uint32_t) noexcept override { return 0; }
  int join_all_namespaces() noexcept override { return 0; }

 private:
  Bytes rest_;
};

/// Every transport begins at the start of `bytes`, which must outlive them.
inline OpenTransport replies_of(Bytes bytes) {
  return [bytes](int, OpenError& error) { return error = 0, std::make_unique<Replies>(bytes); };
}

/// A proc directory with these files.
inline ProcDir proc_with(std::vector<std::pair<std::string, std::string_view>> files) {
  auto image = std::make_shared<ProcImage>();
  for (const auto& [name, text] : files) image->files[name].text = text;
  return ProcDir(std::move(image), true);
}

}  // namespace duostat::fuzz
