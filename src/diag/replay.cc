// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/diag/replay.h"

#include <fcntl.h>

#include <cerrno>
#include <utility>
#include <vector>

#include "src/diag/abi.h"

namespace duostat {
namespace {

class ReplayTransport final : public Transport {
 public:
  explicit ReplayTransport(Fd file) : file_(std::move(file)), read_(kReadAhead) {}

  int send(Bytes) noexcept override { return 0; }

  /// Returns as many complete messages as fit, as one datagram.
  Received receive(std::span<std::byte> buffer) noexcept override {
    if (const int error = fill()) return {.error = error};
    std::size_t size = 0;
    uapi::MessageHeader header;
    while (read_at(held(), size, header)) {
      if (header.length < sizeof header) return size != 0 ? hand_out(buffer, size) : Received{.error = EBADMSG};
      // The last message of a file may lack its padding.
      const std::size_t length =
          std::min(uapi::aligned(header.length), std::max<std::size_t>(left() - size, header.length));
      if (length > left() - size || size + length > buffer.size()) {
        if (size == 0 && length > std::min(buffer.size(), read_.size())) return {.error = EMSGSIZE};
        break;
      }
      size += length;
    }
    return hand_out(buffer, size);
  }

  std::uint32_t port_id() const noexcept override { return 0; }

 private:
  static constexpr std::size_t kReadAhead = 65536;

  std::size_t left() const noexcept { return end_ - begin_; }
  Bytes held() const noexcept { return Bytes(read_).subspan(begin_, left()); }

  Received hand_out(std::span<std::byte> buffer, std::size_t size) noexcept {
    if (size != 0) std::memcpy(buffer.data(), read_.data() + begin_, size);
    begin_ += size;
    return {.size = size};
  }

  /// Reads until the buffer is full or the file ends. 0 or errno.
  int fill() noexcept {
    if (begin_ != 0) std::memmove(read_.data(), read_.data() + begin_, left());
    end_ -= std::exchange(begin_, 0);
    while (end_ < read_.size()) {
      const ssize_t got = ::read(file_.get(), read_.data() + end_, read_.size() - end_);
      if (got == 0) return 0;
      if (got < 0 && errno != EINTR) return errno;
      if (got > 0) end_ += static_cast<std::size_t>(got);
    }
    return 0;
  }

  Fd file_;
  std::vector<std::byte> read_;
  std::size_t begin_ = 0, end_ = 0;
};

}  // namespace

OpenTransport replay_from(std::string file, OpenTransport otherwise) {
  return [file = std::move(file), otherwise = std::move(otherwise)](int protocol,
                                                                    OpenError& error) -> std::unique_ptr<Transport> {
    if (protocol != uapi::kNetlinkSockDiag) return otherwise(protocol, error);
    Fd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    error = fd ? 0 : errno;
    if (!fd) return nullptr;
    return std::make_unique<ReplayTransport>(std::move(fd));
  };
}

}  // namespace duostat
