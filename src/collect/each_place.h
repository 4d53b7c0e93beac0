// Runs a listing once in each place: each network namespace (--all-netns), or each recorded host (several --from).
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/function_ref.h"
#include "src/collect/collect.h"
#include "src/collect/environment.h"
#include "src/model/network_namespace.h"

namespace duostat {

class EachPlace : public ListedNamespace {
 public:
  using Pass = FunctionRef<void(Environment& inside, Via via)>;

  virtual PlaceKind kind() const = 0;
  const PlaceWords& words() const { return words_of(kind()); }
  /// Processes, names and control groups are of the place; otherwise they are this host's, and read once.
  bool per_host() const { return kind() == PlaceKind::host; }
  /// For the code that prints rows: the names of interfaces are those of the shown place.
  virtual Environment& env() = 0;

  /// Calls `pass` once for each place with the environment inside and the backend to pass to collect(). Messages on
  /// standard error begin with the place's label. May be called again: a place that could not be looked at the first
  /// time is left out. `files_suffice`: what is listed is in /proc/PID/net too.
  void run(Via via, Pass pass, bool files_suffice = true) { run_each(via, pass, files_suffice); }

  /// The place whose rows are being read or shown.
  const NetworkNamespace& get() const override { return list_[place_]; }
  std::size_t place() const { return place_; }
  std::size_t count() const { return list_.size(); }
  /// Rows of this place are shown next.
  virtual void show(std::size_t place) { place_ = place; }
  /// The label of the shown place as a cell: control characters and blanks are dots.
  std::string_view cell() const { return cells_[place_]; }
  std::size_t widest_cell() const { return widest_; }
  /// Rows are shown after the last pass: whatever the environments inside refer to is kept.
  virtual void keep() {}

  struct Problem {
    std::string object, error;
  };
  /// The places that could not be looked at, and those that may exist and were not found. After run().
  const std::vector<Problem>& problems() const { return problems_; }
  /// The problems in one line for standard error; empty if there were none.
  std::string problem_line(std::string_view program) const;
  /// The same about network namespaces that were read by their files only, for want of the right to enter them: "no
  /// permission to enter 2 of 7 network namespaces: they are read from /proc/PID/net". `protocols`: those listed; the
  /// text names what the files lack of them, and `lacks` says whether there is such.
  virtual std::string files_text(ProtocolSet protocols, bool& lacks) const;
  /// How far apart the places were recorded; empty for places of this host.
  virtual std::string times_text() const { return {}; }

 protected:
  explicit EachPlace(Environment& env) : outer_(env), labelled_(*this), err_(labelled_, nullptr, false) {}

  virtual void run_each(Via via, Pass pass, bool files_suffice) = 0;
  void add(NetworkNamespace place);
  void lose(std::string object, std::string error);

  class LabelledErrors final : public ByteSink {
   public:
    explicit LabelledErrors(EachPlace& places) : places_(places) {}
    int write(std::string_view bytes) noexcept override;

   private:
    EachPlace& places_;
  };

  Environment& outer_;
  LabelledErrors labelled_;
  Diagnostics err_;  ///< of the environments inside
  std::vector<NetworkNamespace> list_;
  std::vector<std::string> cells_;
  std::vector<Problem> problems_;
  std::size_t place_ = 0, widest_ = 0, lost_ = 0;
  std::size_t unlisted_ = 0;  ///< of the lost ones, those that are not in list_
};

/// True if the listing is about several places.
inline bool lists_places(const Environment& env, bool all_netns) { return all_netns || env.hosts != nullptr; }
/// The places of the listing: those of env.hosts, else with `all_netns` the network namespaces of this host; null: it
/// is about one. Throws UsageError with status 2. `env` must outlive the result.
std::unique_ptr<EachPlace> places_of(Environment& env, bool all_netns);
/// What they will be.
inline PlaceKind place_kind(const Environment& env) {
  return env.hosts != nullptr ? PlaceKind::host : PlaceKind::network_namespace;
}

/// Prints how far apart recorded hosts were recorded: as the first line of the output if `rows`, else on standard
/// error. Prints nothing about places of this host.
void print_times(Environment& env, std::string_view program, const EachPlace& places, bool rows);

}  // namespace duostat
