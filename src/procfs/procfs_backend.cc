// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/procfs/procfs_backend.h"
namespace duostat {
FieldSet ProcfsBackend::knows(Protocol) const { return {}; }
Coverage ProcfsBackend::collect(const Query&, Sink) { return {}; }
std::string_view procfs_file(Protocol, Family) { return {}; }
}
