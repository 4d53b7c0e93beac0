// The forms of `duostat report`: a screen, JSON, a page.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <span>
#include <string>

#include "src/base/output.h"
#include "src/command/report_data.h"

namespace duostat::command {

/// A screen of at most the terminal's width, 80 columns on a pipe.
void print_report(Environment& env, const ReportData& data);

/// A self-contained page. Several reports are those of the network namespaces of one host, or of several hosts.
/// `times`: when these were recorded; may be empty. `lacks`: what all of them lack.
void write_report_html(Environment& env, Output& out, std::span<const ReportData> reports, std::string_view times,
                       std::span<const std::string> lacks);

// Words that both have.

/// "512 MB sent", or "-" if no connection of the total was measured.
std::string sent_text(const Total& total);
std::string received_text(const Total& total);
/// Retransmitted bytes as a share of those sent: "0.3 %".
std::string retransmitted_text(const Total& total);
/// "2 critical, 1 warning, 3 notes", or "nothing found".
std::string findings_text(const ReportData& data);
/// The line about connections and listeners whose owner is not visible; empty if there are none.
std::string hidden_text(const ReportData& data);
/// How many connections have both ends on this host, so that each is two sockets; empty: none.
std::string loopback_text(const ReportData& data);
/// "web1, Linux 6.18.0 x86_64, up 11 h".
std::string host_text(const ReportData& data);

}  // namespace duostat::command
