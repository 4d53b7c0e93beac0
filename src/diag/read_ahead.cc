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
    // No thread to be had (RLIMIT_NPROC): then it is read when it is asked for.
  }
}

/// Waits until a datagram can be kept. False if nobody wants more.
bool ReadAhead::room() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return stop_ || !free_.empty() || allocated_ < kMost; });
  return !stop_;
}

/// Sends the next request or receives the next datagram. False if there is nothing left to read.
bool ReadAhead::read() noexcept {
  if (!answering_) {
    if (next_ == requests_.size()) return false;
    const int error = inner_.send(requests_[next_++].bytes());
    if (error != 0) next_ = requests_.size();
    answering_ = error == 0;
    push({true, {}, {.error = error}});
    return true;
  }
  Item item{false, {}, {.error = ENOMEM}};
  try {
    if (buffer_.size() < buffer_size_) buffer_.resize(buffer_size_);
    item.result = inner_.receive(buffer_.span());
    Received& got = item.result;
    if (got.error == 0) {
      std::span<std::byte> datagram = buffer_.span().first(std::min(got.size, buffer_.size()));
      if (ends_answer(got.sender, datagram)) answering_ = false;
      if (got.sender == 0 && trim_) datagram = datagram.first(trim_(datagram));
      item.slot = slot_for(datagram);
      if (got.size != 0) got.size = datagram.size();
    }
    if (got.truncated && buffer_size_ < Dump::kLargestBuffer) buffer_size_ *= 2;
  } catch (const std::bad_alloc&) {
    item.result = {.error = ENOMEM};
  }
  if (item.result.error != 0 || item.result.size == 0) {
    next_ = requests_.size();
    answering_ = false;
  }
  try {
    push(std::move(item));
  } catch (const std::bad_alloc&) {  // as if the answer had ended too early
    next_ = requests_.size();
    return answering_ = false;
  }
  return true;
}

/// By the same rule as Dump, which decides what is shown.
bool ReadAhead::ends_answer(std::uint32_t sender, Bytes datagram) const noexcept {
  if (sender != 0) return false;
  MessageWalk walk(datagram);
  for (Message message; walk.next(message);)
    if (is_answer(message, inner_.port_id()) && (message.type == uapi::kDone || message.type == uapi::kError)) return true;
  return false;
}

/// A copy of `datagram`.
ReadAhead::Slot ReadAhead::slot_for(Bytes datagram) {
  constexpr std::size_t kPage = 4096;
  Slot slot;
  {
    const std::scoped_lock lock(mutex_);
    if (!free_.empty()) {
      slot = std::move(free_.back());
      free_.pop_back();
    }
    if (slot.capacity < datagram.size()) {
      allocated_ -= slot.capacity;
      slot = {};
      slot.capacity = (datagram.size() + kPage - 1) / kPage * kPage;
      allocated_ += slot.capacity;
    }
  }
  if (!slot.data) slot.data = std::make_unique_for_overwrite<std::byte[]>(slot.capacity);
  std::ranges::copy(datagram, slot.data.get());
  return slot;
}

void ReadAhead::give_back(Slot slot) {
  {
    const std::scoped_lock lock(mutex_);
    if (slot.data) free_.push_back(std::move(slot));
  }
  changed_.notify_all();
}

void ReadAhead::push(Item item) {
  {
    const std::scoped_lock lock(mutex_);
    items_.push_back(std::move(item));
  }
  changed_.notify_all();
}

/// The next item, as soon as there is one. False if there will be none.
bool ReadAhead::pop(Item& item) {
  if (!thread_.joinable() && items_.empty() && !read()) return false;
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !items_.empty() || finished_; });
  if (items_.empty()) return false;
  item = std::move(items_.front());
  items_.pop_front();
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
  if (!pop(item) || !item.sent) return ENODATA;
  return item.result.error;
}

Transport::Received ReadAhead::receive(std::span<std::byte> buffer) noexcept {
  Item item;
  if (!pop(item) || item.sent) return {.error = ENODATA};
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
