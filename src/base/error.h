// The three exception types. run_guarded() (compat/frontend.h) catches them; the front end chooses the exit status and
// may reword a UsageError in the legacy tool's words.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace duostat {

/// Exit status for a mistake in options of ours, in every front end and command.
inline constexpr int kUsageStatus = 2;

/// The command line or an environment variable requests something that does not exist, or options that conflict. what()
/// is the whole line to print, without the program's name.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
  /// `status` overrides the front end's own exit status: kUsageStatus for mistakes in our own options.
  UsageError(const std::string& text, int status) : std::runtime_error(text), status_(status) {}
  /// 0: use the front end's own.
  int status() const noexcept { return status_; }

 private:
  int status_ = 0;
};

/// A system call failed and the operation cannot continue. what() reads "OPERATION OBJECT: strerror(code)".
class SystemError : public std::runtime_error {
 public:
  SystemError(std::string_view operation, std::string_view object, int code);
  int code() const noexcept { return code_; }

 private:
  int code_;
};

/// A file or message lacks the form that reading it requires. (A single malformed row is not an error: it is counted in
/// Coverage, and reading continues.) what() reads "SOURCE:LINE: ITEM"; line 0 omits the number.
class FormatError : public std::runtime_error {
 public:
  FormatError(std::string_view source, unsigned long line, std::string_view item);
};

/// strerror(3) without a shared buffer, in the C locale.
std::string error_text(int code);

}  // namespace duostat
