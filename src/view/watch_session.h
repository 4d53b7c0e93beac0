// --watch on a terminal: passes, keys, screen.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/insight/rates.h"
#include "src/view/ended_connections.h"
#include "src/view/row_keys.h"
#include "src/view/view_request.h"
#include "src/view/watch.h"
#include "src/view/watch_keys.h"
#include "src/view/watch_screen.h"
#include "src/view/watch_terminal.h"
#include "src/view/watched_rows.h"

namespace duostat {

class WatchSession {
 public:
  /// Throws UsageError if the request is wrong. The arguments must outlive the session.
  WatchSession(Environment& env, const ViewRequest& request, const RepeatedListing& listing);

  /// Until `q` or a signal. Messages of the last pass go to standard error at the end.
  int run();

 private:
  enum class Page : std::uint8_t { rows, help, details };

  void make_pass();
  WatchTerminal::Event wait(WatchTerminal& terminal);
  bool loop(WatchTerminal& terminal);
  void draw(WatchTerminal& terminal);
  ScreenForm form() const;
  std::string status_line() const;
  std::string bottom_line() const;

  bool take_keys();
  void take_prompt(const KeyPress& press);
  void act(WatchAction action);
  void move(WatchAction action);
  void change_interval(bool longer);
  void open_details();
  void end_prompt();
  bool is_of_files(const Column& column) const;
  bool change(const ViewRequest& request);
  void choose_sort(int step, bool reverse);
  std::vector<std::string> sort_words() const;
  void listing_changed();

  Environment& env_;
  ViewRequest request_;
  const RepeatedListing& listing_;
  std::int64_t interval_ns_;

  WatchedRows rows_;
  RowKeys keys_;
  RateTable rates_;
  std::unique_ptr<EndedConnections> ended_;  ///< of groups with rates
  StringSink text_, messages_;  ///< of the last pass
  int status_ = 0;
  std::uint64_t passes_ = 0;
  std::int64_t pass_wall_ns_ = 0, next_ns_ = 0;

  std::string input_;  ///< keys that were not yet taken
  std::optional<std::string> prompt_;  ///< the expression that is being typed
  std::string notice_;                 ///< of the last key: a mistake, what changed
  Page page_ = Page::rows;
  std::vector<std::string> page_lines_;
  std::size_t page_top_ = 0;
  ScreenPlace place_;
  std::optional<RowKey> chosen_;  ///< the row under the cursor
  std::string sort_column_;       ///< chosen by a key; empty: the order of the request
  bool sort_reversed_ = false;
  bool paused_ = false, differences_ = true, pass_due_ = true;
  WatchTerminal::Size size_;
  Screen shown_;
};

}  // namespace duostat
