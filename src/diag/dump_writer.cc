// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/diag/dump_writer.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <new>
#include <utility>

#include "src/diag/message.h"

namespace duostat {

class CopyingTransport final : public Transport {
 public:
  CopyingTransport(std::unique_ptr<Transport> inner, AnswerCopy& copy) : inner_(std::move(inner)), copy_(copy) {}

  int send(Bytes request) noexcept override {
    try {
      copy_.begin(request);
    } catch (const std::bad_alloc&) {
      return ENOMEM;
    }
    return inner_->send(request);
  }
  Received receive(std::span<std::byte> buffer) noexcept override {
    const Received received = inner_->receive(buffer);
    const bool from_kernel = received.error == 0 && received.sender == 0 && !received.truncated;
    if (from_kernel) copy_.take(buffer.first(std::min(received.size, buffer.size())), inner_->port_id());
    return received;
  }
  std::uint32_t port_id() const noexcept override { return inner_->port_id(); }

 private:
  std::unique_ptr<Transport> inner_;
  AnswerCopy& copy_;
};

OpenTransport AnswerCopy::over(OpenTransport open) {
  return [this, open = std::move(open)](int netlink_protocol, OpenError& error) -> std::unique_ptr<Transport> {
    auto inner = open(netlink_protocol, error);
    return inner ? std::make_unique<CopyingTransport>(std::move(inner), *this) : nullptr;
  };
}

void AnswerCopy::begin(Bytes request) {
  uapi::MessageHeader header{};
  std::vector<std::byte> key(request.begin(), request.end());
  if (read_at(request, 0, header)) {
    sequence_ = header.sequence;
    header.sequence = 0;
    std::memcpy(key.data(), &header, sizeof header);
  }
  if (!whole_ || key == request_) go_back();
  request_ = std::move(key);
  start_ = size_;
  whole_ = false;
}

/// Copies a datagram of the answer to the last request. Datagrams left from an earlier answer are ignored.
void AnswerCopy::take(Bytes datagram, std::uint32_t port_id) noexcept {
  bool ours = false;
  MessageWalk walk(datagram);
  for (Message message; walk.next(message);) {
    if (port_id != 0 && (message.port_id != port_id || message.sequence != sequence_)) continue;
    ours = true;
    const bool end = message.type == uapi::kDone || message.type == uapi::kError;
    if (end && error_of(message) == 0) whole_ = true;
  }
  if (!ours) return;
  constexpr std::size_t kAlignment = 4;
  constexpr char kPadding[kAlignment] = {};
  write({reinterpret_cast<const char*>(datagram.data()), datagram.size()});
  write({kPadding, (kAlignment - datagram.size() % kAlignment) % kAlignment});
}

void AnswerCopy::write(std::string_view bytes) noexcept {
  if (write_error_ != 0 || bytes.empty()) return;
  write_error_ = sink_.write(bytes);
  size_ += bytes.size();
}

void AnswerCopy::go_back() noexcept {
  if (size_ == start_ || write_error_ != 0) return;
  const int error = rewind_(start_);
  if (error == 0) size_ = start_;
  else if (rewind_error_ == 0) rewind_error_ = error;
}

void AnswerCopy::finish() noexcept {
  if (!whole_) go_back();
  whole_ = true;
}

AnswerCopy::Rewind rewind_of(int fd) {
  struct stat status {};
  const bool file = ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && (::fcntl(fd, F_GETFL) & O_APPEND) == 0;
  const off_t base = file ? ::lseek(fd, 0, SEEK_CUR) : -1;
  return [fd, base](std::uint64_t size) {
    if (base < 0) return ESPIPE;
    const off_t at = base + static_cast<off_t>(size);
    return ::ftruncate(fd, at) == 0 && ::lseek(fd, at, SEEK_SET) == at ? 0 : errno;
  };
}

}  // namespace duostat
