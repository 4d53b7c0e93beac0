// A copied /proc whose TCP sockets come and go while a command looks at it.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "tests/base/scratch.h"
#include "tests/collect/fake_world.h"

namespace duostat::test {

/// A line of net/tcp. The local address and the state are in the kernel's hexadecimal: 0100007F:1F90 is 127.0.0.1:8080.
inline std::string tcp_row(std::string_view local, std::string_view state, int inode = 4711) {
  return "   0: " + std::string(local) + " 0100007F:2000 " + std::string(state) +
         " 00000000:00000000 00:00000000 00000000  1000        0 " + std::to_string(inode) +
         " 1 0000000000000000 100 0 0 10 0\n";
}

/// Established, of 127.0.0.1:8080.
inline const std::string kConnection = tcp_row("0100007F:1F90", "01");

/// Time passes while the command sleeps; `at` has what happens then.
struct ChangingProc {
  Scratch tree;
  std::map<std::int64_t, std::function<void()>> at{};  ///< milliseconds

  explicit ChangingProc(std::string tcp = "") { set(std::move(tcp)); }
  void set(std::string rows) {
    constexpr std::string_view kHeading =
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
    tree.write("net/tcp", std::string(kHeading) + rows);
  }
  void follow(FakeClock& clock) {
    clock.passes = true;
    clock.during_sleep = [this](std::int64_t now) {
      while (!at.empty() && at.begin()->first * 1'000'000 <= now) {
        at.begin()->second();
        at.erase(at.begin());
      }
    };
  }
};

}  // namespace duostat::test
