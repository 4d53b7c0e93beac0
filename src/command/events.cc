// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/command/events.h"

#include <fmt/core.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "src/base/count.h"
#include "src/base/duration.h"
#include "src/base/error.h"
#include "src/base/interrupt.h"
#include "src/base/nearest.h"
#include "src/collect/follow.h"
#include "src/collect/owners.h"
#include "src/collect/shown_host.h"
#include "src/command/event_output.h"
#include "src/command/scaffold.h"
#include "src/command/socket_choice.h"
#include "src/view/process_holders.h"
#include "src/view/view_request.h"

namespace duostat::command {
namespace events {
namespace {

constexpr std::string_view kTitle = "duostat events";
constexpr std::string_view kAutomatic = "auto";
constexpr int kIncomplete = 1;    ///< exit status: events were lost
constexpr int kCouldNotLook = 3;  ///< exit status
constexpr std::int64_t kForever = std::numeric_limits<std::int64_t>::max();

struct Request {
  SocketWords sockets;
  bool lines = false, processes = false;
  std::optional<std::string> source, duration, top, interval, via, owners;
};

constexpr std::string_view kShown = "What to show", kFollowed = "Which sockets, and how they are followed";
constexpr std::array<Option<Request>, 4> kOwn{{
    {0, "for", "TIME", "end after this time (30, 500ms, 2m; default: at Ctrl-C)",
     keep_value<Request, &Request::duration>, kShown},
    {0, "top", "N", "end after N events", keep_value<Request, &Request::top>, kShown},
    {'j', "json", "[=lines]", "with =lines: print one JSON object per line",
     [](Request& r, std::string_view value) {
       if (value != "lines") throw UsageError("--json: events have no end; write --json=lines", kUsageStatus);
       r.lines = true;
     },
     kShown},
    {'p', "processes", "", "show an owner of each socket; poll then reads /proc at each look",
     [](Request& r, auto) { r.processes = true; }, kShown},
}};
constexpr std::array<Option<Request>, 2> kHow{{
    {0, "source", "SOURCE", "bpf, perf, tracefs, destroy, poll or auto: the best that works (default)",
     keep_value<Request, &Request::source>, kFollowed},
    {0, "interval", "TIME", "of poll: time between two looks (default: 100ms)",
     keep_value<Request, &Request::interval>, kFollowed},
}};
constexpr auto kOptions =
    join_rows(kOwn, where_option<Request>(kShown), kHow, socket_options<Request>(kFollowed),
              via_option<Request>(kFollowed), owners_option<Request>(kFollowed));
static_assert(letters_unique(kOptions));
std::span<const Option<Request>> options() { return kOptions; }

/// --where, over the sockets that a source sees.
class WhereFilter final : public EventFilter {
 public:
  WhereFilter(Environment& env, const std::optional<Where>& where)
      : env_(env), where_(where), cgroups_(cgroups_of(env)) {
    look(none_);
  }
  void look(const OwnerIndex& owners) override {
    holders_ = std::make_unique<ProcessHolders>(env_.proc, owners, where_ ? where_->process() : ProcessFields());
  }
  bool wants(const Socket& socket) override {
    if (!where_) return true;
    ColumnContext context{env_.names, cgroups_, *holders_};
    return where_->matches(context, socket);
  }

 private:
  Environment& env_;
  const std::optional<Where>& where_;
  CgroupPaths cgroups_;
  OwnerIndex none_;
  std::unique_ptr<ProcessHolders> holders_;
};

const EventSourceRow* source_named(const std::optional<std::string>& word) {
  if (!word || *word == kAutomatic) return nullptr;
  std::vector<std::string_view> words{kAutomatic};
  std::string list(kAutomatic);
  for (const EventSourceRow& row : event_sources()) {
    if (row.word == *word) return &row;
    words.push_back(row.word);
    list.append(", ").append(row.word);
  }
  throw UsageError(fmt::format("--source: \"{}\" is none of {}{}", *word, list, did_you_mean(*word, words)),
                   kUsageStatus);
}

/// The state before or after the event decides, or a column about it.
bool asks_states(const SocketChoice& chosen) {
  bool found = chosen.request().states != kAllStates;
  if (chosen.where())
    chosen.where()->each_column([&](const Column* column) { found = found || column->id == "state"; });
  return found;
}

class Follower {
 public:
  Follower(Environment& env, const Request& request, std::span<const std::string> operands)
      : env_(env),
        chosen_(env, request.sockets, operands),
        filter_(env, chosen_.where()),
        named_(source_named(request.source)),
        output_(env, request.lines) {
    follow_.sockets = chosen_.request();
    follow_.filter = &filter_;
    follow_.via = choose_via(request.via, env.variables);
    follow_.owners = request.processes;
    if (request.duration) duration_ = duration_of("--for", *request.duration);
    if (request.top) most_ = count_of("--top", *request.top);
    if (request.interval) follow_.interval_ns = duration_of("--interval", *request.interval);
    if (follow_.interval_ns && *follow_.interval_ns < kLeastInterval)
      throw UsageError("--interval: must be 1ms or more", kUsageStatus);
    choose_owners(env, request.owners);
    if (request.owners && !request.processes && !chosen_.needs_owners())
      throw UsageError("--owners: nothing here asks for owners; -p does, and --where with columns like process",
                       kUsageStatus);
    looks_only_ = request.via.has_value() || request.owners.has_value();
  }

  int run() {
    const std::int64_t begin = env_.clock.now_ns();
    Interrupt interrupt;
    if (!open()) return kCouldNotLook;
    output_.source(*row_, source_->blind(row_->blind), row_->looks ? std::optional(source_->pause_ns()) : std::nullopt);
    env_.out.flush();
    follow(interrupt, duration_ ? begin + *duration_ : kForever);
    const std::string account = source_->account();
    const std::uint64_t late = source_->late();
    const Loss lost = source_->loss();
    source_.reset();  // nothing is left in the kernel while the end is printed
    output_.lost(lost);
    output_.end(lost, late, account);
    return lost.any() ? kIncomplete : 0;
  }

 private:
  static constexpr std::int64_t kLeastInterval = 1'000'000;

  bool open() {
    const bool states = asks_states(chosen_);
    std::string reasons;
    for (const EventSourceRow& row : event_sources()) {
      if (named_ != nullptr && named_ != &row) continue;
      std::string why = unfit(env_, row, follow_, states);
      if (why.empty() && looks_only_ && !row.looks) why = "it has neither --via nor --owners";
      if (!why.empty() && named_ != nullptr)
        throw UsageError(fmt::format("--source={}: {}", row.word, why), kUsageStatus);
      if (why.empty()) {
        source_ = row.open(env_, follow_, why);
        if (source_ != nullptr) return row_ = &row, true;
        why += fmt::format(" (needs {})", row.needs);
      }
      reasons += fmt::format("{}{}: {}", reasons.empty() ? "" : "; ", row.word, why);
    }
    env_.err.line(fmt::format("{}: no source: {}", kTitle, reasons));
    return false;
  }

  void follow(Interrupt& interrupt, std::int64_t end) {
    const std::int64_t wall = env_.clock.wall_ns() - env_.clock.now_ns();
    const auto full = [&] { return output_.events() >= most_; };
    const auto show = [&](SocketEvent&& event) {
      if (full()) return;
      event.wall_ns = event.time_ns + wall;
      output_.event(event);
    };
    if (row_->looks) wait(interrupt, end - env_.clock.now_ns());  // open() has looked
    for (bool more = true; more;) {
      const std::int64_t now = env_.clock.now_ns();
      const bool last = now >= end || interrupt.raised();
      more = source_->read(show) && !last && !full();
      if (!more) source_->finish(show);
      output_.lost(source_->loss());
      if (env_.out.flush() != 0) return;
      if (more) wait(interrupt, end - now);
    }
  }

  /// Until there is something to read, the next look, a signal, or `left`.
  void wait(const Interrupt& interrupt, std::int64_t left) {
    std::int64_t pause = std::min(source_->pause_ns(), left);
    const std::span<const int> fds = source_->descriptors();
    if (fds.empty()) {
      // Signals are blocked and only seen between two slices.
      constexpr std::int64_t kSlice = 100'000'000;
      for (; pause > 0; pause -= kSlice) {
        env_.clock.sleep_ns(std::min(pause, kSlice));
        if (readable(interrupt.fd())) return;
      }
      return;
    }
    std::vector<pollfd> all;
    for (const int fd : fds) all.push_back({fd, POLLIN, 0});
    all.push_back({interrupt.fd(), POLLIN, 0});
    constexpr std::int64_t kMillisecond = 1'000'000, kLongest = 1000;
    const auto ms = std::clamp<std::int64_t>((pause + kMillisecond - 1) / kMillisecond, 0, kLongest);
    if (::poll(all.data(), all.size(), static_cast<int>(ms)) < 0 && errno != EINTR)
      throw SystemError("poll", "events", errno);
  }
  static bool readable(int fd) {
    pollfd one{fd, POLLIN, 0};
    return ::poll(&one, 1, 0) > 0;
  }

  Environment& env_;
  SocketChoice chosen_;
  WhereFilter filter_;
  const EventSourceRow* named_;
  EventOutput output_;
  FollowRequest follow_;
  bool looks_only_ = false;
  std::optional<std::int64_t> duration_;
  std::uint64_t most_ = std::numeric_limits<std::uint64_t>::max();
  const EventSourceRow* row_ = nullptr;
  std::unique_ptr<EventSource> source_;
};

int run(Environment& env, const Request& request, std::span<const std::string> operands) {
  return Follower(env, request, operands).run();
}

}  // namespace
}  // namespace events

constinit const Command kEvents = command_of<events::options, events::run>({
    .title = events::kTitle,
    .summary = "sockets as they appear, change their state and go",
    .description =
        "Prints a line for each socket that appears, changes its state or goes, if the state before or after is\n"
        "STATE and the socket matches the filter of ss, as in: duostat events established 'dport = :443'.\n"
        "The first line says where the events come from and what cannot be seen there.\n"
        "Exit status: 0 complete, 1 events were lost, 2 usage error, 3 no source works here.",
    .operands = {.usage = "[STATE] [FILTER]", .least = 0, .most = std::numeric_limits<std::size_t>::max()},
    .failure_status = events::kCouldNotLook,
});

}  // namespace duostat::command
