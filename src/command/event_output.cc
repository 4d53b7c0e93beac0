// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/command/event_output.h"

#include <fmt/core.h>

#include <vector>

#include "src/base/escape.h"
#include "src/collect/host.h"
#include "src/insight/rule_parts.h"
#include "src/query/state_words.h"
#include "src/render/record.h"

namespace duostat::command {
namespace {

constexpr std::int64_t kMillisecond = 1'000'000, kSecond = 1'000'000'000;

std::string time_of_day(std::int64_t wall_ns) {
  constexpr std::size_t kAt = sizeof "2026-01-31T" - 1, kLength = sizeof "12:00:00.123456" - 1;
  return time_text(wall_ns).substr(kAt, kLength);
}

std::string place_text(const SocketEvent& e) {
  if (e.family == Family::inet || e.family == Family::inet6) {
    std::string local = endpoint_text(e.local);
    if (e.local.port == 0 && e.remote.port != 0) local.back() = '?';  // connect() has not chosen it yet
    return fmt::format("{:<21} {:<21}", local, endpoint_text(e.remote));
  }
  return e.name.empty() ? fmt::format("inode {}", e.inode) : e.name;
}

std::string states_text(const SocketEvent& e) {
  const bool before = e.previous != State::unknown, after = e.state != State::unknown;
  if (before && after) return fmt::format("{} > {}", state_word(e.previous), state_word(e.state));
  return std::string(before ? state_word(e.previous) : after ? state_word(e.state) : "-");
}

std::string lasted_text(std::int64_t ns) {
  if (ns < kSecond) return fmt::format("{:.3f}ms", static_cast<double>(ns) / kMillisecond);
  return fmt::format("{:.3f}s", static_cast<double>(ns) / kSecond);
}

std::string loss_text(const Loss& lost) {
  std::string text;
  if (lost.events != 0) text = counted(lost.events, "event") + " lost";
  if (lost.unknown != 0)
    text += fmt::format("{}{} lost an unknown number of events", text.empty() ? "" : ", and ",
                        lost.unknown == 1 ? "once" : fmt::format("{} times", lost.unknown));
  return lost.why.empty() ? text : text + ": " + lost.why;
}

void put_loss(Json& json, const Loss& lost) {
  json.member("lost", lost.events);
  json.member("lost_unknown", lost.unknown);
  if (!lost.why.empty()) json.text("reason", lost.why);
}

}  // namespace

EventOutput::EventOutput(Environment& env, bool json) : env_(env), own_netns_(host_of(env).netns) {
  if (json) json_.emplace(env.out);
}

void EventOutput::time(std::int64_t wall_ns) { json_->member("time", std::string_view(time_text(wall_ns))); }

void EventOutput::source(const EventSourceRow& row, Blinds blind, std::optional<std::int64_t> interval_ns) {
  const std::int64_t now = env_.clock.wall_ns();
  if (json_) {
    json_->begin_object();
    json_->member("record", "source");
    time(now);
    json_->member("source", row.word);
    if (interval_ns) json_->member("interval_ms", static_cast<double>(*interval_ns) / kMillisecond);
    json_->key("cannot_see");
    json_->begin_array();
    for (const BlindRow& b : blind_rows())
      if (blind.has(b.blind)) json_->value(b.word);
    json_->end_array();
    json_->end_object();
    json_->end_line();
    return;
  }
  std::string unseen;
  for (const BlindRow& b : blind_rows())
    if (blind.has(b.blind)) unseen.append(unseen.empty() ? "" : ", ").append(b.words);
  env_.out.append(fmt::format("# {} UTC, source {}: {}{}; cannot see: {}\n", time_text(now).substr(0, 10), row.word,
                              row.description, interval_ns ? " every " + lasted_text(*interval_ns) : "", unseen));
}

void EventOutput::event(const SocketEvent& event) {
  ++events_;
  if (!json_) return text(event);
  json_->begin_object();
  json_->member("record", "event");
  time(event.wall_ns);
  static const std::vector<const Column*> kColumns = [] {
    std::vector<const Column*> columns;
    for (const Column& c : record_column_set<SocketEvent>().columns) columns.push_back(&c);
    return columns;
  }();
  put_members(*json_, kColumns, RecordOf<SocketEvent>(event));
  json_->end_object();
  json_->end_line();
}

void EventOutput::text(const SocketEvent& e) {
  std::string line = fmt::format("{} {:<5} {:<4} {:<24} {}", time_of_day(e.wall_ns), word_of(e.kind),
                                 row_of(e.protocol).id, states_text(e), place_text(e));
  if (e.lasted_ns) line += " lasted:" + lasted_text(*e.lasted_ns);
  if (e.sent) line += fmt::format(" sent:{}", *e.sent);
  if (e.received) line += fmt::format(" received:{}", *e.received);
  if (e.pid != 0) line += fmt::format(" {}({})", e.process.empty() ? "pid" : e.process, e.pid);
  if (e.netns && *e.netns != own_netns_)
    line += *e.netns == SocketEvent::kUnknownNamespace ? " netns:?" : fmt::format(" netns:{}", *e.netns);
  line.erase(line.find_last_not_of(' ') + 1);
  std::string scratch;
  env_.out.append(without_controls(line, scratch));
  env_.out.append('\n');
}

void EventOutput::lost(const Loss& now) {
  if (now == told_) return;
  const Loss more{now.events - told_.events, now.unknown - told_.unknown, now.why};
  told_ = now;
  if (!more.any()) return;
  const std::int64_t wall = env_.clock.wall_ns();
  if (!json_) {
    std::string scratch;
    env_.out.append(fmt::format("{} lost  {}\n", time_of_day(wall), without_controls(loss_text(more), scratch)));
    return;
  }
  json_->begin_object();
  json_->member("record", "lost");
  time(wall);
  put_loss(*json_, more);
  json_->end_object();
  json_->end_line();
}

void EventOutput::end(const Loss& lost, std::uint64_t late, const std::string& account) {
  if (json_) {
    json_->begin_object();
    json_->member("record", "end");
    time(env_.clock.wall_ns());
    json_->member("events", events_);
    put_loss(*json_, lost);
    json_->member("out_of_order", late);
    json_->member("complete", !lost.any());
    if (!account.empty()) json_->member("account", std::string_view(account));
    json_->end_object();
    json_->end_line();
    return;
  }
  std::string text = counted(events_, "event");
  if (late != 0) text += fmt::format(", {} out of order", late);
  if (lost.any()) text += "; " + loss_text(lost);
  if (!account.empty()) text += "; " + account;
  std::string scratch;
  env_.out.append(fmt::format("# {}\n", without_controls(text, scratch)));
}

}  // namespace duostat::command
