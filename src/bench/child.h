// A child process for one piece of work: started, waited for or killed, and reaped.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "src/base/interrupt.h"

namespace duostat::bench {

/// A forked process that ends with its parent and, at the latest, with this object.
class Child {
 public:
  Child() noexcept = default;
  /// Whether it leads its own process group, which ends with it.
  enum class Group : std::uint8_t { ours, own };
  /// Forks. The child calls `body` and exits with the status it returns, or 120 if it threw. The child does not write
  /// data that the parent has buffered. Throws SystemError if the fork fails.
  explicit Child(const std::function<int()>& body, Group group = Group::ours);
  Child(Child&& other) noexcept : pid_(std::exchange(other.pid_, -1)), group_(other.group_) {}
  Child& operator=(Child&& other) noexcept;
  ~Child() { end(); }

  pid_t pid() const noexcept { return pid_; }
  explicit operator bool() const noexcept { return pid_ > 0; }
  /// Kills and reaps it, with its group, if it still exists.
  void end() noexcept;
  /// Kills every process of its group, including itself.
  void end_group() const noexcept;
  /// Other code reaped it (wait4 with its usage).
  void forget() noexcept { pid_ = -1; }

 private:
  pid_t pid_ = -1;
  Group group_ = Group::ours;
};

/// Writes all of `bytes` to a pipe; false if it has no reader.
bool write_all(int fd, std::string_view bytes) noexcept;
/// Reads `fd` to its end into `text`. False if a signal came first.
bool read_all(int fd, Interrupt& interrupt, std::string& text);
/// Reads exactly `size` bytes; fewer at the end. False if a signal came first.
bool read_exactly(int fd, Interrupt& interrupt, std::string& text, std::size_t size);
/// A pipe: [0] for reading, [1] for writing. Throws SystemError.
struct Pipe {
  Pipe();
  Fd read, write;
};

/// Runs `body` in a child and returns the text that it returned. nullopt if a signal came first (the child has then
/// ended). Throws SystemError if the child could not be started or failed.
std::optional<std::string> in_child(Interrupt& interrupt, const std::function<std::string()>& body);

}  // namespace duostat::bench
