// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/diag/bench_dump.h"

#include <algorithm>

#include "src/diag/message.h"

namespace duostat {
namespace {

struct FixedPart {
  std::uint8_t family;  ///< the first byte of a request
  std::size_t size;     ///< fixed part of the answer's messages, before their attributes
};
constexpr FixedPart kFixedParts[] = {
    {1, sizeof(uapi::UnixMessage)},   {2, sizeof(uapi::InetMessage)},    {10, sizeof(uapi::InetMessage)},
    {16, sizeof(uapi::NetlinkMessage)}, {17, sizeof(uapi::PacketMessage)}, {40, sizeof(uapi::VsockMessage)},
    {44, sizeof(uapi::XdpMessage)},
};

std::size_t fixed_part(Bytes request) noexcept {
  std::uint8_t family = 0;
  if (!read_at(request, sizeof(uapi::MessageHeader), family)) return 0;
  const auto* row = std::ranges::find(kFixedParts, family, &FixedPart::family);
  return row == std::end(kFixedParts) ? 0 : row->size;
}

}  // namespace

BenchDump read_bench_dump(Transport& transport, Bytes request, std::span<std::byte> buffer,
                          bool walk_attributes) noexcept {
  BenchDump dump;
  const std::size_t fixed = fixed_part(request);
  if (const int error = transport.send(request)) return dump.error = error, dump;
  for (;;) {
    const Transport::Received got = transport.receive(buffer);
    if (got.error != 0) return dump.error = got.error, dump;
    if (got.size == 0) return dump.error = ENODATA, dump;
    if (got.sender != 0) continue;
    MessageWalk messages(Bytes(buffer).first(std::min(got.size, buffer.size())));
    for (Message message; messages.next(message);) {
      if (message.type == uapi::kError || message.type == uapi::kDone) return dump.error = error_of(message), dump;
      ++dump.messages;
      if (!walk_attributes) continue;
      AttributeWalk attributes(message.payload, fixed);
      for (Attribute attribute; attributes.next(attribute);) ++dump.attributes;
    }
  }
}

}  // namespace duostat
