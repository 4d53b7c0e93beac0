// The terminal of --watch: alternate screen, keys, signals. The terminal is as it was whenever the program stops or
// ends, except by SIGKILL.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <termios.h>

#include <csignal>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "src/base/fd.h"

namespace duostat {

class WatchTerminal {
 public:
  struct Size {
    std::size_t columns = 80, lines = 24;
  };
  enum class Event : std::uint8_t {
    timeout,
    keys,
    redraw,  ///< the terminal was resized, or the program was stopped and continued: nothing of the screen is known
    end,     ///< SIGINT, SIGTERM or SIGHUP, or the terminal is gone
  };

  /// Keys come from `in` if that is a terminal. Throws SystemError.
  WatchTerminal(int in, int out);
  ~WatchTerminal();
  WatchTerminal(const WatchTerminal&) = delete;
  WatchTerminal& operator=(const WatchTerminal&) = delete;

  /// Waits for at most `timeout_ns`; appends typed bytes to `keys`.
  /// Also returns with `timeout` when the descriptor `also` becomes readable; -1: none.
  Event wait(std::int64_t timeout_ns, std::string& keys, int also = -1);
  Size size() const;
  /// False if the terminal is gone.
  bool write(std::string_view bytes) const;

 private:
  void enter();
  void leave() noexcept;
  void suspend();
  Event take_signal();

  int in_, out_;
  bool reads_keys_ = false;
  termios before_{};
  sigset_t mask_before_{};
  Fd signals_;
};

}  // namespace duostat
