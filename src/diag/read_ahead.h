// Answers that are read before anybody asks for them, by a thread of their own: the kernel walks on while its rows are shown.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cerrno>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "src/base/function_ref.h"
#include "src/diag/dump.h"
#include "src/diag/message.h"
#include "src/diag/transport.h"

namespace duostat {

/// Several dump requests and their answers, one after the other. It is used as the transport that it reads from would be:
/// send() stands for the next of the requests, whatever is given to it, and receive() hands out the datagrams of the answer,
/// errors and truncation at their places. Not more than kMost bytes are held, or at first kMostAtFirst: the thread waits for room.
///
/// Without start() all is read when it is asked for, by whoever asks.
class ReadAhead final : public Transport {
 public:
  /// How much may wait: enough for the kernel to go on while a slice of a listing is laid out and written.
  static constexpr std::size_t kMost = std::size_t{11} << 18;
  /// The same before anybody asked for anything: rows of which others come first wait while nothing else takes memory.
  static constexpr std::size_t kMostAtFirst = std::size_t{6} << 20;
  /// Who waits is woken for so many datagrams, or the end of an answer: waking up costs as much as showing a few sockets.
  static constexpr std::size_t kTogether = 8;
  /// Copies what is wanted of a datagram to where there is room for all of it; returns the size. It is called by the thread, and no more
  /// once a large datagram lost little.
  using Trim = std::function<std::size_t(Bytes, std::byte*)>;

  /// `inner` outlives this, and nobody else uses it meanwhile. Datagrams are received into `buffer_size` bytes, and into
  /// twice as much once one was truncated, as Dump does.
  ReadAhead(Transport& inner, std::vector<RequestWriter> requests, std::size_t buffer_size, Trim trim);
  ReadAhead(std::unique_ptr<Transport> inner, std::vector<RequestWriter> requests, std::size_t buffer_size, Trim trim);
  /// What has not been read stays unread. Waits for a receive that is under way; the kernel does not keep it waiting.
  ~ReadAhead() override;

  /// Sends the first request and reads up to `datagrams` of the answer. True if that was all of it.
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
  /// mmap(2): what is given up is the kernel's again at once, and no header of malloc(3) takes a page.
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
    bool sent;
    bool ends;  ///< nothing comes behind it but the next request
    Slot slot;
    Received result;
  };

  bool read() noexcept;
  bool room();
  Received receive_into(Slot& slot, bool& ends);
  Slot take_slot();
  void give_back(Slot slot);
  bool push(Item item) noexcept;
  bool pop(Item& item);
  bool ends_answer(std::uint32_t sender, Bytes datagram) const noexcept;

  std::unique_ptr<Transport> owned_;
  Transport& inner_;

  // Of whoever reads: the thread, or without one the user.
  std::vector<RequestWriter> requests_;
  std::size_t next_ = 0;  ///< request
  bool answering_ = false;
  std::size_t buffer_size_;
  ReceiveBuffer buffer_;
  Trim trim_;

  // Shared.
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Item> items_;
  int missing_ = ENODATA;    ///< errno behind the last item
  std::size_t ends_ = 0;     ///< items that end an answer
  std::vector<Slot> free_;   ///< the last one used first, so that few pages are ever touched
  std::size_t touched_ = 0;  ///< bytes of all slots
  bool finished_ = false, stop_ = false, asked_ = false, full_ = false;

  std::thread thread_;
};

}  // namespace duostat
