// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/diag/read_ahead.h"

#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <new>
#include <system_error>
#include <utility>

#include "src/base/processors.h"
#include "src/diag/dump.h"

namespace duostat {

void ReadAhead::Unmap::operator()(std::byte* data) const noexcept { ::munmap(data, size); }

ReadAhead::ReadAhead(Transport& inner, std::vector<RequestWriter> requests, std::size_t buffer_size, Trim trim)
    : inner_(inner), requests_(std::move(requests)), buffer_size_(buffer_size), trim_(std::move(trim)) {}

ReadAhead::ReadAhead(std::unique_ptr<Transport> inner, std::vector<RequestWriter> requests, std::size_t buffer_size, Trim trim)
    : ReadAhead(*inner, std::move(requests), buffer_size, std::move(trim)) {
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
  for (std::size_t steps = 0; steps <= datagrams; ++steps)  // one more: sending is the first
    if (!read() || !answering_) return true;
  return false;
}

void ReadAhead::start() {
  if (processors() < 2) return;
  try {
    thread_ = std::thread([this] {
      while (room() && read()) {
      }
      const std::scoped_lock lock(mutex_);
      finished_ = true;
      changed_.notify_all();
    });
  } catch (const std::system_error&) {
    // No thread (RLIMIT_NPROC): then it is read when it is asked for.
  } catch (const std::bad_alloc&) {
  }
}

/// Waits until a datagram can be kept. False if nobody wants more.
bool ReadAhead::room() {
  std::unique_lock lock(mutex_);
  const std::size_t most = asked_ ? kMost : kMostAtFirst;
  if (free_.empty() && touched_ >= most) {
    full_ = true;
    changed_.notify_all();
    changed_.wait(lock, [this] { return stop_ || free_.size() >= kTogether || items_.empty(); });
    full_ = false;
  }
  return !stop_;
}

/// Sends the next request or receives the next datagram. False if there is nothing left to read.
bool ReadAhead::read() noexcept {
  Item item{false, false, {}, {.error = ENOMEM}};
  if (!answering_) {
    if (next_ == requests_.size()) return false;
    item.result.error = inner_.send(requests_[next_++].bytes());
    item.sent = true;
    item.ends = item.result.error != 0;
    answering_ = !item.ends;
  } else {
    try {
      item.slot = take_slot();
      item.result = receive_into(item.slot, item.ends);
    } catch (const std::bad_alloc&) {
      item.result = {.error = ENOMEM};
    }
    const bool broken = item.result.error != 0 || item.result.size == 0;
    item.ends = item.ends || broken;
    if (item.ends) answering_ = false;
    if (broken) next_ = requests_.size();
  }
  if (item.sent && item.ends) next_ = requests_.size();
  return push(std::move(item));
}

/// Receives a datagram: straight into the slot, or by way of the buffer and without what nobody reads.
Transport::Received ReadAhead::receive_into(Slot& slot, bool& ends) {
  constexpr std::size_t kLarge = 4096;
  if (slot.capacity() < buffer_size_) {
    void* const pages = ::mmap(nullptr, buffer_size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED) throw std::bad_alloc();
    slot.data = {static_cast<std::byte*>(pages), Unmap{buffer_size_}};
  }
  if (trim_ && buffer_.size() < slot.capacity()) buffer_.resize(slot.capacity());
  const std::span<std::byte> buffer = trim_ ? buffer_.span().first(slot.capacity()) : std::span(slot.data.get(), slot.capacity());
  Received got = inner_.receive(buffer);
  if (got.truncated && buffer_size_ < Dump::kLargestBuffer) buffer_size_ *= 2;
  if (got.error != 0 || got.size == 0) return got;
  got.size = std::min(got.size, buffer.size());
  const Bytes datagram = buffer.first(got.size);
  ends = ends_answer(got.sender, datagram);
  if (trim_) {
    got.size = trim_(datagram, slot.data.get());
    if (datagram.size() > kLarge && got.size > datagram.size() / 8 * 7) trim_ = nullptr;
  }
  if (got.size > slot.touched) {
    const std::scoped_lock lock(mutex_);
    touched_ += got.size - slot.touched;
    slot.touched = got.size;
  }
  return got;
}

ReadAhead::Slot ReadAhead::take_slot() {
  const std::scoped_lock lock(mutex_);
  if (free_.empty()) return {};
  Slot slot = std::move(free_.back());
  free_.pop_back();
  return slot;
}

/// By the same rule as Dump, which decides what is shown.
bool ReadAhead::ends_answer(std::uint32_t sender, Bytes datagram) const noexcept {
  if (sender != 0) return false;
  MessageWalk walk(datagram);
  for (Message message; walk.next(message);)
    if (is_answer(message, inner_.port_id()) && (message.type == uapi::kDone || message.type == uapi::kError)) return true;
  return false;
}

void ReadAhead::give_back(Slot slot) {
  std::unique_lock lock(mutex_);
  if (touched_ > kMost) {  // more than is needed from here on
    touched_ -= slot.touched;
  } else if (slot.data) {
    try {
      free_.push_back(std::move(slot));
    } catch (const std::bad_alloc&) {
      touched_ -= slot.touched;  // unmapped instead
    }
  }
  const bool enough = free_.size() >= kTogether;
  lock.unlock();
  if (enough) changed_.notify_all();
}

/// False if there is no memory for it: then the answer ends with ENOMEM behind what was pushed before.
bool ReadAhead::push(Item item) noexcept {
  bool enough = false;
  try {
    const std::scoped_lock lock(mutex_);
    items_.push_back(std::move(item));
    ends_ += items_.back().ends ? 1 : 0;
    enough = ends_ != 0 || items_.size() >= kTogether;
  } catch (const std::bad_alloc&) {
    const std::scoped_lock lock(mutex_);
    missing_ = ENOMEM;
    next_ = requests_.size();
    return answering_ = false;
  }
  if (enough) changed_.notify_all();
  return true;
}

/// The next item, as soon as there is one. False if there will be none.
bool ReadAhead::pop(Item& item) {
  if (!thread_.joinable() && items_.empty() && !read()) return false;
  std::unique_lock lock(mutex_);
  asked_ = true;
  // Very large datagrams: fewer than are waited for may be all that has room, and then each would wait for the other.
  if (items_.empty()) changed_.notify_all();
  if (items_.empty()) changed_.wait(lock, [this] { return ends_ != 0 || items_.size() >= kTogether || finished_ || (full_ && !items_.empty()); });
  if (items_.empty()) return false;
  item = std::move(items_.front());
  items_.pop_front();
  ends_ -= item.ends ? 1 : 0;
  return true;
}

void ReadAhead::each_held(FunctionRef<void(Bytes)> visit) const {
  for (const Item& item : items_)
    if (!item.sent && item.result.error == 0 && item.result.sender == 0) visit(Bytes(item.slot.data.get(), item.result.size));
}

void ReadAhead::skip() {
  for (Item item; pop(item);)
    if (!item.sent) give_back(std::move(item.slot));
}

int ReadAhead::send(Bytes) noexcept {
  Item item;
  if (!pop(item) || !item.sent) return missing_;
  return item.result.error;
}

Transport::Received ReadAhead::receive(std::span<std::byte> buffer) noexcept {
  Item item;
  if (!pop(item) || item.sent) return {.error = missing_};
  Received result = item.result;
  if (result.error == 0) {
    const std::size_t held = result.size;
    result.size = std::min(held, buffer.size());
    result.truncated = result.truncated || result.size < held;
    if (result.size != 0) std::memcpy(buffer.data(), item.slot.data.get(), result.size);
  }
  give_back(std::move(item.slot));
  return result;
}

}  // namespace duostat
