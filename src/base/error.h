// The three things that may be thrown. main is the only catcher; the front end that was called decides the exit
// status and may reword a UsageError in the words of the tool it stands for.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace duostat {

/// Exit status for a mistake in options of ours, in every front end and command.
inline constexpr int kUsageStatus = 2;

/// The command line or an environment variable asks for something that does not exist or does not go together.
/// what() is the whole line to print, without the program's name.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
  /// `status`: the exit status in place of the front end's own; kUsageStatus for options of ours.
  UsageError(const std::string& text, int status) : std::runtime_error(text), status_(status) {}
  /// 0: the front end's own.
  int status() const noexcept { return status_; }

 private:
  int status_ = 0;
};

/// A system call failed in a way that leaves nothing useful to do.
/// what() reads "OPERATION OBJECT: strerror(code)".
class SystemError : public std::runtime_error {
 public:
  SystemError(std::string_view operation, std::string_view object, int code);
  int code() const noexcept { return code_; }

 private:
  int code_;
};

/// A file or message does not have the form that it must have to be read at all. (A single bad row is not an error:
/// it is counted in Coverage and the rest is read.) what() reads "SOURCE:LINE: ITEM"; line 0 leaves the number out.
class FormatError : public std::runtime_error {
 public:
  FormatError(std::string_view source, unsigned long line, std::string_view item);
};

/// strerror(3) without its shared buffer, in the C locale's words.
std::string error_text(int code);

}  // namespace duostat
