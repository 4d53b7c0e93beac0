// The programs of the -p column, read when they are needed: of this host, or of each recorded host.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "compat/netstat/options.h"
#include "compat/netstat/programs.h"
#include "src/collect/each_place.h"
#include "src/collect/environment.h"
#include "src/collect/shown_host.h"

namespace duostat::netstat {

/// The programs of the -p column. /proc is scanned when the first list that prints them begins, that of a recorded host
/// when it is entered.
class LazyPrograms {
 public:
  /// `places` may be null.
  LazyPrograms(Environment& env, const Request& request, const EachPlace* places)
      : env_(env), request_(request), places_(places != nullptr && places->per_host() ? places : nullptr) {}
  Programs& get() { return programs_; }
  /// See Programs::whole().
  const OwnerIndex* whole() const { return request_.programs ? programs_.whole() : nullptr; }
  void read() {
    if (request_.programs && places_ == nullptr && !std::exchange(read_, true))
      programs_ = Programs(env_, user_of(env_), request_.context);
  }
  /// The rows that follow are of the place whose environment is `inside`.
  void enter(Environment& inside) {
    if (!request_.programs || places_ == nullptr) return;
    kept_.resize(places_->count());
    follow();
    if (!programs_.read()) programs_ = Programs(inside, user_of(inside), request_.context);
  }
  /// get() has the programs of the place that is shown.
  void follow() {
    if (places_ == nullptr || kept_.empty() || at_ == places_->place()) return;
    if (at_ != kNone) kept_[at_] = std::move(programs_);
    at_ = places_->place();
    programs_ = std::exchange(kept_[at_], {});
  }

 private:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  Environment& env_;
  const Request& request_;
  const EachPlace* places_;  ///< null: the processes are those of this host
  Programs programs_;
  std::vector<Programs> kept_;  ///< by place: those that are not shown
  std::size_t at_ = kNone;      ///< place of programs_
  bool read_ = false;
};

}  // namespace duostat::netstat
