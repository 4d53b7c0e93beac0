// The interface of a netlink socket as a byte transport. Fakes are implemented here: a dump file, scripted datagrams.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>

#include "src/base/bytes.h"
#include "src/base/fd.h"

namespace duostat {

class Transport {
 public:
  virtual ~Transport() = default;

  /// Sends one request. 0 or errno. An implementation that cannot allocate what it needs returns ENOMEM, here as in
  /// receive().
  virtual int send(Bytes request) noexcept = 0;

  /// Not an id: the network namespace of the transport (NETNSA_NSID_NOT_ASSIGNED).
  static constexpr std::int32_t kOwnNamespace = -1;

  struct Received {
    int error = 0;              ///< errno of recvmsg(2); EINTR has been retried
    bool truncated = false;     ///< MSG_TRUNC: the datagram was longer than the buffer
    std::uint32_t sender = 0;   ///< nl_pid of the sender: 0 is the kernel
    std::int32_t nsid = kOwnNamespace;  ///< id of the network namespace that it is about: join_all_namespaces()
    std::size_t size = 0;       ///< bytes in the buffer; 0 with no error: the end (a replayed file)
  };
  /// Receives one datagram into `buffer`.
  virtual Received receive(std::span<std::byte> buffer) noexcept = 0;

  /// The port id of this transport, which replies carry in nlmsg_pid; 0 if replies must not be checked (replay).
  virtual std::uint32_t port_id() const noexcept = 0;

  /// True if another thread may read answers while this one shows them, and several transports of this kind may be used
  /// at once. False for files, scripts and recorders, whose requests and order must not depend on the machine.
  virtual bool concurrent() const noexcept { return false; }

  /// A descriptor for poll(2), readable when there is something to receive; -1 if there is none.
  virtual int fd() const noexcept { return -1; }

  /// Joins multicast group `group`, numbered from 1. 0 or errno: EOPNOTSUPP without a kernel (replay).
  virtual int join(std::uint32_t /*group*/) noexcept { return EOPNOTSUPP; }

  /// The joined groups also bring messages about every network namespace to which this one gave an id (nsid). Needs
  /// CAP_NET_BROADCAST, and Linux 4.2. 0 or errno.
  virtual int join_all_namespaces() noexcept { return EOPNOTSUPP; }
};

/// Why a transport could not be opened. Converts from and to errno.
struct OpenError {
  enum class Step : std::uint8_t { socket, bind };  ///< socket(2), bind(2)

  // Both conversions are implicit, so that an errno can be used instead.
  OpenError(int code = 0, Step failed = Step::socket) noexcept : error(code), step(failed) {}  // NOLINT
  operator int() const noexcept { return error; }                                              // NOLINT

  int error;  ///< errno; 0: it is open
  Step step;
};
/// "Cannot open netlink socket" or "Cannot bind netlink socket", as iproute2 prints.
constexpr std::string_view words_of(OpenError::Step step) noexcept {
  return step == OpenError::Step::bind ? "Cannot bind netlink socket" : "Cannot open netlink socket";
}

/// Opens a transport for a netlink protocol (NETLINK_SOCK_DIAG is 4, NETLINK_ROUTE 0). nullptr with `error` set on
/// failure.
using OpenTransport = std::function<std::unique_ptr<Transport>(int netlink_protocol, OpenError& error)>;

/// Opens a socket to the kernel: AF_NETLINK, SOCK_RAW, raw system calls.
std::unique_ptr<Transport> open_netlink(int netlink_protocol, OpenError& error);

}  // namespace duostat
