// One dump request and its answer: datagrams in, batches of sockets out. Knows netlink, not what a socket table looks like.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "src/base/function_ref.h"
#include "src/diag/message.h"
#include "src/diag/transport.h"
#include "src/query/query.h"

namespace duostat {

/// Coverage::operation for what went wrong. Only the first is the kernel's answer; the others are failed system calls.
/// A replayed file that ends before its NLMSG_DONE is kDiagReceive with ENODATA.
inline constexpr std::string_view kDiagDump = "sock_diag dump";
inline constexpr std::string_view kDiagOpen = "sock_diag open";
inline constexpr std::string_view kDiagSend = "sock_diag send";
inline constexpr std::string_view kDiagReceive = "sock_diag receive";

/// The sequence number of every request: each is answered whole before the next, and dump files hold iproute2's.
inline constexpr std::uint32_t kDiagSequence = 123456;

/// True if a message answers one of our requests. `port_id` is the transport's; 0: a file is replayed, all is answer.
inline bool is_answer(const Message& message, std::uint32_t port_id) noexcept {
  return port_id == 0 || (message.port_id == port_id && message.sequence == kDiagSequence);
}

/// What one datagram is received into. Its bytes are never initialised: pages that no datagram reaches cost nothing.
class ReceiveBuffer {
 public:
  std::size_t size() const noexcept { return size_; }
  /// Makes it `size` bytes long; what was in it is lost.
  void resize(std::size_t size) {
    data_.reset();
    data_ = std::make_unique_for_overwrite<std::byte[]>(size);
    size_ = size;
  }
  std::span<std::byte> span() noexcept { return {data_.get(), size_}; }

 private:
  std::unique_ptr<std::byte[]> data_;
  std::size_t size_ = 0;
};

class Dump {
 public:
  static constexpr std::size_t kLargestBuffer = std::size_t{1} << 24;
  static constexpr std::size_t kBatch = 64;  ///< sockets to a batch: what fits the first-level cache beside the messages

  enum class Outcome : std::uint8_t {
    complete,
    refused,  ///< the kernel answered with an error; Coverage has it
    failed,   ///< a system call failed; Coverage has it
    stopped,  ///< the sink wants no more
  };
  enum class Decoded : std::uint8_t { row, skipped, malformed };
  /// Reads the payload of one message into `socket`, which has been reset. `slot` (below kBatch) numbers the socket in its
  /// batch, for details that live beside it.
  using Decode = FunctionRef<Decoded(Bytes payload, Socket& socket, std::size_t slot)>;

  /// `buffer` is reused from dump to dump and grows if a datagram did not fit. `open` is where another transport of the
  /// kind can be had; null: nowhere.
  Dump(Transport& transport, ReceiveBuffer& buffer, Sink sink, Coverage& coverage, const OpenTransport* open = nullptr);

  /// Sends `request` and hands what comes back to the sink until the answer ends. `object` names the table in errors.
  Outcome run(Bytes request, std::string_view object, Decode decode) { return run(transport_, request, object, decode); }
  /// The same over another transport.
  Outcome run(Transport& transport, Bytes request, std::string_view object, Decode decode);

  /// True if a file is replayed: it holds one answer, whatever is asked.
  bool replayed() const noexcept { return transport_.port_id() == 0; }
  Transport& transport() noexcept { return transport_; }
  /// Another transport like it; null if unavailable, with the errno in `error`.
  std::unique_ptr<Transport> open_another(int* error = nullptr) const;
  std::size_t buffer_size() const noexcept { return buffer_.size(); }
  Coverage& coverage() noexcept { return coverage_; }

 private:
  enum class Step : std::uint8_t { more, complete, refused, stopped };
  Step datagram(Bytes bytes, bool truncated, std::uint32_t port_id, Decode decode);
  Step control(const Message& message);
  bool flush();
  Outcome fail(std::string_view operation, int error);

  Transport& transport_;
  ReceiveBuffer& buffer_;
  Sink sink_;
  Coverage& coverage_;
  const OpenTransport* open_;
  std::vector<Socket> batch_;  ///< none before the first row
  std::size_t filled_ = 0;
  std::string_view object_;
};

/// What a failure wrote into Coverage, taken out of it while another way to ask the same is tried.
struct SavedError {
  int error;
  std::string operation, object;
  static SavedError take(Coverage& coverage);
  void restore(Coverage& coverage) &&;
};

}  // namespace duostat
