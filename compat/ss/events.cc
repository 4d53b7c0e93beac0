// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/ss/events.h"

#include <fmt/core.h>
#include <poll.h>

#include <cerrno>
#include <optional>

#include "compat/ss/details.h"
#include "compat/ss/row.h"
#include "compat/ss/screen.h"
#include "compat/ss/statuses.h"
#include "src/base/error.h"
#include "src/base/interrupt.h"
#include "src/diag/dump.h"
#include "src/diag/events.h"
#include "src/query/eval.h"

namespace duostat::ss {
namespace {

/// Waits for events. After a signal it returns the events that had already been queued, then ends.
class Wait {
 public:
  /// `at_end`: output remains to be printed after a signal, so the signal must not end the program.
  Wait(int fd, bool at_end) : fd_(fd) {
    if (at_end && fd >= 0) interrupt_.emplace();
  }

  /// False if a signal came and no event is queued.
  bool more() {
    if (!interrupt_) return true;
    for (;;) {
      if (interrupt_->raised()) return left_ != 0 && (--left_, readable(fd_, 0));
      pollfd both[] = {{fd_, POLLIN, 0}, {interrupt_->fd(), POLLIN, 0}};
      if (::poll(both, 2, -1) < 0 && errno != EINTR) return false;
      if (both[1].revents == 0 && both[0].revents != 0) return true;
    }
  }

 private:
  static bool readable(int fd, int timeout_ms) {
    pollfd one{fd, POLLIN, 0};
    return ::poll(&one, 1, timeout_ms) > 0;
  }

  int fd_;
  /// Datagrams still received after a signal; a bound, because events may come faster than they are read.
  int left_ = 4096;
  std::optional<Interrupt> interrupt_;
};

/// Prints events as ss's rows.
class EventRows final : public RowSink {
 public:
  EventRows(View& view, std::span<const Detail> details) : view_(view), details_(details) {}

  void begin() override {
    if (view_.request.header) view_.layout.header();
  }
  void row(const Socket& socket, std::uint32_t) override {
    inet_cells(view_, socket);
    for (const Detail& detail : details_) {
      view_.layout.go(detail.column);
      detail.print(view_, socket);
    }
    view_.layout.go(LayoutColumn::extra);
  }
  RowWords words(const Socket& socket, std::uint32_t) const override { return words_of(view_, socket); }
  void explain(std::string_view line) override { put_explanation(view_, line); }
  /// Without --sort each event was rendered when it came.
  void end() override {
    if (view_.sockets.waits()) view_.layout.finish();
  }

 private:
  View& view_;
  std::span<const Detail> details_;
};

/// Shows what waits for the end. Returns the exit status.
int finish(View& view, Coverage coverage, int error) {
  if (error != 0) {
    // ENOBUFS ends the listing, too: events were lost, although more could be read.
    view.env.err.line(fmt::format("netlink receive error {} ({})", error_text(error), error));
    coverage.error = error;
    coverage.operation = Operation::diag_receive;
    coverage.object = "events";
  }
  SocketView& sockets = view.sockets;
  sockets.note(coverage, "events");
  sockets.end_list();
  sockets.finish();
  return error != 0 && sockets.prints_rows() && !sockets.fails() ? kFailed : sockets.status();
}

}  // namespace

int follow_events(View& view, Via via, const Expr* filter) {
  Environment& env = view.env;
  if (via == Via::procfs) {
    env.err.line("ss: -E: procfs has no events; use --via=netlink");
    return kUsageStatus;
  }
  if (!DestroyedSockets::can_follow(view.request.tables, view.request.families)) return kFailed;
  DestroyedSockets destroyed;
  if (const OpenError error = destroyed.open(env.open_transport, view.request.tables, view.request.families)) {
    env.err.line(fmt::format("{}: {}", words_of(error.step), error_text(error)));
    return kFailed;
  }
  SocketView& sockets = view.sockets;
  FieldSet needs;
  const std::vector<Detail> details = chosen(inet_details(), view.request, needs);
  const EvalContext context{view.labels.ephemeral()};
  EventRows rows(view, details);
  sockets.begin_list(rows);
  const bool rows_at_once = sockets.prints_rows() && !sockets.waits();

  const auto take = [&](std::span<const Socket> batch) {
    for (const Socket& socket : batch) {
      // quirk: kill-events with -K as well the original tries to close the destroyed sockets, fails, and shows none.
      const bool shown = !view.request.kill && (filter == nullptr || matches(*filter, socket, context));
      if (shown) sockets.offer(socket);
      // The titles are printed with the first event, whether it is shown or not.
      if (rows_at_once) {
        view.layout.resize(screen_width(env));
        view.layout.render_event();
      }
      if (env.out.flush() != 0 || sockets.full()) return false;
    }
    return true;
  };
  Wait wait(destroyed.fd(), !rows_at_once);
  int error = 0;
  while (error == 0 && wait.more()) error = destroyed.next(take);
  if (error == ECANCELED) error = 0;  // --top is full, or main reports the write error
  return finish(view, destroyed.coverage(), error);
}

}  // namespace duostat::ss
