// Runs a listing once in each network namespace: --all-netns.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/function_ref.h"
#include "src/collect/collect.h"
#include "src/collect/environment.h"
#include "src/collect/namespaces.h"

namespace duostat {

/// Names of interfaces by the namespace that is shown; all other names are those of another resolver.
class NamespaceNames final : public Resolver {
 public:
  explicit NamespaceNames(Resolver& names) : names_(names) {}

  using Interfaces = std::map<std::uint32_t, std::string>;
  /// `interfaces` must live until the next call. Null: those of the other resolver.
  void show(const Interfaces* interfaces) { interfaces_ = interfaces; }

  std::string_view service(std::uint16_t port, ServiceProtocol p) override { return names_.service(port, p); }
  std::string_view service_last(std::uint16_t port, ServiceProtocol p) override { return names_.service_last(port, p); }
  std::string_view ip_protocol(std::uint32_t number) override { return names_.ip_protocol(number); }
  std::string_view host(Family family, const Address& address) override { return names_.host(family, address); }
  std::string_view network(const Address& address) override { return names_.network(address); }
  std::string_view user(std::uint32_t uid) override { return names_.user(uid); }
  std::string_view interface(std::uint32_t ifindex) override;
  std::uint32_t interface_index(std::string_view name) override;

 private:
  Resolver& names_;
  const Interfaces* interfaces_ = nullptr;
};

class EachNamespace final : public ListedNamespace {
 public:
  /// Finds the namespaces of this host and names them. Throws UsageError with status 2 in secure execution, and for a
  /// host whose files are not those of this kernel (--from, PROC_ROOT, PROC_NET_*, TCPDIAG_FILE). `env` must outlive
  /// the object.
  explicit EachNamespace(Environment& env);

  /// For the code that prints rows: the names of interfaces are those of the shown namespace.
  Environment& env() { return shown_; }

  /// Calls `pass` once for each namespace, the caller's first, with the environment inside and the backend to pass to
  /// collect(). Messages on standard error begin with the namespace's label. May be called again: a namespace that
  /// could not be looked at the first time is left out. `files_suffice`: what is listed is in /proc/PID/net too.
  void run(Via via, FunctionRef<void(Environment& inside, Via via)> pass, bool files_suffice = true);

  /// The namespace whose rows are being read or shown.
  const NetworkNamespace& get() const override { return found_.list[place_]; }
  std::size_t place() const { return place_; }
  /// Rows of this namespace are shown next.
  void show(std::size_t place);
  /// The label of the shown namespace as a cell: control characters and blanks are dots.
  std::string_view cell() const { return cells_[place_]; }
  std::size_t widest_cell() const { return widest_; }

  struct Problem {
    std::string object, error;
  };
  /// The namespaces that could not be looked at, and those that may exist and were not found. After run().
  const std::vector<Problem>& problems() const { return problems_; }
  /// The problems in one line for standard error; empty if there were none.
  std::string problem_line(std::string_view program) const;
  /// The same about namespaces that were read by their files only, for want of the right to enter them: "no permission
  /// to enter 2 of 7 network namespaces: they are read from /proc/PID/net". `protocols`: those listed; the text names
  /// what the files lack of them, and `lacks` says whether there is such.
  std::string files_text(ProtocolSet protocols, bool& lacks) const;

 private:
  class LabelledErrors final : public ByteSink {
   public:
    explicit LabelledErrors(EachNamespace& places) : places_(places) {}
    int write(std::string_view bytes) noexcept override;

   private:
    EachNamespace& places_;
  };
  enum class Outcome : std::uint8_t { none, listed, by_files, ended, lost };

  void look(std::size_t place, Via via, FunctionRef<void(Environment&, Via)> pass, bool files_suffice);
  void lose(std::string error);

  Environment& outer_;
  NamespaceNames names_;
  LabelledErrors labelled_;
  Diagnostics err_;
  Environment shown_, inside_;
  NetworkNamespaces found_;
  std::vector<std::string> cells_;
  std::vector<Outcome> outcomes_;
  std::vector<NamespaceNames::Interfaces> interfaces_;
  std::vector<Problem> problems_;
  std::size_t place_ = 0, widest_ = 0, lost_ = 0;
};

}  // namespace duostat
