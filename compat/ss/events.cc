// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/ss/events.h"

#include <fmt/core.h>

#include <cerrno>

#include "compat/ss/details.h"
#include "compat/ss/row.h"
#include "src/base/error.h"
#include "src/diag/events.h"
#include "src/query/eval.h"

namespace duostat::ss {
namespace {

constexpr int kFailed = 255;

void show(View& view, std::span<const Detail> details, const Socket& socket) {
  inet_cells(view, socket);
  for (const Detail& detail : details) {
    view.layout.go(detail.column);
    detail.print(view, socket);
  }
  view.layout.go(Column::extra);
}

}  // namespace

int follow_events(View& view, Via via, const Expr* filter) {
  Environment& env = view.env;
  if (via == Via::procfs) {
    env.err.line("ss: procfs knows nothing of events");
    return 1;
  }
  if (!DestroyedSockets::can_follow(view.request.tables, view.request.families)) return kFailed;
  DestroyedSockets destroyed;
  if (const int error = destroyed.open(env.open_transport, view.request.tables, view.request.families)) {
    env.err.line(fmt::format("Cannot open netlink socket: {}", error_text(error)));
    return kFailed;
  }
  FieldSet needs = view.sockets.needs(view.request.tables);
  const std::vector<Detail> details = chosen(inet_details(), view.request, needs);
  const EvalContext context{view.labels.ephemeral()};
  if (view.request.header && !view.sockets.replaces()) view.layout.header();

  const auto take = [&](std::span<const Socket> sockets) {
    for (const Socket& socket : sockets) {
      // quirk: kill-events with -K as well the original asks for the death of the dead, in vain, and shows none.
      const bool shown = !view.request.kill && (filter == nullptr || matches(*filter, socket, context));
      if (shown && view.sockets.wants(socket) && view.sockets.take(socket)) show(view, details, socket);
      if (!view.sockets.replaces()) view.layout.render_event();  // the titles come with the first event, be it shown or not
      if (env.out.flush() != 0) return false;
    }
    return true;
  };
  for (;;) {
    switch (const int error = destroyed.next(take)) {
      case 0: break;
      case ECANCELED: return 0;  // main says what is wrong with the output
      default:
        // Also where some were lost for want of room (ENOBUFS), although more could be read.
        env.err.line(fmt::format("netlink receive error {} ({})", error_text(error), error));
        return kFailed;
    }
  }
}

}  // namespace duostat::ss
