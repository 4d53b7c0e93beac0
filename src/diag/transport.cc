// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/diag/transport.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <cerrno>
#include <cstring>

#include "src/diag/abi.h"

namespace duostat {
namespace {

constexpr int kReceiveBuffer = 1 << 20;  // bytes; for bursts of events (a dump is computed as it is read)
constexpr int kSendBuffer = 32768;
constexpr int kMaxRefusals = 100;  // EAGAIN in a row

class KernelTransport final : public Transport {
 public:
  OpenError open(int netlink_protocol) noexcept {
    socket_ = Fd(::socket(uapi::kFamilyNetlink, SOCK_RAW | SOCK_CLOEXEC, netlink_protocol));
    if (!socket_) return errno;
    const int one = 1;
    // A kernel that refuses these options (extended ACKs: before 4.12) still answers requests.
    (void)::setsockopt(socket_.get(), SOL_SOCKET, SO_SNDBUF, &kSendBuffer, sizeof kSendBuffer);
    (void)::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVBUF, &kReceiveBuffer, sizeof kReceiveBuffer);
    (void)::setsockopt(socket_.get(), uapi::kSolNetlink, uapi::kNetlinkExtAck, &one, sizeof one);

    uapi::NetlinkAddress self{uapi::kFamilyNetlink, 0, 0, 0};
    if (::bind(socket_.get(), as_sockaddr(&self), sizeof self) != 0) return {errno, OpenError::Step::bind};
    socklen_t length = sizeof self;
    if (::getsockname(socket_.get(), as_sockaddr(&self), &length) != 0) return {errno, OpenError::Step::bind};
    port_id_ = self.port_id;
    return 0;
  }

  int send(Bytes request) noexcept override {
    uapi::NetlinkAddress kernel{uapi::kFamilyNetlink, 0, 0, 0};
    for (;;) {
      if (::sendto(socket_.get(), request.data(), request.size(), 0, as_sockaddr(&kernel), sizeof kernel) >= 0)
        return 0;
      if (errno != EINTR) return errno;
    }
  }

  Received receive(std::span<std::byte> buffer) noexcept override {
    uapi::NetlinkAddress from{};
    iovec piece{buffer.data(), buffer.size()};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(std::int32_t))];
    for (int refusals = 0;;) {
      msghdr header{};
      header.msg_name = &from;
      header.msg_namelen = sizeof from;
      header.msg_iov = &piece;
      header.msg_iovlen = 1;
      if (all_namespaces_) {
        header.msg_control = control;
        header.msg_controllen = sizeof control;
      }
      const ssize_t got = ::recvmsg(socket_.get(), &header, 0);
      if (got < 0) {
        // A blocking socket should not return EAGAIN; iproute2 retries forever.
        if (errno == EINTR || (errno == EAGAIN && ++refusals < kMaxRefusals)) continue;
        return {.error = errno};
      }
      return {.truncated = (header.msg_flags & MSG_TRUNC) != 0,
              .sender = header.msg_namelen == sizeof from ? from.port_id : 0,
              .nsid = nsid_in(header),
              .size = static_cast<std::size_t>(got)};
    }
  }

  std::uint32_t port_id() const noexcept override { return port_id_; }
  bool concurrent() const noexcept override { return true; }
  int fd() const noexcept override { return socket_.get(); }

  int join(std::uint32_t group) noexcept override {
    const int result =
        ::setsockopt(socket_.get(), uapi::kSolNetlink, uapi::kNetlinkAddMembership, &group, sizeof group);
    return result == 0 ? 0 : errno;
  }

  int join_all_namespaces() noexcept override {
    const int one = 1;
    if (::setsockopt(socket_.get(), uapi::kSolNetlink, uapi::kNetlinkListenAllNsid, &one, sizeof one) != 0)
      return errno;
    all_namespaces_ = true;
    return 0;
  }

 private:
  /// The kernel adds an id only to messages about other namespaces (netlink_cmsg_listen_all_nsid()).
  static std::int32_t nsid_in(msghdr& header) noexcept {
    std::int32_t nsid = kOwnNamespace;
    for (const cmsghdr* c = CMSG_FIRSTHDR(&header); c != nullptr; c = CMSG_NXTHDR(&header, const_cast<cmsghdr*>(c)))
      if (c->cmsg_level == uapi::kSolNetlink && c->cmsg_type == uapi::kNetlinkListenAllNsid &&
          c->cmsg_len == CMSG_LEN(sizeof nsid))
        std::memcpy(&nsid, CMSG_DATA(c), sizeof nsid);
    return nsid;
  }

  static sockaddr* as_sockaddr(uapi::NetlinkAddress* address) noexcept { return reinterpret_cast<sockaddr*>(address); }

  Fd socket_;
  std::uint32_t port_id_ = 0;
  bool all_namespaces_ = false;
};

}  // namespace

std::unique_ptr<Transport> open_netlink(int netlink_protocol, OpenError& error) {
  auto transport = std::make_unique<KernelTransport>();
  error = transport->open(netlink_protocol);
  if (error != 0) return nullptr;
  return transport;
}

}  // namespace duostat
