// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/diag/capture.h"

#include <utility>

namespace duostat {
namespace {

class CaptureTransport final : public Transport {
 public:
  CaptureTransport(std::unique_ptr<Transport> inner, ByteSink& sink, int& error)
      : inner_(std::move(inner)), sink_(sink), error_(error) {}

  int send(Bytes request) noexcept override { return inner_->send(request); }
  Received receive(std::span<std::byte> buffer) noexcept override {
    const Received received = inner_->receive(buffer);
    const bool from_kernel = received.error == 0 && received.sender == 0 && !received.truncated;
    if (from_kernel && error_ == 0) error_ = write(buffer.first(received.size));
    return received;
  }
  std::uint32_t port_id() const noexcept override { return inner_->port_id(); }

 private:
  int write(Bytes datagram) noexcept {
    constexpr std::size_t kAlignment = 4;
    constexpr char kPadding[kAlignment] = {};
    const int error = sink_.write({reinterpret_cast<const char*>(datagram.data()), datagram.size()});
    const std::size_t missing = (kAlignment - datagram.size() % kAlignment) % kAlignment;
    return error != 0 || missing == 0 ? error : sink_.write({kPadding, missing});
  }

  std::unique_ptr<Transport> inner_;
  ByteSink& sink_;
  int& error_;
};

}  // namespace

OpenTransport capture_to(ByteSink& sink, int& error, OpenTransport open) {
  return [&sink, &error, open = std::move(open)](int netlink_protocol, int& open_error) -> std::unique_ptr<Transport> {
    auto inner = open(netlink_protocol, open_error);
    return inner ? std::make_unique<CaptureTransport>(std::move(inner), sink, error) : nullptr;
  };
}

}  // namespace duostat
