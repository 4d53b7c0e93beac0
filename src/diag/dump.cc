// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/diag/dump.h"

#include <cerrno>
#include <utility>

namespace duostat {
namespace {

/// The kernel fills at most 32 KiB per datagram if the buffer has that size; a larger one would only cost cache.
constexpr std::size_t kFirstBuffer = 32768;

}  // namespace

Dump::Dump(Transport& transport, ReceiveBuffer& buffer, Sink sink, Coverage& coverage, const Setting& setting)
    : transport_(transport), buffer_(buffer), sink_(sink), coverage_(coverage), setting_(setting) {
  if (buffer_.size() < kFirstBuffer) buffer_.resize(kFirstBuffer);
}

std::unique_ptr<Transport> Dump::open_another(OpenError* error) const {
  const OpenTransport* const open = setting_.open;
  OpenError code = open != nullptr ? 0 : EOPNOTSUPP;
  auto transport = open != nullptr ? (*open)(uapi::kNetlinkSockDiag, code) : nullptr;
  if (error != nullptr) *error = transport ? OpenError() : code;
  return transport;
}

Dump::Outcome Dump::run(Transport& transport, Bytes request, std::string_view object, Decode decode) {
  object_ = object;
  filled_ = 0;
  uapi::MessageHeader header{};
  read_at(request, 0, header);
  const Asked asked{transport.port_id(), header.sequence};
  if (const int error = transport.send(request)) return fail(Operation::diag_send, error);
  for (;;) {
    const Transport::Received got = transport.receive(buffer_.span());
    if (got.error != 0) return fail(Operation::diag_receive, got.error);
    if (got.size == 0) return fail(Operation::diag_receive, ENODATA);
    if (got.sender != 0) continue;  // only the kernel has the port id 0
    const Bytes bytes = Bytes(buffer_.span()).first(std::min(got.size, buffer_.size()));
    switch (datagram(bytes, got.truncated, asked, decode)) {
      case Step::more: break;
      case Step::complete: return Outcome::complete;
      case Step::refused: return Outcome::refused;
      case Step::stopped: return Outcome::stopped;
    }
    if (got.truncated && buffer_.size() < kLargestBuffer) buffer_.resize(buffer_.size() * 2);
  }
}

Dump::Step Dump::datagram(Bytes bytes, bool truncated, Asked asked, Decode decode) {
  MessageWalk walk(bytes);
  Message message;
  while (walk.next(message)) {
    if (!is_answer(message, asked.port_id, asked.sequence)) continue;
    if ((message.flags & uapi::kDumpInterrupted) != 0) coverage_.interrupted = true;
    if (message.type < uapi::kFirstDataType) {
      if (const Step step = control(message); step != Step::more) return flush() ? step : Step::stopped;
      continue;
    }
    if (batch_.empty()) batch_.resize(kBatch);
    Socket& socket = batch_[filled_];
    socket = Socket{};
    switch (decode(message.payload, socket, filled_)) {
      case Decoded::row: ++filled_; break;
      case Decoded::skipped: break;
      case Decoded::malformed: ++coverage_.malformed; break;
    }
    if (filled_ == kBatch && !flush()) return Step::stopped;
  }
  if (truncated) {
    ++coverage_.truncated;
  } else if (walk.deficit()) {
    ++coverage_.malformed;
  }
  // The sockets point into the buffer, which the next datagram overwrites.
  return flush() ? Step::more : Step::stopped;
}

Dump::Step Dump::control(const Message& message) {
  if (message.type == uapi::kOverrun) ++coverage_.truncated;
  if (message.type != uapi::kError && message.type != uapi::kDone) return Step::more;
  // struct nlmsgerr: the code and the header of the request.
  if (message.type == uapi::kError && message.payload.size() < sizeof(std::int32_t) + sizeof(uapi::MessageHeader))
    return fail(Operation::diag_truncated_error, EBADMSG), Step::refused;
  const int error = error_of(message);
  if (error == 0) return Step::complete;
  fail(message.type == uapi::kDone ? Operation::diag_done : Operation::diag_dump, error);
  return Step::refused;
}

bool Dump::flush() {
  if (filled_ == 0) return true;
  coverage_.rows += filled_;
  return sink_(std::span<const Socket>(batch_).first(std::exchange(filled_, 0)));
}

Dump::Outcome Dump::fail(Operation operation, int error) {
  coverage_.error = error;
  coverage_.operation = operation;
  coverage_.object = object_;
  return Outcome::failed;
}

SavedError SavedError::take(Coverage& coverage) {
  return {std::exchange(coverage.error, 0), std::exchange(coverage.operation, Operation::none),
          std::exchange(coverage.object, {})};
}

void SavedError::restore(Coverage& coverage) && {
  coverage.error = error;
  coverage.operation = operation;
  coverage.object = std::move(object);
}

}  // namespace duostat
