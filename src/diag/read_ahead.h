// Reads answers before they are asked for, in a thread: the kernel walks its table while rows are shown.
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
#include <vector>

#include "src/base/function_ref.h"
#include "src/diag/dump.h"
#include "src/diag/message.h"
#include "src/diag/transport.h"

namespace duostat {

/// Several dump requests and their answers, one after the other. It stands in for the transport that it reads from: send() returns what
/// sending the next request came to, whatever it is given, and receive() hands out the datagrams of the answer, with errors and
/// truncation at their places. At most kMaxQueuedBytes are queued, or kMaxQueuedAtFirst until the first row is asked for; then the
/// thread waits for room.
///
/// Without start() and without a thread (RLIMIT_NPROC, one processor), answers are read when they are asked for; so they are once there
/// is no memory to queue another datagram. Nothing is lost then.
class ReadAhead final : public Transport {
 public:
  /// Enough for the kernel to go on while a slice of a listing is laid out and written.
  static constexpr std::size_t kMaxQueuedBytes = std::size_t{11} << 18;
  /// The same until the first row is asked for: rows of another answer come first, and nothing else takes memory meanwhile.
  static constexpr std::size_t kMaxQueuedAtFirst = std::size_t{6} << 20;
  /// Waiters are woken after this many datagrams or at the end of an answer: waking up costs as much as showing a few sockets.
  static constexpr std::size_t kWakeBatch = 8;
  /// Copies the wanted part of a datagram to where there is room for all of it, and returns its size. Called by the thread; no longer
  /// called once a large datagram lost little.
  using Trim = std::function<std::size_t(Bytes, std::byte*)>;

  struct Source {
    std::vector<RequestWriter> requests;
    std::size_t buffer_size;  ///< bytes a datagram is received into; doubled when one was truncated, as Dump does
    Trim trim;                ///< may be null
  };

  /// `inner` outlives this, and nothing else uses it meanwhile.
  ReadAhead(Transport& inner, Source source);
  ReadAhead(std::unique_ptr<Transport> inner, Source source);
  /// What has not been read stays unread. Waits for a receive that is under way; the kernel does not keep it waiting.
  ~ReadAhead() override;

  /// Sends the first request and queues up to `datagrams` of the answer. True if that was all of it.
  bool peek(std::size_t datagrams);
  /// The queued datagrams. Not beside a thread that reads.
  void each_held(FunctionRef<void(Bytes)> visit) const;
  /// From here on a thread reads, if there is more than one processor and a thread can be made.
  void start();

  int send(Bytes) noexcept override;
  Received receive(std::span<std::byte> buffer) noexcept override;
  std::uint32_t port_id() const noexcept override { return inner_.port_id(); }

 private:
  /// mmap(2): memory that is given up is the kernel's again at once, and no header of malloc(3) takes a page.
  struct Unmap {
    Unmap() noexcept : size(0) {}
    explicit Unmap(std::size_t mapped) noexcept : size(mapped) {}
    void operator()(std::byte* data) const noexcept;
    std::size_t size;
  };
  struct Slot {
    std::unique_ptr<std::byte[], Unmap> data;
    std::size_t capacity() const noexcept { return data.get_deleter().size; }
    std::size_t touched = 0;  ///< bytes ever written: what it costs
  };
  /// What sending a request came to, or what was received.
  struct Item {
    bool sent = false;
    bool ends = false;  ///< only the next request comes after it
    Slot slot{};
    Received result{};
  };
  /// A list, so that an item is allocated before its datagram is received and queued without a chance to fail.
  using Items = std::list<Item>;
  enum class Step : std::uint8_t { more, end, no_memory };

  Step read() noexcept;
  void read_all() noexcept;
  bool wait_for_room();
  bool wait_for_slot();
  Items take_item();
  void prepare(Slot& slot);
  int send_next() noexcept;
  void receive_into(Item& item) noexcept;
  void received(bool ends, bool broken) noexcept;
  void queue(Items item) noexcept;
  Items pop() noexcept;
  void give_back(Items item) noexcept;
  bool ends_answer(std::uint32_t sender, Bytes datagram) const noexcept;

  std::unique_ptr<Transport> owned_;
  Transport& inner_;

  // Used by the thread while it reads, else by the caller.
  std::vector<RequestWriter> requests_;
  std::size_t next_ = 0;  ///< request
  bool answering_ = false;
  std::uint32_t sequence_ = 0;  ///< of the request that is being answered
  std::size_t buffer_size_;
  ReceiveBuffer buffer_;
  Trim trim_;

  // Shared.
  std::mutex mutex_;
  std::condition_variable changed_;
  Items items_;
  std::size_t ends_ = 0;     ///< items that end an answer
  Items free_;               ///< with their slots, the last one used first, so that few pages are ever touched
  std::size_t touched_ = 0;  ///< bytes of all slots
  bool finished_ = true;     ///< no thread reads
  bool stop_ = false, asked_ = false, full_ = false;

  std::thread thread_;
};

}  // namespace duostat
