// Answers that are read before anybody asks for them, by a thread of their own: the kernel walks on while its rows are shown.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "src/base/function_ref.h"
#include "src/diag/message.h"
#include "src/diag/transport.h"

namespace duostat {

/// Several dump requests and their answers, one after the other. It is used as the transport that it reads from would be:
/// send() stands for the next of the requests, whatever is given to it, and receive() hands out the datagrams of the answer,
/// errors and truncation at their places. Not more than kSlots datagrams are held: the thread waits for room.
///
/// Without start() all is read when it is asked for, by whoever asks.
class ReadAhead final : public Transport {
 public:
  /// How much may wait: enough for the kernel to go on while a slice of a listing is laid out and written.
  static constexpr std::size_t kSlots = 64;

  /// `inner` outlives this, and nobody else uses it meanwhile. Datagrams are received into `buffer_size` bytes, and into
  /// twice as much once one was truncated, as Dump does.
  ReadAhead(Transport& inner, std::vector<RequestWriter> requests, std::size_t buffer_size);
  ReadAhead(std::unique_ptr<Transport> inner, std::vector<RequestWriter> requests, std::size_t buffer_size);
  /// What has not been read stays unread. Waits for a receive that is under way; the kernel does not keep it waiting.
  ~ReadAhead() override;

  /// Sends the first request and reads up to `datagrams` (at most kSlots) of the answer. True if that was all of it.
  bool peek(std::size_t datagrams);
  /// The datagrams that were read and not yet handed out. Not beside a thread that reads.
  void each_held(FunctionRef<void(Bytes)> visit) const;
  /// Passes over all that was not yet handed out; the inner transport is then free again.
  void skip();
  /// From here on a thread reads, if there is more than one processor to run it and it can be had.
  void start();

  int send(Bytes) noexcept override;
  Received receive(std::span<std::byte> buffer) noexcept override;
  std::uint32_t port_id() const noexcept override { return inner_.port_id(); }

 private:
  struct Slot {
    std::unique_ptr<std::byte[]> data;
    std::size_t size = 0;
  };
  /// What sending a request came to, or what was received.
  struct Item {
    bool sent;
    std::size_t slot;
    Received result;
  };

  bool read() noexcept;
  bool room();
  std::size_t take_slot();
  void give_back(std::size_t slot);
  void push(const Item& item);
  bool pop(Item& item);
  bool ends_answer(const Item& item) const noexcept;

  std::unique_ptr<Transport> owned_;
  Transport& inner_;

  // Of whoever reads: the thread, or without one the user.
  std::vector<RequestWriter> requests_;
  std::size_t next_ = 0;  ///< request
  bool answering_ = false;
  std::size_t buffer_size_;

  // Shared.
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Item> items_;  ///< a ring with room for all that can be in it
  std::size_t first_item_ = 0, item_count_ = 0;
  std::vector<Slot> slots_;
  std::vector<std::size_t> free_;  ///< slots; the last one used first, so that few pages are ever touched
  bool finished_ = false, stop_ = false;

  std::thread thread_;
};

}  // namespace duostat
