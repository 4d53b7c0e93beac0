// Sends a dump request and turns the datagrams of its answer into batches of sockets. Knows netlink, but not the
// messages of any socket table.
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

constexpr Operation operation_of(OpenError::Step step) noexcept {
  return step == OpenError::Step::bind ? Operation::diag_bind : Operation::diag_open;
}

/// The sequence number of the first request: iproute2's, so that dump files are equal. Later requests count up, so that
/// the rest of an answer that broke off is not taken for the next answer.
inline constexpr std::uint32_t kDiagSequence = 123456;

/// True if a message answers the request numbered `sequence`. `port_id` is the transport's; 0: a file is replayed, so
/// every message is an answer.
inline bool is_answer(const Message& message, std::uint32_t port_id, std::uint32_t sequence) noexcept {
  return port_id == 0 || (message.port_id == port_id && message.sequence == sequence);
}

/// A buffer for one datagram. Its bytes are not initialised, so pages that no datagram reaches cost nothing.
class ReceiveBuffer {
 public:
  std::size_t size() const noexcept { return size_; }
  /// Changes the size to `size` bytes and discards the content.
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
  static constexpr std::size_t kBatch = 64;  ///< sockets per batch: fits the first-level cache with the messages

  enum class Outcome : std::uint8_t {
    complete,
    refused,  ///< the kernel answered with an error; Coverage has it
    failed,   ///< a system call failed; Coverage has it
    stopped,  ///< the sink wants no more
  };
  enum class Decoded : std::uint8_t { row, skipped, malformed };
  /// Decodes the payload of one message into `socket`, which has been reset. `slot` (below kBatch) is the number of the
  /// socket in its batch, for details that are stored separately.
  using Decode = FunctionRef<Decoded(Bytes payload, Socket& socket, std::size_t slot)>;

  struct Setting {
    const OpenTransport* open = nullptr;     ///< opens another transport of the same kind; may be null
    bool in_turn = false;                    ///< one request after the other, without threads
    std::uint32_t sequence = kDiagSequence;  ///< of the first request
  };

  /// `buffer` is reused by several dumps and grows if a datagram does not fit.
  Dump(Transport& transport, ReceiveBuffer& buffer, Sink sink, Coverage& coverage, const Setting& setting);
  Dump(Transport& transport, ReceiveBuffer& buffer, Sink sink, Coverage& coverage)
      : Dump(transport, buffer, sink, coverage, Setting{}) {}

  /// Sends `request` and passes the sockets of the answer to the sink until the answer ends. `object` names the table
  /// in errors.
  Outcome run(Bytes request, std::string_view object, Decode decode) {
    return run(transport_, request, object, decode);
  }
  /// The same over another transport.
  Outcome run(Transport& transport, Bytes request, std::string_view object, Decode decode);

  /// True if a file is replayed. It contains one answer, which is returned for every request.
  bool replayed() const noexcept { return transport_.port_id() == 0; }
  Transport& transport() noexcept { return transport_; }
  /// Opens another transport of the same kind; null if unavailable, with the reason in `error`.
  std::unique_ptr<Transport> open_another(OpenError* error = nullptr) const;
  /// True if requests must be sent one after the other, over one transport.
  bool in_turn() const noexcept { return setting_.in_turn || !transport_.concurrent(); }
  /// The number for the next request.
  std::uint32_t next_sequence() noexcept { return setting_.sequence++; }
  std::size_t buffer_size() const noexcept { return buffer_.size(); }
  Coverage& coverage() noexcept { return coverage_; }

 private:
  enum class Step : std::uint8_t { more, complete, refused, stopped };
  struct Asked {
    std::uint32_t port_id, sequence;
  };
  Step datagram(Bytes bytes, bool truncated, Asked asked, Decode decode);
  Step control(const Message& message);
  bool flush();
  Outcome fail(Operation operation, int error);

  Transport& transport_;
  ReceiveBuffer& buffer_;
  Sink sink_;
  Coverage& coverage_;
  Setting setting_;
  std::vector<Socket> batch_;  ///< empty before the first row
  std::size_t filled_ = 0;
  std::string_view object_;
};

/// An error taken out of a Coverage while a fallback is tried.
struct SavedError {
  int error;
  Operation operation;
  std::string object;
  static SavedError take(Coverage& coverage);
  void restore(Coverage& coverage) &&;
};

}  // namespace duostat
