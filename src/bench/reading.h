// Conclusions in words, for the reports that people read. Every sentence follows from the result alone.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "src/bench/result.h"

namespace duostat::bench {

/// What one phase adds to the one before it, from the medians of the wall times. Noise can make a small part negative.
struct Part {
  Phase phase;
  double time;
};
/// The parts of one backend's whole, in the order of the measured phases; the first includes all phases before it.
std::vector<Part> parts_of(const Size& size, Via backend);
/// True if the whole took much longer than its processor time: other processes ran meanwhile, and the ratio of
/// processor times says more.
bool is_busy(const Size& size);
/// The name of a part: that of its phase, or "kernel, parsing and model" if the phases below it were not measured.
std::string name_of_part(const std::vector<Part>& parts, std::size_t index);

/// "1.52 ms", three digits.
std::string time_text(double nanoseconds);
/// "1.2 MiB".
std::string bytes_text(double bytes);
/// "12,345".
std::string count_text(std::uint64_t count);
/// "1000", "2.5".
std::string rate_text(double rate);
/// "10,000 connections (20,008 sockets)" or "this host's 123 sockets".
std::string size_text(const Size& size);

/// The sentences in reading order: results, causes, growth, churn, caveats.
std::vector<std::string> reading_of(const Result& result);

}  // namespace duostat::bench
