// --from: shows a recorded host, or several, in place of this one.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/function_ref.h"
#include "src/collect/environment.h"
#include "src/names/map_resolver.h"

namespace duostat {

/// Exit status of ss and netstat for a recorded host that cannot be read.
inline constexpr int kUnreadableHost = 2;

/// An environment whose every seam reads a recorded host.
class RecordedEnvironment {
 public:
  /// `outer` must outlive the object. `err`: for messages; null: that of `outer`.
  RecordedEnvironment(Environment& outer, std::shared_ptr<const Recording> recording, Diagnostics* err = nullptr);
  RecordedEnvironment(const RecordedEnvironment&) = delete;
  RecordedEnvironment& operator=(const RecordedEnvironment&) = delete;

  Environment& get() { return shown_; }

 private:
  Variables variables_;
  ProcDir proc_;
  MapResolver names_;
  Environment shown_;
};

/// Calls `run` with an environment whose every seam reads the host recorded in `file`, and returns its result. If the
/// file cannot be read or is no capture, prints a line on standard error that begins with `named_by`, and returns
/// `unreadable`. Throws UsageError in a dry run, which plans requests to this host.
int with_recorded_host(Environment& env, const std::string& file, FunctionRef<int(Environment&)> run,
                       int unreadable = kUnreadableHost, std::string_view named_by = "--from");

/// The same for the files and directories of several --from. If they are several hosts (see captures_of() in
/// src/collect/capture_directory.h), `run` gets the environment of this host with `hosts` set. Captures that cannot be
/// read are reported as missing from the listing, or here if there is no other.
int with_recorded_hosts(Environment& env, const std::vector<std::string>& from, FunctionRef<int(Environment&)> run,
                        int unreadable = kUnreadableHost);

/// Throws UsageError with status 2 if several hosts are shown: "WHAT is about one host, and --from names 3INSTEAD".
void require_one_host(const Environment& env, std::string_view what, std::string_view instead = {});

}  // namespace duostat
