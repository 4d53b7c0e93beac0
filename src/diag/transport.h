// A socket to the kernel's netlink, as a byte transport. Fakes go here: a dump file, scripted datagrams.
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

  /// Sends one request. 0 or errno. An implementation that cannot allocate what it needs returns ENOMEM, here as in receive().
  virtual int send(Bytes request) noexcept = 0;

  struct Received {
    int error = 0;              ///< errno of recvmsg(2); EINTR has been retried
    bool truncated = false;     ///< MSG_TRUNC: the datagram was longer than the buffer
    std::uint32_t sender = 0;   ///< nl_pid of the sender: 0 is the kernel
    std::size_t size = 0;       ///< bytes in the buffer; 0 with no error: the end (a replayed file)
  };
  /// Receives one datagram into `buffer`.
  virtual Received receive(std::span<std::byte> buffer) noexcept = 0;

  /// Our own port id, which replies carry in nlmsg_pid; 0 if replies are not to be checked (replay).
  virtual std::uint32_t port_id() const noexcept = 0;

  /// True if answers may be read by another thread than the one that shows them, and several of the kind at once. Files,
  /// scripts and recorders say no: there, what is asked, and in which order, must not depend on the machine.
  virtual bool concurrent() const noexcept { return false; }

  /// Readable when there is something to receive, for poll(2); -1 if there is no such descriptor.
  virtual int fd() const noexcept { return -1; }

  /// From now on also receives what is multicast to `group`, numbered from 1. 0 or errno: EOPNOTSUPP where there is no
  /// kernel to multicast anything (replay).
  virtual int join(std::uint32_t /*group*/) noexcept { return EOPNOTSUPP; }
};

/// Why a transport could not be opened. Converts from and to errno.
struct OpenError {
  enum class Step : std::uint8_t { socket, bind };  ///< socket(2), bind(2)

  OpenError(int code = 0, Step failed = Step::socket) noexcept : error(code), step(failed) {}  // NOLINT: implicit as errno is
  operator int() const noexcept { return error; }                                              // NOLINT

  int error;  ///< errno; 0: it is open
  Step step;
};
/// "Cannot open netlink socket" or "Cannot bind netlink socket": iproute2's words.
constexpr std::string_view words_of(OpenError::Step step) noexcept {
  return step == OpenError::Step::bind ? "Cannot bind netlink socket" : "Cannot open netlink socket";
}

/// Opens a transport for a netlink protocol (NETLINK_SOCK_DIAG is 4, NETLINK_ROUTE 0). Null and the reason if that fails.
using OpenTransport = std::function<std::unique_ptr<Transport>(int netlink_protocol, OpenError& error)>;

/// The kernel: AF_NETLINK, SOCK_RAW, raw system calls.
std::unique_ptr<Transport> open_netlink(int netlink_protocol, OpenError& error);

}  // namespace duostat
