// Collects sockets from a /proc/net file for the sink, in fixed arrays that are reused.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstring>
#include <memory>
#include <span>
#include <string_view>

#include "src/query/query.h"

namespace duostat {

/// Holds up to kRows sockets, their details and the text they point to. Allocates nothing per row: a detail array is
/// allocated when the first row needs it.
class Batch {
 public:
  static constexpr std::size_t kRows = 128;
  /// Bytes of text per batch; LineReader returns no longer line.
  static constexpr std::size_t kText = 64 * 1024;

  Batch(Sink sink, Coverage& coverage)
      : sink_(sink), coverage_(coverage), sockets_(std::make_unique_for_overwrite<Socket[]>(kRows)) {}

  /// Returns a cleared socket to fill, with room for `text` bytes; null once the sink has stopped. It counts after
  /// commit().
  Socket* begin(std::size_t text = 0) {
    if (used_ == kRows || text > kText - text_used_) flush();
    if (stopped_) return nullptr;
    return &(sockets_[used_] = Socket{});
  }
  void commit() noexcept { ++used_; }

  /// Returns the details of the current row. Not cleared.
  InetDetail& inet() { return detail(inet_); }
  UnixDetail& unix_domain() { return detail(unix_); }
  NetlinkDetail& netlink() { return detail(netlink_); }

  /// Copies text that must outlive its line. Its length was passed to begin().
  std::string_view keep(std::string_view text) {
    if (!text_) text_ = std::make_unique_for_overwrite<char[]>(kText);
    char* to = text_.get() + text_used_;
    std::memcpy(to, text.data(), text.size());
    text_used_ += text.size();
    return {to, text.size()};
  }
  /// Appends to the text that was kept last; false if there is no room.
  bool extend(std::string_view& kept, std::string_view more) {
    if (more.size() > kText - text_used_ || kept.data() + kept.size() != text_.get() + text_used_) return false;
    kept = {kept.data(), kept.size() + keep(more).size()};
    return true;
  }

  /// Passes the collected sockets to the sink.
  void flush() {
    if (used_ != 0 && !stopped_) {
      coverage_.rows += used_;
      stopped_ = !sink_(std::span<const Socket>(sockets_.get(), used_));
    }
    used_ = text_used_ = 0;
  }
  bool stopped() const noexcept { return stopped_; }

 private:
  template <class Detail>
  Detail& detail(std::unique_ptr<Detail[]>& details) {
    if (!details) details = std::make_unique<Detail[]>(kRows);
    return details[used_];
  }

  Sink sink_;
  Coverage& coverage_;
  std::unique_ptr<Socket[]> sockets_;
  std::unique_ptr<InetDetail[]> inet_;
  std::unique_ptr<UnixDetail[]> unix_;
  std::unique_ptr<NetlinkDetail[]> netlink_;
  std::unique_ptr<char[]> text_;
  std::size_t used_ = 0, text_used_ = 0;
  bool stopped_ = false;
};

}  // namespace duostat
