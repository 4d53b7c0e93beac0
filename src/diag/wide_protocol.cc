// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/diag/wide_protocol.h"

#include <algorithm>
#include <array>
#include <cerrno>

#include "src/diag/message.h"
#include "src/model/protocol.h"

namespace duostat {
namespace {

constexpr std::uint32_t kSequence = 1;
constexpr std::uint32_t kNoProtocol = 0x7fffffff;  // beyond IPPROTO_MAX: no module is loaded for it
constexpr std::size_t kDumpEndBuffer = 4096;       // bytes; the end of a dump, perhaps with a line of text

RequestWriter request() {
  uapi::InetRequest body{};
  body.family = static_cast<std::uint8_t>(Family::inet);
  body.protocol = static_cast<std::uint8_t>(row_of(Protocol::tcp).ip_protocol);
  RequestWriter request(uapi::kSockDiagByFamily, uapi::kDumpFlags, kSequence);
  request.put(body);
  request.attribute(uapi::kInetRequestProtocol, std::as_bytes(std::span(&kNoProtocol, 1)));
  return request;
}

}  // namespace

WideProtocol probe_wide_protocol(Transport& transport) {
  if (const int error = transport.send(request().bytes())) return {.error = error};
  std::array<std::byte, kDumpEndBuffer> buffer;
  for (;;) {
    const Transport::Received got = transport.receive(buffer);
    if (got.error != 0) return {.error = got.error};
    if (got.size == 0) return {.error = ENODATA};
    if (got.sender != 0) continue;  // only the kernel has the port id 0
    MessageWalk walk(Bytes(buffer).first(std::min(got.size, buffer.size())));
    for (Message message; walk.next(message);) {
      if (message.sequence != kSequence || message.port_id != transport.port_id()) continue;
      if (message.type == uapi::kDone || message.type == uapi::kError) return {.is_read = error_of(message) != 0};
    }
  }
}

}  // namespace duostat
