// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/diag/read_ahead.h"

#include <algorithm>
#include <cerrno>
#include <new>
#include <system_error>
#include <utility>

#include "src/base/processors.h"
#include "src/diag/dump.h"

namespace duostat {

ReadAhead::ReadAhead(Transport& inner, std::vector<RequestWriter> requests, std::size_t buffer_size)
    : inner_(inner), requests_(std::move(requests)), buffer_size_(buffer_size), slots_(kSlots) {
  items_.resize(kSlots + requests_.size());
  for (std::size_t slot = kSlots; slot != 0; --slot) free_.push_back(slot - 1);
}

ReadAhead::ReadAhead(std::unique_ptr<Transport> inner, std::vector<RequestWriter> requests, std::size_t buffer_size)
    : ReadAhead(*inner, std::move(requests), buffer_size) {
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
    // No thread to be had (RLIMIT_NPROC): then it is read when it is asked for.
  }
}

/// Waits until a datagram can be kept. False if nobody wants more.
bool ReadAhead::room() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return stop_ || !free_.empty(); });
  return !stop_;
}

/// Sends the next request or receives the next datagram. False if there is nothing left to read.
bool ReadAhead::read() noexcept {
  if (!answering_) {
    if (next_ == requests_.size()) return false;
    const int error = inner_.send(requests_[next_++].bytes());
    if (error != 0) next_ = requests_.size();
    answering_ = error == 0;
    push({true, 0, {.error = error}});
    return true;
  }
  Item item{false, take_slot(), {.error = ENOMEM}};
  Slot& slot = slots_[item.slot];
  if (slot.size < buffer_size_) {
    slot.data.reset(new (std::nothrow) std::byte[buffer_size_]);
    slot.size = slot.data ? buffer_size_ : 0;
  }
  if (slot.data) item.result = inner_.receive({slot.data.get(), slot.size});
  if (item.result.truncated && buffer_size_ < Dump::kLargestBuffer) buffer_size_ *= 2;
  const bool broken = item.result.error != 0 || item.result.size == 0;
  if (broken) next_ = requests_.size();
  if (broken || ends_answer(item)) answering_ = false;
  push(item);
  return true;
}

/// By the same rule as Dump, which decides what is shown.
bool ReadAhead::ends_answer(const Item& item) const noexcept {
  if (item.result.sender != 0) return false;
  const Slot& slot = slots_[item.slot];
  MessageWalk walk(Bytes(slot.data.get(), std::min(item.result.size, slot.size)));
  for (Message message; walk.next(message);)
    if (is_answer(message, inner_.port_id()) && (message.type == uapi::kDone || message.type == uapi::kError)) return true;
  return false;
}

std::size_t ReadAhead::take_slot() {
  const std::scoped_lock lock(mutex_);
  const std::size_t slot = free_.back();
  free_.pop_back();
  return slot;
}

void ReadAhead::give_back(std::size_t slot) {
  {
    const std::scoped_lock lock(mutex_);
    free_.push_back(slot);
  }
  changed_.notify_all();
}

void ReadAhead::push(const Item& item) {
  {
    const std::scoped_lock lock(mutex_);
    items_[(first_item_ + item_count_++) % items_.size()] = item;
  }
  changed_.notify_all();
}

/// The next item, as soon as there is one. False if there will be none.
bool ReadAhead::pop(Item& item) {
  if (!thread_.joinable() && item_count_ == 0 && !read()) return false;
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return item_count_ != 0 || finished_; });
  if (item_count_ == 0) return false;
  item = items_[first_item_];
  first_item_ = (first_item_ + 1) % items_.size();
  --item_count_;
  return true;
}

void ReadAhead::each_held(FunctionRef<void(Bytes)> visit) const {
  for (std::size_t i = 0; i < item_count_; ++i) {
    const Item& item = items_[(first_item_ + i) % items_.size()];
    if (item.sent || item.result.error != 0 || item.result.sender != 0) continue;
    const Slot& slot = slots_[item.slot];
    visit(Bytes(slot.data.get(), std::min(item.result.size, slot.size)));
  }
}

void ReadAhead::skip() {
  for (Item item; pop(item);)
    if (!item.sent) give_back(item.slot);
}

int ReadAhead::send(Bytes) noexcept {
  Item item;
  if (!pop(item) || !item.sent) return ENODATA;
  return item.result.error;
}

Transport::Received ReadAhead::receive(std::span<std::byte> buffer) noexcept {
  Item item;
  if (!pop(item) || item.sent) return {.error = ENODATA};
  Received result = item.result;
  if (result.error == 0) {
    const Slot& slot = slots_[item.slot];
    const std::size_t held = std::min(result.size, slot.size);
    result.size = std::min(held, buffer.size());
    result.truncated = result.truncated || result.size < held;
    if (result.size != 0) std::memcpy(buffer.data(), slot.data.get(), result.size);
  }
  give_back(item.slot);
  return result;
}

}  // namespace duostat
