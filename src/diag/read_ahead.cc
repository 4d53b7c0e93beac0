// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/diag/read_ahead.h"

#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>
#include <system_error>
#include <utility>

#include "src/base/processors.h"
#include "src/diag/dump.h"

namespace duostat {

void ReadAhead::Unmap::operator()(std::byte* data) const noexcept { ::munmap(data, size); }

ReadAhead::ReadAhead(Transport& inner, Source source)
    : inner_(inner),
      request_(std::move(source.request)),
      buffer_size_(source.buffer_size),
      trim_(std::move(source.trim)) {}

ReadAhead::ReadAhead(std::unique_ptr<Transport> inner, Source source) : ReadAhead(*inner, std::move(source)) {
  owned_ = std::move(inner);
}

ReadAhead::~ReadAhead() {
  if (!thread_.joinable()) return;
  {
    const std::scoped_lock lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

bool ReadAhead::peek(std::size_t datagrams) {
  for (std::size_t steps = 0; steps <= datagrams; ++steps) {  // one more: the first step sends
    const Step step = read();
    if (step == Step::no_memory) return false;
    if (step == Step::end || !answering_) return true;
  }
  return false;
}

void ReadAhead::start() {
  if (processors() < 2) return;
  finished_ = false;
  try {
    thread_ = std::thread([this] { read_all(); });
  } catch (const std::system_error&) {  // RLIMIT_NPROC: answers are read on demand
    finished_ = true;
  } catch (const std::bad_alloc&) {
    finished_ = true;
  }
}

/// The body of the thread.
void ReadAhead::read_all() noexcept {
  while (wait_for_room()) {
    const Step step = read();
    if (step == Step::end || (step == Step::no_memory && !wait_for_slot())) break;
  }
  const std::scoped_lock lock(mutex_);
  finished_ = true;
  changed_.notify_all();
}

/// Waits until a datagram can be queued. False if the thread must stop.
bool ReadAhead::wait_for_room() {
  std::unique_lock lock(mutex_);
  const std::size_t most = asked_ ? kMaxQueuedBytes : kMaxQueuedAtFirst;
  if (free_.empty() && touched_ >= most) {
    full_ = true;
    changed_.notify_all();
    changed_.wait(lock, [this] { return stop_ || free_.size() >= kWakeBatch || items_.empty(); });
    full_ = false;
  }
  return !stop_;
}

/// Waits for a used slot when memory for another one is exhausted. False if none will be returned.
bool ReadAhead::wait_for_slot() {
  std::unique_lock lock(mutex_);
  full_ = true;
  changed_.notify_all();
  changed_.wait(lock, [this] { return stop_ || !free_.empty() || items_.empty(); });
  full_ = false;
  return !stop_ && !free_.empty();
}

/// Sends the request or receives the next datagram, and queues the result. Allocates all memory before it takes
/// anything from the kernel.
ReadAhead::Step ReadAhead::read() noexcept {
  if (sent_ && !answering_) return Step::end;
  Items item;
  try {
    item = take_item();
    if (answering_) prepare(item.front().slot);
  } catch (const std::bad_alloc&) {
    if (!item.empty() && item.front().slot.data) give_back(std::move(item));
    return Step::no_memory;
  }
  if (answering_) {
    receive_into(item.front());
  } else {
    const int error = send_request();
    item.front().sent = true;
    item.front().ends = error != 0;
    item.front().result = {.error = error};
  }
  queue(std::move(item));
  return Step::more;
}

int ReadAhead::send_request() noexcept {
  const Bytes request = request_.bytes();
  sent_ = true;
  uapi::MessageHeader header;
  if (read_at(request, 0, header)) sequence_ = header.sequence;
  const int error = inner_.send(request);
  answering_ = error == 0;
  return error;
}

/// Provides memory for a datagram, and for the untrimmed one. Throws std::bad_alloc.
void ReadAhead::prepare(Slot& slot) {
  if (slot.capacity() < buffer_size_) {
    void* const pages = ::mmap(nullptr, buffer_size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED) throw std::bad_alloc();
    slot.data = {static_cast<std::byte*>(pages), Unmap{buffer_size_}};
  }
  if (trim_ && buffer_.size() < slot.capacity()) buffer_.resize(slot.capacity());
}

/// Receives a datagram directly into the slot, or through the buffer, without unread attributes.
void ReadAhead::receive_into(Item& item) noexcept {
  constexpr std::size_t kLarge = 4096;
  Slot& slot = item.slot;
  const std::span<std::byte> buffer =
      trim_ ? buffer_.span().first(slot.capacity()) : std::span(slot.data.get(), slot.capacity());
  Received got = inner_.receive(buffer);
  if (got.truncated && buffer_size_ < Dump::kLargestBuffer) buffer_size_ *= 2;
  const bool broken = got.error != 0 || got.size == 0;
  if (!broken) {
    got.size = std::min(got.size, buffer.size());
    const Bytes datagram = buffer.first(got.size);
    item.ends = ends_answer(got.sender, datagram);
    if (trim_) {
      got.size = trim_(datagram, slot.data.get());
      if (datagram.size() > kLarge && got.size > datagram.size() / 8 * 7) trim_ = nullptr;
    }
    if (got.size > slot.touched) {
      const std::scoped_lock lock(mutex_);
      touched_ += got.size - slot.touched;
      slot.touched = got.size;
    }
  }
  item.ends = item.ends || broken;
  item.result = got;
  answering_ = !item.ends;
}

/// An item with the most recently used slot, or a new item without one. Throws std::bad_alloc.
ReadAhead::Items ReadAhead::take_item() {
  Items item;
  {
    const std::scoped_lock lock(mutex_);
    if (!free_.empty()) item.splice(item.begin(), free_, std::prev(free_.end()));
  }
  if (item.empty()) return Items(1);
  const Received none{};
  item.front().sent = item.front().ends = false;
  item.front().result = none;
  return item;
}

/// The same rule as in Dump, which decides what is shown.
bool ReadAhead::ends_answer(std::uint32_t sender, Bytes datagram) const noexcept {
  if (sender != 0) return false;
  MessageWalk walk(datagram);
  for (Message message; walk.next(message);)
    if (is_answer(message, inner_.port_id(), sequence_) &&
        (message.type == uapi::kDone || message.type == uapi::kError))
      return true;
  return false;
}

void ReadAhead::give_back(Items item) noexcept {
  std::unique_lock lock(mutex_);
  Slot& slot = item.front().slot;
  if (touched_ > kMaxQueuedBytes) {  // more than is needed from now on
    touched_ -= slot.touched;
  } else if (slot.data) {
    free_.splice(free_.end(), item);
  }
  const bool enough = free_.size() >= kWakeBatch || full_;
  lock.unlock();
  if (enough) changed_.notify_all();
}

void ReadAhead::queue(Items item) noexcept {
  bool enough = false;
  {
    const std::scoped_lock lock(mutex_);
    ended_ = ended_ || item.front().ends;
    items_.splice(items_.end(), item);
    enough = ended_ || items_.size() >= kWakeBatch;
  }
  if (enough) changed_.notify_all();
}

/// Waits for the next item. None if the caller must read by itself.
ReadAhead::Items ReadAhead::pop() noexcept {
  Items item;
  std::unique_lock lock(mutex_);
  asked_ = true;
  // With very large datagrams the queue may be full before the batch is complete; then both sides would wait for each
  // other.
  if (items_.empty()) changed_.notify_all();
  if (items_.empty())
    changed_.wait(lock,
                  [this] { return ended_ || items_.size() >= kWakeBatch || finished_ || (full_ && !items_.empty()); });
  if (items_.empty()) return item;
  item.splice(item.begin(), items_, items_.begin());
  return item;
}

void ReadAhead::each_held(FunctionRef<void(Bytes)> visit) const {
  for (const Item& item : items_)
    if (!item.sent && item.result.error == 0 && item.result.sender == 0)
      visit(Bytes(item.slot.data.get(), item.result.size));
}

int ReadAhead::send(Bytes) noexcept {
  const Items item = pop();
  if (!item.empty()) return item.front().sent ? item.front().result.error : ENODATA;
  return sent_ ? ENODATA : send_request();
}

Transport::Received ReadAhead::receive(std::span<std::byte> buffer) noexcept {
  Items item = pop();
  if (item.empty()) {
    if (!answering_) return {.error = ENODATA};
    Received got = inner_.receive(buffer);
    answering_ =
        got.error == 0 && got.size != 0 && !ends_answer(got.sender, buffer.first(std::min(got.size, buffer.size())));
    return got;
  }
  if (item.front().sent) return {.error = ENODATA};
  Received result = item.front().result;
  if (result.error == 0) {
    const std::size_t held = result.size;
    result.size = std::min(held, buffer.size());
    result.truncated = result.truncated || result.size < held;
    if (result.size != 0) std::memcpy(buffer.data(), item.front().slot.data.get(), result.size);
  }
  give_back(std::move(item));
  return result;
}

}  // namespace duostat
