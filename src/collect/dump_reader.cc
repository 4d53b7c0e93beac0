// Reads a dump of TCP sockets (ss -D, TCPDIAG_FILE) as a recording. A dump is a sequence of netlink messages up to an
// NLMSG_DONE.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <cerrno>
#include <map>
#include <utility>

#include "src/base/error.h"
#include "src/collect/recording.h"
#include "src/diag/inet.h"
#include "src/diag/message.h"

namespace duostat {
namespace {

[[noreturn]] void fail(std::string_view source, std::size_t at, std::string_view what) {
  throw FormatError(source, 0, "byte " + std::to_string(at) + ": " + std::string(what));
}

[[noreturn]] void refuse(std::string_view source) { fail(source, 0, "neither a capture nor a dump of TCP sockets"); }

bool is_sensible(const uapi::MessageHeader& header) {
  return header.length >= sizeof header && header.length <= capture::kPayloadMax;
}
bool is_known(std::uint16_t type) {
  return type == uapi::kSockDiagByFamily || type == uapi::kTcpDiagGetSock || type == uapi::kDone ||
         type == uapi::kError;
}

/// The request that such messages answer.
RequestWriter request_for(std::uint8_t family, Protocol protocol) {
  const std::uint32_t number = row_of(protocol).ip_protocol;
  uapi::InetRequest body{};
  body.family = family;
  body.protocol = static_cast<std::uint8_t>(number > 0xff ? row_of(Protocol::tcp).ip_protocol : number);
  body.extensions = 0xff;
  body.states = ~std::uint32_t{0};
  RequestWriter request(uapi::kSockDiagByFamily, uapi::kDumpFlags, kDiagSequence);
  request.put(body);
  if (number > 0xff) request.attribute(uapi::kInetRequestProtocol, std::as_bytes(std::span(&number, 1)));
  return request;
}

/// Walks the file up to its NLMSG_DONE.
class DumpFile {
 public:
  DumpFile(Bytes file, std::string_view source) : file_(file), source_(source) {}

  /// The next message about a socket; false at the end.
  bool next(Bytes& message) {
    for (;;) {
      const Bytes rest = file_.subspan(at_);
      uapi::MessageHeader header;
      if (rest.empty()) fail(source_, at_, at_ == 0 ? "the file is empty" : "truncated: NLMSG_DONE is missing");
      const bool readable = read_at(rest, 0, header);
      const bool sensible = readable && is_sensible(header);
      // The first bytes determine the kind of file.
      if (at_ == 0 && (!sensible || !is_known(header.type))) refuse(source_);
      if (!readable) fail(source_, at_, "truncated in a message header");
      if (!sensible) fail(source_, at_, "invalid message length: " + std::to_string(header.length) + " bytes");
      if (header.length > rest.size())
        fail(source_, at_,
             "truncated: " + std::to_string(rest.size()) + " of " + std::to_string(header.length) + " bytes");
      message = rest.first(header.length);
      at_ += std::min(uapi::aligned(header.length), rest.size());
      if (header.type == uapi::kDone) return false;
      if (header.type == uapi::kSockDiagByFamily || header.type == uapi::kTcpDiagGetSock) {
        if (header.length < sizeof header + sizeof(uapi::InetMessage)) fail(source_, at_, "a message without a socket");
        return true;
      }
    }
  }

 private:
  Bytes file_;
  std::string_view source_;
  std::size_t at_ = 0;
};

}  // namespace

void check_beginning_of_dump(Bytes file, std::string_view source) {
  uapi::MessageHeader header;
  if (read_at(file, 0, header) && (!is_sensible(header) || !is_known(header.type))) refuse(source);
}

std::shared_ptr<const Recording> recording_of_dump(std::vector<std::byte> file, std::string_view source) {
  const auto recording = std::make_shared<Recording>();
  recording->bytes = std::move(file);
  recording->tcp_dump = true;
  recording->cgroups_mounted = true;  // only the mount point is unknown
  recording->proc->tasks_error = EACCES;
  recording->names.interfaces[1] = "lo";  // LOOPBACK_IFINDEX: the same on every host
  std::map<std::pair<std::uint8_t, Protocol>, std::vector<RecordedReply>> tables;
  for (const Family family : {Family::inet, Family::inet6}) tables[{static_cast<std::uint8_t>(family), Protocol::tcp}];
  Bytes message;
  for (DumpFile dump(recording->bytes, source); dump.next(message);) {
    const Bytes payload = message.subspan(sizeof(uapi::MessageHeader));
    const auto family = std::to_integer<std::uint8_t>(payload[0]);
    tables[{family, protocol_in(payload, Protocol::tcp)}].push_back({.datagram = message});
  }

  // The file has one answer and no requests: add a request and an end for each protocol and family.
  RequestWriter done(uapi::kDone, uapi::kMulti, kDiagSequence);
  done.put(std::int32_t{0});
  std::vector<std::byte>& made = recording->made;
  made.assign(done.bytes().begin(), done.bytes().end());
  const std::size_t first_request = made.size();
  for (const auto& [key, replies] : tables) {
    const RequestWriter request = request_for(key.first, key.second);
    made.insert(made.end(), request.bytes().begin(), request.bytes().end());
  }
  Bytes requests = Bytes(made).subspan(first_request);
  for (auto& [key, replies] : tables) {
    RecordedExchange exchange{.protocol = uapi::kNetlinkSockDiag};
    const std::size_t size = request_for(key.first, key.second).bytes().size();
    exchange.request = requests.first(size);
    requests = requests.subspan(size);
    exchange.replies = std::move(replies);
    exchange.replies.push_back({.datagram = Bytes(made).first(first_request)});
    recording->exchanges.push_back(std::move(exchange));
  }
  return recording;
}

}  // namespace duostat
