// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/collect/each_place.h"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <new>

#include "src/base/error.h"
#include "src/base/escape.h"
#include "src/collect/each_host.h"
#include "src/collect/each_namespace.h"

namespace duostat {
namespace {

std::string cell_of(std::string_view label) {
  std::string scratch;
  std::string cell(without_controls(label, scratch));
  std::ranges::replace(cell, ' ', '.');
  return cell.empty() ? "?" : cell;
}

}  // namespace

int EachPlace::LabelledErrors::write(std::string_view bytes) noexcept {
  try {
    places_.outer_.err.raw(std::string(places_.cell()).append(": ").append(bytes));
  } catch (const std::bad_alloc&) {
    return ENOMEM;
  }
  return 0;
}

void EachPlace::add(NetworkNamespace place) {
  cells_.push_back(cell_of(place.label));
  widest_ = std::max(widest_, cells_.back().size());
  list_.push_back(std::move(place));
}

void EachPlace::lose(std::string object, std::string error) {
  ++lost_;
  problems_.push_back({std::move(object), std::move(error)});
}

std::string EachPlace::problem_line(std::string_view program) const {
  if (problems_.empty()) return {};
  constexpr std::size_t kNamed = 5;
  std::string text = fmt::format("{}: incomplete: ", program);
  if (lost_ != 0)
    text += fmt::format("{} of {} {} could not be looked at: ", lost_, list_.size() + unlisted_, words().many);
  for (std::size_t i = 0; i < std::min(problems_.size(), kNamed); ++i)
    text += fmt::format("{}{}: {}", i == 0 ? "" : "; ", problems_[i].object, problems_[i].error);
  if (problems_.size() > kNamed) text += fmt::format("; and {} more", problems_.size() - kNamed);
  return text;
}

std::string EachPlace::files_text(ProtocolSet, bool& lacks) const {
  lacks = false;
  return {};
}

std::unique_ptr<EachPlace> places_of(Environment& env, bool all_netns) {
  if (env.hosts != nullptr && all_netns)
    throw UsageError("--all-netns: a recorded host has only the network namespace that was recorded", kUsageStatus);
  if (env.hosts != nullptr) return std::make_unique<EachHost>(env);
  if (all_netns) return std::make_unique<EachNamespace>(env);
  return nullptr;
}

void print_times(Environment& env, std::string_view program, const EachPlace& places, bool rows) {
  const std::string text = places.times_text();
  if (text.empty()) return;
  if (rows)
    env.out.append(text + "\n");
  else
    env.err.line(fmt::format("{}: {}", program, text));
}

}  // namespace duostat
