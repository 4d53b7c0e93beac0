// The columns of findings of `duostat audit`: see src/render/record.h.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <span>
#include <string>
#include <vector>

#include "src/insight/finding.h"
#include "src/render/record.h"

namespace duostat {

template <>
std::span<const RecordColumn<Finding>> record_columns<Finding>();

/// Adds an object for each rule that could not look, or looked in part, to the open array.
void put_not_looked(Json& json, const std::vector<NotLooked>& not_looked);

/// "tcp CLOSE-WAIT 1 0 10.0.0.1:80 10.0.0.2:4711 ino:4711": one line without control characters.
std::string evidence_text(const EvidenceSocket& socket);
}  // namespace duostat
