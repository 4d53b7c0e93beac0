// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/collect/backends.h"

#include <algorithm>

#include "src/collect/environment.h"
#include "src/diag/diag_backend.h"
#include "src/procfs/procfs_backend.h"

namespace duostat {
namespace {

constexpr std::string_view kAutomatic = "auto";

constexpr BackendRow kBackends[] = {
    {Via::netlink, "netlink",
     [](const Environment& env) -> std::unique_ptr<Backend> {
       return std::make_unique<DiagBackend>(env.open_transport);
     },
     DiagBackend::knows, 1500, true},
    {Via::procfs, "procfs",
     [](const Environment& env) -> std::unique_ptr<Backend> { return std::make_unique<ProcfsBackend>(env.proc); },
     ProcfsBackend::knows, 2110, false},
};
static_assert(std::ranges::is_sorted(kBackends, {}, &BackendRow::cost));

}  // namespace

std::span<const BackendRow> backends() { return kBackends; }

const BackendRow& row_of(Via backend) { return *std::ranges::find(kBackends, backend, &BackendRow::via); }

std::optional<Via> via_from(std::string_view word) {
  if (word == kAutomatic) return Via::automatic;
  for (const BackendRow& row : kBackends)
    if (row.word == word) return row.via;
  return std::nullopt;
}

std::string_view word_of(Via via) {
  if (via == Via::automatic) return kAutomatic;
  for (const BackendRow& row : kBackends)
    if (row.via == via) return row.word;
  return {};
}

}  // namespace duostat
