// Netlink messages for tests, written as labelled bytes; and the transport that returns them.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cerrno>
#include <cstring>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "src/diag/diag_backend.h"
#include "src/diag/dump.h"
#include "tests/bpf/wire.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#endif

namespace duostat::wire {

inline constexpr std::uint32_t kPort = 4711;  ///< the scripted transport's port id
inline constexpr std::uint16_t kSockDiag = 20, kError = 2, kDone = 3, kDumpIntr = 0x10;

struct Header {
  std::uint16_t type = kSockDiag, flags = 2;
  std::uint32_t sequence = 123456, port_id = kPort;
};

inline Wire message(const Wire& payload, Header h = {}) {
  return Wire()
      .u32("nlmsg_len", static_cast<std::uint32_t>(16 + payload.size()))
      .u16("nlmsg_type", h.type)
      .u16("nlmsg_flags", h.flags)
      .u32("nlmsg_seq", h.sequence)
      .u32("nlmsg_pid", h.port_id)
      .append(payload)
      .zeros("padding", -payload.size() & 3);
}
inline Wire done(int error = 0) {
  return message(Wire().u32("error", static_cast<std::uint32_t>(-error)), {.type = kDone});
}
inline Wire refused(int error) {
  return message(Wire().u32("error", static_cast<std::uint32_t>(-error)).zeros("the request's header", 16),
                 {.type = kError});
}

/// nlmsg_seq of a request, or of the first message of a datagram.
inline std::uint32_t sequence_of(Bytes message) {
  std::uint32_t sequence = 0;
  if (message.size() >= 12) std::memcpy(&sequence, message.data() + 8, sizeof sequence);
  return sequence;
}
/// Turns the messages of a datagram that have Header's number into replies to request `sequence`. Others remain
/// unrelated.
inline void answer(std::span<std::byte> datagram, std::uint32_t sequence) {
  while (datagram.size() >= 16) {
    std::uint32_t length = 0;
    std::memcpy(&length, datagram.data(), sizeof length);
    if (sequence_of(datagram) == Header{}.sequence) std::memcpy(datagram.data() + 8, &sequence, sizeof sequence);
    length = (length + 3) & ~3u;
    if (length < 16 || length >= datagram.size()) break;
    datagram = datagram.subspan(length);
  }
}

/// The reply to probe_wide_protocol(), which is sent at the first row of MPTCP: ENOENT if the kernel reads
/// INET_DIAG_REQ_PROTOCOL.
inline Wire wide_protocol(int error = ENOENT) {
  return message(Wire().u32("error", static_cast<std::uint32_t>(-error)), {.type = kDone, .sequence = 1});
}

/// struct inet_diag_msg
struct Inet {
  std::uint8_t family = 2, state = 1, timer = 0, retrans = 0;
  std::uint16_t sport = 1000, dport = 2000;
  std::string_view src{"\x0a\0\0\1\0\0\0\0\0\0\0\0\0\0\0\0", 16}, dst{"\x0a\0\0\2\0\0\0\0\0\0\0\0\0\0\0\0", 16};
  std::uint32_t ifindex = 0, cookie_low = 7, cookie_high = 1;
  std::uint32_t expires = 0, rqueue = 3, wqueue = 4, uid = 1000, inode = 11;

  Wire payload(const Wire& attributes = {}) const {
    return Wire()
        .u8("idiag_family", family).u8("idiag_state", state).u8("idiag_timer", timer).u8("idiag_retrans", retrans)
        .be16("idiag_sport", sport).be16("idiag_dport", dport).text("idiag_src", src).text("idiag_dst", dst)
        .u32("idiag_if", ifindex).u32("idiag_cookie[0]", cookie_low).u32("idiag_cookie[1]", cookie_high)
        .u32("idiag_expires", expires).u32("idiag_rqueue", rqueue).u32("idiag_wqueue", wqueue)
        .u32("idiag_uid", uid).u32("idiag_inode", inode)
        .append(attributes);
  }
  Wire message(const Wire& attributes = {}) const { return wire::message(payload(attributes)); }
};

/// A fake kernel: datagrams and errors in order, and the requests that were sent. Code must not read beyond a datagram
/// in the buffer: the rest is filled with garbage and, under AddressSanitizer, out of bounds.
struct Script {
  struct Item {
    std::vector<std::byte> bytes;
    Transport::Received result;
  };
  std::deque<Item> items;
  std::vector<std::vector<std::byte>> requests;
  std::vector<std::uint32_t> groups;  ///< groups that were joined
  int send_error = 0, join_error = 0;
  std::size_t largest_buffer = 0;

  Script& datagram(const Wire& w, std::uint32_t sender = 0) {
    return items.push_back({{w.bytes().begin(), w.bytes().end()}, {.sender = sender, .size = w.size()}}), *this;
  }
  Script& truncated(const Wire& w) { return datagram(w).items.back().result.truncated = true, *this; }
  Script& error(int code) { return items.push_back({{}, {.error = code}}), *this; }
};

class ScriptedTransport final : public Transport {
 public:
  explicit ScriptedTransport(Script& script) : script_(script) {}
  ~ScriptedTransport() override { ASAN_UNPOISON_MEMORY_REGION(poisoned_.data(), poisoned_.size()); }

  int send(Bytes request) noexcept override {
    script_.requests.emplace_back(request.begin(), request.end());
    sequence_ = sequence_of(request);
    return script_.send_error;
  }
  Received receive(std::span<std::byte> buffer) noexcept override {
    ASAN_UNPOISON_MEMORY_REGION(poisoned_.data(), poisoned_.size());
    poisoned_ = {};
    script_.largest_buffer = std::max(script_.largest_buffer, buffer.size());
    if (script_.items.empty()) return {};
    Script::Item item = std::move(script_.items.front());
    script_.items.pop_front();
    answer(item.bytes, sequence_);
    item.result.size = std::min(item.bytes.size(), buffer.size());
    std::memset(buffer.data(), 0xa5, buffer.size());
    if (item.result.size != 0) std::memcpy(buffer.data(), item.bytes.data(), item.result.size);
    poisoned_ = buffer.subspan(item.result.size);
    ASAN_POISON_MEMORY_REGION(poisoned_.data(), poisoned_.size());
    return item.result;
  }
  std::uint32_t port_id() const noexcept override { return kPort; }
  int join(std::uint32_t group) noexcept override {
    script_.groups.push_back(group);
    return script_.join_error;
  }

 private:
  Script& script_;
  std::span<std::byte> poisoned_;
  std::uint32_t sequence_ = 0;
};

inline OpenTransport open_script(Script& script) {
  return [&script](int, OpenError& error) { return error = 0, std::make_unique<ScriptedTransport>(script); };
}

/// All fields.
inline FieldSet everything() {
  FieldSet all;
  for (unsigned i = 0; i < static_cast<unsigned>(Field::count_); ++i) all.add(static_cast<Field>(i));
  return all;
}

inline Query query(ProtocolSet protocols, FieldSet wanted = {}, FamilySet families = {Family::inet}) {
  Query q;
  q.protocols = protocols;
  q.wanted = wanted;
  q.families = families;
  return q;
}

/// Runs `script` for `q` and passes each socket to `see`.
template <class See>
Coverage run(Script& script, const Query& q, See see) {
  DiagBackend backend(open_script(script));
  return backend.collect(q, [&](std::span<const Socket> batch) {
    for (const Socket& socket : batch) see(socket);
    return true;
  });
}
inline Coverage run(Script& script, const Query& q) {
  return run(script, q, [](const Socket&) {});
}

/// Answers `q` with each prefix of `whole`, and with each byte of it inverted: it must always end.
template <class Fail>
void survive(const Query& q, const Wire& whole, Fail fail) {
  const std::vector<std::byte> bytes(whole.bytes().begin(), whole.bytes().end());
  const auto answer = [&](Bytes part) {
    Script script;
    script.datagram(Wire().append(part));
    if (q.protocols.has(Protocol::mptcp)) script.datagram(wide_protocol());
    script.datagram(done());
    return run(script, q).rows;
  };
  const std::uint64_t rows = answer(bytes);
  if (rows == 0) fail("the whole message has no row");
  for (std::size_t length = 0; length < bytes.size(); ++length)
    if (answer(Bytes(bytes).first(length)) > rows) fail("a part has more rows than the whole");
  for (std::size_t at = 0; at < bytes.size(); ++at)
    for (const unsigned flip : {0x01u, 0x80u, 0xffu}) {
      auto damaged = bytes;
      damaged[at] ^= static_cast<std::byte>(flip);
      if (answer(damaged) > rows + 1) fail("a damaged message multiplies");
    }
}

}  // namespace duostat::wire
