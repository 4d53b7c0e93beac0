// Reads answers ahead in a thread, so that the kernel walks its table while rows are shown.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <thread>

#include "src/base/function_ref.h"
#include "src/diag/dump.h"
#include "src/diag/message.h"
#include "src/diag/transport.h"

namespace duostat {

/// A dump request and its answer. It replaces the transport that it reads from: send() ignores its argument and returns
/// the result of sending the request, and receive() returns the datagrams of the answer, with errors and truncation in
/// their places. At most kMaxQueuedBytes are queued, or kMaxQueuedAtFirst until the first row is read; beyond that the
/// thread waits.
///
/// Without start() or without a thread (RLIMIT_NPROC, one processor), answers are read on demand. The same happens if
/// memory for another datagram runs out; nothing is lost.
class ReadAhead final : public Transport {
 public:
  /// Enough for the kernel to continue while a slice of a listing is laid out and written.
  static constexpr std::size_t kMaxQueuedBytes = std::size_t{11} << 18;
  /// The limit until the first row is read: rows of another answer are shown first, and nothing else takes memory
  /// meanwhile.
  static constexpr std::size_t kMaxQueuedAtFirst = std::size_t{6} << 20;
  /// Waiters are woken after this many datagrams or at the end of an answer: a wake-up costs as much as showing a few
  /// sockets.
  static constexpr std::size_t kWakeBatch = 8;
  /// Copies the wanted part of a datagram to a buffer with room for all of it, and returns its size. Called by the
  /// thread, until a large datagram shrinks only a little.
  using Trim = std::function<std::size_t(Bytes, std::byte*)>;

  struct Source {
    RequestWriter request;
    std::size_t buffer_size;  ///< bytes for receiving a datagram; doubled after truncation, as in Dump
    Trim trim;                ///< may be null
  };

  /// `inner` must outlive this object, which must be its only user meanwhile.
  ReadAhead(Transport& inner, Source source);
  ReadAhead(std::unique_ptr<Transport> inner, Source source);
  /// The rest of the answer stays unread. Waits for a receive in progress, which the kernel completes without delay.
  ~ReadAhead() override;

  /// Sends the request and queues up to `datagrams` of the answer. True if that was the whole answer.
  bool peek(std::size_t datagrams);
  /// Visits the queued datagrams. Not after start().
  void each_held(FunctionRef<void(Bytes)> visit) const;
  /// Starts a thread that reads, if there is more than one processor and a thread can be created.
  void start();

  int send(Bytes) noexcept override;
  Received receive(std::span<std::byte> buffer) noexcept override;
  std::uint32_t port_id() const noexcept override { return inner_.port_id(); }

 private:
  /// Memory is from mmap(2): freeing it returns it to the kernel at once, and no malloc(3) header takes a page.
  struct Unmap {
    Unmap() noexcept : size(0) {}
    explicit Unmap(std::size_t mapped) noexcept : size(mapped) {}
    void operator()(std::byte* data) const noexcept;
    std::size_t size;
  };
  struct Slot {
    std::unique_ptr<std::byte[], Unmap> data;
    std::size_t capacity() const noexcept { return data.get_deleter().size; }
    std::size_t touched = 0;  ///< bytes ever written, which is its cost
  };
  /// The result of sending a request, or of a receive.
  struct Item {
    bool sent = false;
    bool ends = false;  ///< the last item of the answer
    Slot slot{};
    Received result{};
  };
  /// A list, so that an item can be allocated before its datagram is received, and queueing it cannot fail.
  using Items = std::list<Item>;
  enum class Step : std::uint8_t { more, end, no_memory };

  Step read() noexcept;
  void read_all() noexcept;
  bool wait_for_room();
  bool wait_for_slot();
  Items take_item();
  void prepare(Slot& slot);
  int send_request() noexcept;
  void receive_into(Item& item) noexcept;
  void queue(Items item) noexcept;
  Items pop() noexcept;
  void give_back(Items item) noexcept;
  bool ends_answer(std::uint32_t sender, Bytes datagram) const noexcept;

  std::unique_ptr<Transport> owned_;
  Transport& inner_;

  // Used by the thread while it reads, otherwise by the caller.
  RequestWriter request_;
  bool sent_ = false;           ///< or refused; it is never sent twice
  bool answering_ = false;      ///< more of the answer may come
  std::uint32_t sequence_ = 0;  ///< of the request
  std::size_t buffer_size_;
  ReceiveBuffer buffer_;
  Trim trim_;

  // Shared, guarded by mutex_.
  std::mutex mutex_;
  std::condition_variable changed_;
  Items items_;
  bool ended_ = false;       ///< the item that ends the answer is queued, or was
  Items free_;               ///< with their slots, most recently used first, so that few pages are touched
  std::size_t touched_ = 0;  ///< bytes of all slots
  bool finished_ = true;     ///< no thread is reading
  bool stop_ = false, asked_ = false, full_ = false;

  std::thread thread_;
};

}  // namespace duostat
