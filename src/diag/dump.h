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

constexpr Operation operation_of(OpenError::Step step) noexcept {
  return step == OpenError::Step::bind ? Operation::diag_bind : Operation::diag_open;
}

/// The sequence number of the first request: iproute2's, so that dump files hold the same. Later ones count up, so that what is left of an
/// answer that broke off is not taken for the next one.
inline constexpr std::uint32_t kDiagSequence = 123456;

/// True if a message answers the request numbered `sequence`. `port_id` is the transport's; 0: a file is replayed, everything is an answer.
inline bool is_answer(const Message& message, std::uint32_t port_id, std::uint32_t sequence) noexcept {
  return port_id == 0 || (message.port_id == port_id && message.sequence == sequence);
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

  struct Setting {
    const OpenTransport* open = nullptr;     ///< opens another transport of the kind; null: there is none
    bool in_turn = false;                    ///< one request after the other, without threads
    std::uint32_t sequence = kDiagSequence;  ///< of the first request
  };

  /// `buffer` is reused from dump to dump and grows if a datagram did not fit.
  Dump(Transport& transport, ReceiveBuffer& buffer, Sink sink, Coverage& coverage, const Setting& setting);
  Dump(Transport& transport, ReceiveBuffer& buffer, Sink sink, Coverage& coverage) : Dump(transport, buffer, sink, coverage, Setting{}) {}

  /// Sends `request` and hands what comes back to the sink until the answer ends. `object` names the table in errors.
  Outcome run(Bytes request, std::string_view object, Decode decode) { return run(transport_, request, object, decode); }
  /// The same over another transport.
  Outcome run(Transport& transport, Bytes request, std::string_view object, Decode decode);

  /// True if a file is replayed: it holds one answer, whatever is asked.
  bool replayed() const noexcept { return transport_.port_id() == 0; }
  Transport& transport() noexcept { return transport_; }
  /// Another transport like it; null if unavailable, with the reason in `error`.
  std::unique_ptr<Transport> open_another(OpenError* error = nullptr) const;
  /// True if requests are to be sent one after the other, over the one transport.
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
  std::vector<Socket> batch_;  ///< none before the first row
  std::size_t filled_ = 0;
  std::string_view object_;
};

/// What a failure wrote into Coverage, taken out of it while another way to ask the same is tried.
struct SavedError {
  int error;
  Operation operation;
  std::string object;
  static SavedError take(Coverage& coverage);
  void restore(Coverage& coverage) &&;
};

}  // namespace duostat
