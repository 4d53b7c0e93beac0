// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/insight/rates.h"

#include <algorithm>
#include <utility>

namespace duostat {

std::optional<RateTable::Bytes> RateTable::bytes_of(const Socket& s) {
  if (s.protocol != Protocol::tcp || s.inet == nullptr || s.state == State::listen) return std::nullopt;
  if (!s.has(Field::tcp_info) || !s.has(Field::cookie) || s.cookie == 0) return std::nullopt;
  const Grown<TcpInfo>& info = s.inet->tcp_info;
  if (!info.has(&TcpInfo::bytes_acked) || !info.has(&TcpInfo::bytes_received)) return std::nullopt;
  return Bytes{s.cookie, info.value.bytes_acked, info.value.bytes_received};
}

void RateTable::begin_look(std::int64_t now_ns) {
  std::swap(earliest_, before_);
  std::swap(before_, now_);
  now_.clear();
  std::swap(ended_, ended_since_);
  ended_since_.clear();
  std::ranges::sort(before_, {}, &Bytes::cookie);
  before_ns_ = std::exchange(now_ns_, now_ns);
  before_whole_ = std::exchange(now_whole_, false);
  begun_ = std::min(begun_ + 1, 2u);
}

void RateTable::add(const Socket& socket) {
  if (const std::optional<Bytes> bytes = bytes_of(socket)) now_.push_back(*bytes);
}

void RateTable::add_ended(const Socket& socket) {
  const std::optional<Bytes> bytes = bytes_of(socket);
  if (!bytes) return;
  Ended ended{socket, bytes->sent, bytes->received};
  ended.socket.inet = nullptr;
  ended.socket.present = {Field::cookie, Field::tcp_info};
  ended_since_.push_back(ended);
}

const RateTable::Bytes* RateTable::find(const std::vector<Bytes>& look, std::uint64_t cookie) {
  const auto found = std::ranges::lower_bound(look, cookie, {}, &Bytes::cookie);
  return found != look.end() && found->cookie == cookie ? &*found : nullptr;
}

void RateTable::end_look(bool whole) { now_whole_ = whole; }

void RateTable::clear() {
  earliest_.clear();
  before_.clear();
  now_.clear();
  ended_.clear();
  ended_since_.clear();
  before_whole_ = now_whole_ = false;
  begun_ = 0;
}

std::optional<ByteRate> RateTable::of(const Socket& socket) const {
  if (!measures() || now_ns_ <= before_ns_) return std::nullopt;
  const std::optional<Bytes> now = bytes_of(socket);
  if (!now) return std::nullopt;
  const Bytes* found = find(before_, now->cookie);
  if (found == nullptr) found = find(earliest_, now->cookie);
  if (found == nullptr && !before_whole_) return std::nullopt;
  const Bytes before = found != nullptr ? *found : Bytes{now->cookie, 0, 0};
  if (now->sent < before.sent || now->received < before.received) return std::nullopt;
  const double seconds = static_cast<double>(now_ns_ - before_ns_) / 1e9;
  return ByteRate{static_cast<double>(now->sent - before.sent) / seconds,
                  static_cast<double>(now->received - before.received) / seconds};
}

}  // namespace duostat
