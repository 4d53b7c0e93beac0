// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/view/watch_session.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "src/base/display_width.h"
#include "src/base/error.h"
#include "src/base/escape.h"
#include "src/base/terminal_sink.h"
#include "src/collect/host.h"
#include "src/view/json_lines.h"

namespace duostat {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
/// The intervals that keys choose.
constexpr std::int64_t kIntervals[] = {kSecond / 10, kSecond / 5, kSecond / 2, kSecond,      2 * kSecond,
                                       5 * kSecond,  10 * kSecond, 30 * kSecond, 60 * kSecond};
/// What `<` and `>` choose among in a front end's own rows of sockets.
constexpr std::string_view kSocketSort[] = {"protocol",   "state",        "rqueue",    "wqueue",
                                            "local_address", "local_port", "peer_address", "peer_port"};

std::string first_line(std::string_view text) { return std::string(text.substr(0, text.find('\n'))); }

/// "2s", "0.5s"
std::string seconds(std::int64_t ns) {
  constexpr std::int64_t kTenth = kSecond / 10;
  const std::int64_t tenths = (ns + kTenth / 2) / kTenth;
  return tenths % 10 == 0 ? fmt::format("{}s", tenths / 10) : fmt::format("{}.{}s", tenths / 10, tenths % 10);
}

}  // namespace

WatchSession::WatchSession(Environment& env, const ViewRequest& request, const RepeatedListing& listing)
    : env_(env), request_(request), listing_(listing),
      interval_ns_(ViewPlan(env, request, listing.columns).interval_ns) {}

int WatchSession::run() {
  env_.out.flush();
  {
    WatchTerminal terminal(STDIN_FILENO, STDOUT_FILENO);
    next_ns_ = env_.clock.now_ns();
    while (loop(terminal)) {}
  }
  if (!messages_.text.empty()) env_.err.lines(messages_.text);
  return status_;
}

/// One pass if it is due, the screen, and what happens until the next. False: the end.
bool WatchSession::loop(WatchTerminal& terminal) {
  size_ = terminal.size();
  const std::int64_t now = env_.clock.now_ns();
  if (pass_due_ || (!paused_ && now >= next_ns_)) {
    make_pass();
    pass_due_ = false;
    next_ns_ = std::max(next_ns_ + interval_ns_, env_.clock.now_ns());
    if (page_ == Page::details) open_details();
    // Nothing can be listed: the messages say why.
    if (passes_ == 1 && status_ != 0 && text_.text.empty()) return false;
  }
  draw(terminal);
  switch (wait(terminal)) {
    case WatchTerminal::Event::timeout: return true;
    case WatchTerminal::Event::keys: return take_keys();
    case WatchTerminal::Event::redraw:
      shown_.clear();
      // The listing fits the width.
      if (terminal.size().columns != size_.columns) listing_changed();
      return true;
    case WatchTerminal::Event::end: return false;
  }
  return false;
}

/// Until the next pass, or until something else happens. Connections that end meanwhile are noted. While it is paused
/// they are not: then too many may be lost, which the status line says.
WatchTerminal::Event WatchSession::wait(WatchTerminal& terminal) {
  constexpr std::int64_t kPaused = 60 * kSecond;
  EndedConnections* const ended = paused_ ? nullptr : ended_.get();
  const std::int64_t until = paused_ ? env_.clock.now_ns() + kPaused : next_ns_;
  WatchTerminal::Event event{};
  do {
    if (ended != nullptr) ended->drain();
    event = terminal.wait(until - env_.clock.now_ns(), input_, ended != nullptr ? ended->fd() : -1);
  } while (event == WatchTerminal::Event::timeout && env_.clock.now_ns() < until);
  return event;
}

void WatchSession::make_pass() {
  text_.text.clear();
  messages_.text.clear();
  keys_.clear();
  TerminalSink out_sink(text_), err_sink(messages_);
  {
    Output out(out_sink);
    Diagnostics err(err_sink, nullptr, false);
    ViewPlan plan(env_, request_, listing_.columns);
    plan.pass.keys = &keys_;
    if (request_.rate) {
      if (!ended_) ended_ = ended_for(env_, request_, rates_);
      if (ended_) ended_->drain();
      rates_.begin_look(env_.clock.now_ns());
      plan.pass.rates = &rates_;
    }
    pass_wall_ns_ = wall_time_ns(env_);
    const int width = static_cast<int>(size_.columns - std::min(size_.columns - 1, kScreenMargin));
    status_ = list_into(env_, out, err, width, plan, listing_);
  }
  ++passes_;
  rows_.add_pass(text_.text, keys_);
  if (chosen_) follow_row(rows_, *chosen_, differences_, place_);
}

ScreenForm WatchSession::form() const {
  return {size_.columns, size_.lines, env_.variables.get("NO_COLOR").value_or("").empty(), differences_};
}

std::string WatchSession::status_line() const {
  const WatchedRows::Counts& counts = rows_.counts();
  const std::string time = time_text(pass_wall_ns_);
  constexpr std::size_t kClock = 11, kClockSize = 8;  // of "2026-01-02T03:04:05.000000Z"
  std::string line = fmt::format("every {}  {} UTC  {} rows  +{} -{} *{}", seconds(interval_ns_),
                                 time.substr(kClock, kClockSize), counts.rows, counts.added, counts.gone,
                                 counts.changed);
  if (paused_) line += "  paused";
  if (!differences_) line += "  no marks";
  if (request_.rate && (!ended_ || !ended_->problem().empty())) line += "  short connections not counted";
  if (request_.sort) line += "  sort " + *request_.sort;
  if (request_.where) line += "  where " + *request_.where;
  std::string scratch;
  return std::string(without_controls(line, scratch));
}

std::string WatchSession::bottom_line() const {
  if (prompt_) {
    // The end of a long expression is shown, where it grows.
    std::string line = notice_.empty() ? "where: " : notice_ + "  where: ";
    const std::size_t room = size_.columns > 2 ? size_.columns - 2 : 1;
    std::string_view shown = *prompt_;
    if (display_width(line) + 8 > room) line = std::string(beginning_of_width(line, room / 2)) + "... ";
    while (display_width(line) + display_width(shown) > room && !shown.empty())
      shown.remove_prefix(first_sequence(shown).size());
    return line + std::string(shown) + "_";
  }
  if (!notice_.empty()) return notice_;
  if (page_ == Page::help) return "any key: back";
  if (page_ == Page::details) return "Enter: back   j k: scroll   q: end";
  if (!messages_.text.empty()) return first_line(messages_.text);
  return "q end   ? help   / filter   < > S sort   p pause   r rates";
}

void WatchSession::draw(WatchTerminal& terminal) {
  Screen screen = page_ == Page::rows
                      ? draw_rows(rows_, place_, form(), status_line(), bottom_line())
                      : draw_text(page_lines_, page_top_, form(), status_line(), bottom_line());
  const WatchedRows::Row* const row = chosen_row(rows_, place_, differences_);
  if (row != nullptr && place_.cursor != 0) chosen_ = row->key;
  terminal.write(shown_.size() == screen.size() ? screen_changes(shown_, screen)
                                                : "\x1b[H\x1b[2J" + screen_changes({}, screen));
  shown_ = std::move(screen);
}

/// False: the end was asked for.
bool WatchSession::take_keys() {
  std::string_view rest = input_;
  bool goes_on = true;
  while (!rest.empty() && goes_on) {
    const KeyPress press = take_key(rest);
    if (prompt_) {
      take_prompt(press);
      continue;
    }
    notice_.clear();
    const WatchAction action = action_of(press);
    if (page_ == Page::help) page_ = Page::rows;
    else if (action == WatchAction::quit) goes_on = false;
    else if (page_ == Page::details && press.key == Key::escape) page_ = Page::rows;
    else act(action);
  }
  input_.clear();
  return goes_on;
}

void WatchSession::take_prompt(const KeyPress& press) {
  switch (press.key) {
    case Key::character: prompt_->append(press.text); break;
    case Key::erase_line: prompt_->clear(); break;
    case Key::backspace:
      while (!prompt_->empty() && continues_sequence(prompt_->back())) prompt_->pop_back();
      if (!prompt_->empty()) prompt_->pop_back();
      break;
    case Key::escape: prompt_.reset(), notice_.clear(); break;
    case Key::enter: end_prompt(); break;
    default: break;
  }
}

/// On a mistake, the prompt stays open and shows a message.
void WatchSession::end_prompt() {
  ViewRequest request = request_;
  if (prompt_->empty()) request.where.reset();
  else request.where = *prompt_;
  if (change(request)) prompt_.reset();
}

/// Takes another request for the next pass. False: it is wrong, and the notice says why.
bool WatchSession::change(const ViewRequest& request) {
  try {
    if (request.rate) require_bytes(env_, listing_.via);
    const ViewPlan plan(env_, request, listing_.columns);
  } catch (const UsageError& error) {
    std::string scratch;
    notice_ = without_controls(first_line(error.what()), scratch);
    return false;
  }
  notice_.clear();
  request_ = request;
  listing_changed();
  return true;
}

void WatchSession::listing_changed() {
  rows_.forget();
  pass_due_ = true;
}

void WatchSession::act(WatchAction action) {
  ViewRequest request = request_;
  switch (action) {
    case WatchAction::help: page_ = Page::help, page_lines_ = watch_help(), page_top_ = 0; break;
    case WatchAction::details:
      page_top_ = 0;
      page_ == Page::details ? void(page_ = Page::rows) : open_details();
      break;
    case WatchAction::sort_before: choose_sort(-1, false); break;
    case WatchAction::sort_next: choose_sort(1, false); break;
    case WatchAction::reverse: choose_sort(0, true); break;
    case WatchAction::pause: paused_ = !paused_, next_ns_ = env_.clock.now_ns(); break;
    case WatchAction::rates:
      request.rate = !request.rate;
      if (&listing_.columns != &socket_columns()) notice_ = "rates: only connections have bytes";
      else if (change(request)) rates_.clear(), ended_.reset();
      break;
    case WatchAction::differences: differences_ = !differences_; break;
    case WatchAction::faster: change_interval(false); break;
    case WatchAction::slower: change_interval(true); break;
    case WatchAction::names: listing_.toggle_names(), listing_changed(); break;
    case WatchAction::filter: prompt_ = request_.where.value_or(""); break;
    default: move(action); break;
  }
}

void WatchSession::move(WatchAction action) {
  std::size_t& at = page_ == Page::rows ? place_.cursor : page_top_;
  const std::size_t page = page_ == Page::rows ? place_.page : std::max<std::size_t>(size_.lines, 4) - 3;
  switch (action) {
    case WatchAction::up: at -= std::min<std::size_t>(at, 1); break;
    case WatchAction::down: ++at; break;
    case WatchAction::page_up: at -= std::min(at, page); break;
    case WatchAction::page_down: at += page; break;
    case WatchAction::first: at = 0; break;
    case WatchAction::last: at = rows_.rows().size() + page_lines_.size(); break;
    default: return;
  }
  chosen_.reset();  // draw() notes the row that is there now
}

void WatchSession::change_interval(bool longer) {
  if (longer) {
    const auto* const next = std::ranges::upper_bound(kIntervals, interval_ns_);
    if (next != std::end(kIntervals)) interval_ns_ = *next;
  } else {
    const auto* const at = std::ranges::lower_bound(kIntervals, interval_ns_);
    if (at != std::begin(kIntervals)) interval_ns_ = at[-1];
  }
  next_ns_ = env_.clock.now_ns() + interval_ns_;
}

/// The columns that `<` and `>` go through: those of the groups, of the table, or of the rows.
std::vector<std::string> WatchSession::sort_words() const {
  ViewRequest request = request_;
  request.sort.reset();
  const ViewPlan plan(env_, request, listing_.columns);
  std::vector<std::string> words;
  if (plan.group_columns) {
    for (const Column& c : plan.group_columns->set().columns) words.emplace_back(c.id);
    return words;
  }
  const bool own = !plan.chosen || plan.adjusts;
  if (own && &listing_.columns == &socket_columns()) words.assign(std::begin(kSocketSort), std::end(kSocketSort));
  else if (own)
    for (const Column& c : listing_.columns.columns) words.emplace_back(c.id);
  for (const Column* c : plan.columns) words.emplace_back(c->id);
  return words;
}

void WatchSession::choose_sort(int step, bool reverse) {
  if (request_.count) return void(notice_ = "a count has no order");
  const std::vector<std::string> words = sort_words();
  if (words.empty()) return;
  if (step == 0 && sort_column_.empty() && request_.sort && request_.sort->find(',') == std::string::npos) {
    sort_reversed_ = request_.sort->starts_with('-');
    sort_column_ = request_.sort->substr(sort_reversed_ ? 1 : 0);
  }
  const auto at = std::ranges::find(words, sort_column_);
  const auto size = static_cast<std::ptrdiff_t>(words.size());
  if (step != 0) {
    const std::ptrdiff_t from = at != words.end() ? at - words.begin() : step > 0 ? -1 : size;
    const std::ptrdiff_t index = (from + step + size) % size;
    sort_column_ = words[static_cast<std::size_t>(index)];
  } else if (sort_column_.empty()) {
    sort_column_ = words.front();
  }
  if (reverse) sort_reversed_ = !sort_reversed_;
  ViewRequest request = request_;
  request.sort = (sort_reversed_ ? "-" : "") + sort_column_;
  change(request);
}

/// Columns that only the files of /proc have would change the source, and sockets have no cookie there.
bool WatchSession::is_of_files(const Column& c) const {
  const bool files = listing_.via == Via::procfs || env_.proc.given();
  return !files && (c.views == kViewFile || c.needs.has(Field::tcp_procfs) || c.needs.has(Field::refcount));
}

/// Lists once more, as JSON with all columns, and shows the object of the chosen row.
void WatchSession::open_details() {
  const WatchedRows::Row* const row = chosen_row(rows_, place_, differences_);
  if (row == nullptr) return;
  if (row->mark == RowMark::gone) return void(notice_ = "this row is gone");
  ViewRequest request = request_;
  request.json = JsonStyle::lines;
  request.meanings = false;
  // The row is found by its key; a filter over rates would leave it out, because they are not measured here.
  request.where.reset(), request.having.reset(), request.sort.reset(), request.top.reset();
  if (request.count) return void(notice_ = "a count has no fields");
  if (!request.by) {
    std::string all;
    for (const Column& c : listing_.columns.columns)
      if (!is_of_files(c) && c.group() != "rate") all.append(all.empty() ? "" : ",").append(c.id);
    request.columns = all;
    request.rate = false;
  }
  StringSink text, messages;
  RowKeys keys;
  {
    Output out(text);
    Diagnostics err(messages, nullptr, false);
    ViewPlan plan(env_, request, listing_.columns);
    plan.pass.keys = &keys;
    list_into(env_, out, err, 0, plan, listing_);
  }
  const std::optional<std::string_view> line = line_of(text.text, keys, row->key);
  if (!line) return void(notice_ = page_ == Page::details ? "this row is gone" : "this row has no other fields");
  page_ = Page::details;
  page_lines_ = fields_of_json(*line);
}

}  // namespace duostat
