// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/rtnl/dump.h"

#include <cerrno>
#include <cstring>
#include <vector>

#include "src/rtnl/abi.h"

namespace duostat::rtnl {
namespace {

constexpr std::uint32_t kSequence = 1;
constexpr std::size_t kBufferSize = 64 * 1024;  ///< the kernel fills at most 32 KiB a datagram
/// What every RTM_GET* accepts as its fixed part: struct rtgenmsg, made as long as the longest (ifinfomsg) for kernels that
/// read more than they should.
struct Request {
  std::uint8_t family;
  std::uint8_t rest[15];
};

Coverage failed(Coverage coverage, std::string_view operation, int error) {
  coverage.operation = operation;
  coverage.error = error;
  return coverage;
}

}  // namespace

Coverage dump(const OpenTransport& open, std::uint16_t type, std::uint8_t family, std::string_view object, Visit visit) {
  Coverage coverage;
  coverage.object = object;
  int error = 0;
  const auto transport = open(abi::kNetlinkRoute, error);
  if (transport == nullptr) return failed(std::move(coverage), "rtnetlink open", error);
  RequestWriter request(type, uapi::kDumpFlags, kSequence);
  request.put(Request{family, {}});
  if ((error = transport->send(request.bytes())) != 0) return failed(std::move(coverage), "rtnetlink send", error);

  std::vector<std::byte> buffer(kBufferSize);
  for (;;) {
    const Transport::Received got = transport->receive(buffer);
    if (got.error != 0) return failed(std::move(coverage), "rtnetlink receive", got.error);
    if (got.size == 0) return failed(std::move(coverage), "rtnetlink receive", ENODATA);
    if (got.sender != 0) continue;
    if (got.truncated) ++coverage.truncated;
    MessageWalk walk(Bytes(buffer).first(got.size));
    for (Message message; walk.next(message);) {
      const bool ours = transport->port_id() == 0 || message.port_id == transport->port_id();
      if (!ours || message.sequence != kSequence) continue;
      if ((message.flags & uapi::kDumpInterrupted) != 0) coverage.interrupted = true;
      if (message.type == uapi::kDone || message.type == uapi::kError) {
        error = error_of(message);
        return error == 0 ? coverage : failed(std::move(coverage), "rtnetlink dump", error);
      }
      if (visit(message)) ++coverage.rows;
      else ++coverage.malformed;
    }
  }
}

std::uint32_t number_of(const Attribute& attribute) noexcept {
  std::uint32_t value = 0;
  read_at(attribute.value, 0, value);
  return value;
}

std::string_view text_of(const Attribute& attribute) noexcept {
  const auto* text = reinterpret_cast<const char*>(attribute.value.data());
  return {text, ::strnlen(text, attribute.value.size())};
}

}  // namespace duostat::rtnl
