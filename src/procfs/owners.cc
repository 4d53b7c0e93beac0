// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/procfs/owners.h"
namespace duostat {
struct OwnerIndex::Table { OwnerCoverage coverage; };
OwnerIndex::OwnerIndex() : table_(std::make_unique<Table>()) {}
OwnerIndex::OwnerIndex(OwnerIndex&&) noexcept = default;
OwnerIndex& OwnerIndex::operator=(OwnerIndex&&) noexcept = default;
OwnerIndex::~OwnerIndex() = default;
OwnerIndex OwnerIndex::scan(const ProcDir&, const OwnerRequest&) { return {}; }
void OwnerIndex::each(std::uint64_t, FunctionRef<bool(const Owner&)>) const {}
Owner OwnerIndex::first(std::uint64_t) const { return {}; }
const OwnerCoverage& OwnerIndex::coverage() const noexcept { return table_->coverage; }
}
