// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/ss/events.h"

#include <fmt/core.h>
#include <poll.h>

#include <cerrno>
#include <optional>

#include "compat/ss/details.h"
#include "compat/ss/row.h"
#include "compat/ss/screen.h"
#include "src/base/error.h"
#include "src/base/interrupt.h"
#include "src/diag/dump.h"
#include "src/diag/events.h"
#include "src/query/eval.h"

namespace duostat::ss {
namespace {

constexpr int kFailed = 255, kUsageStatus = 2;

/// Waits for events. A signal ends the wait, but not before what had happened until then was received.
class Wait {
 public:
  /// `at_end`: something remains to be shown when a signal comes, instead of ending by it.
  Wait(int fd, bool at_end) : fd_(fd) {
    if (at_end && fd >= 0) interrupt_.emplace();
  }

  /// False if a signal has come and no event waits.
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
  int left_ = 4096;  ///< datagrams that are still received after a signal: events may come faster than they are read
  std::optional<Interrupt> interrupt_;
};

void show(View& view, std::span<const Detail> details, const Socket& socket) {
  inet_cells(view, socket);
  for (const Detail& detail : details) {
    view.layout.go(detail.column);
    detail.print(view, socket);
  }
  view.layout.go(LayoutColumn::extra);
}

/// Shows what waited for the end. Returns the exit status.
int finish(View& view, std::span<const Detail> details, Coverage coverage, int error) {
  if (error != 0) {
    // Also where some were lost for want of room (ENOBUFS), although more could be read.
    view.env.err.line(fmt::format("netlink receive error {} ({})", error_text(error), error));
    coverage.error = error;
    coverage.operation = Operation::diag_receive;
    coverage.object = "events";
  }
  SocketView& sockets = view.sockets;
  sockets.note(coverage, "events");
  if (sockets.waits()) {
    sockets.each_waiting([&](const Socket& socket, std::uint32_t) { show(view, details, socket); });
    if (!sockets.replaces()) view.layout.finish();
  }
  sockets.finish();
  return error != 0 && !sockets.replaces() ? kFailed : sockets.status();
}

}  // namespace

int follow_events(View& view, Via via, const Expr* filter) {
  Environment& env = view.env;
  if (via == Via::procfs) {
    env.err.line("ss: procfs knows nothing of events");
    return kUsageStatus;
  }
  if (!DestroyedSockets::can_follow(view.request.tables, view.request.families)) return kFailed;
  DestroyedSockets destroyed;
  if (const OpenError error = destroyed.open(env.open_transport, view.request.tables, view.request.families)) {
    env.err.line(fmt::format("{}: {}", words_of(error.step), error_text(error)));
    return kFailed;
  }
  FieldSet needs = view.sockets.needs(view.request.tables);
  const std::vector<Detail> details = chosen(inet_details(), view.request, needs);
  const EvalContext context{view.labels.ephemeral()};
  if (view.request.header && !view.sockets.replaces()) view.layout.header();

  SocketView& sockets = view.sockets;
  const auto take = [&](std::span<const Socket> batch) {
    for (const Socket& socket : batch) {
      // quirk: kill-events with -K as well the original asks for the death of the dead, in vain, and shows none.
      const bool shown = !view.request.kill && (filter == nullptr || matches(*filter, socket, context));
      if (shown && sockets.wants(socket) && sockets.take(socket)) show(view, details, socket);
      // The titles come with the first event, be it shown or not.
      if (!sockets.replaces() && !sockets.waits()) {
        view.layout.resize(screen_width(env));
        view.layout.render_event();
      }
      if (env.out.flush() != 0 || sockets.full()) return false;
    }
    return true;
  };
  Wait wait(destroyed.fd(), sockets.replaces() || sockets.waits());
  int error = 0;
  while (error == 0 && wait.more()) error = destroyed.next(take);
  if (error == ECANCELED) error = 0;  // --top has all it wants, or main says what is wrong with the output
  return finish(view, details, destroyed.coverage(), error);
}

}  // namespace duostat::ss
