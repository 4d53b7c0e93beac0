// Declares the attributes of sock_diag about BPF socket storage (kernel: include/uapi/linux/sock_diag.h).
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>

namespace duostat::uapi {

enum : std::uint16_t {
  kStorageRequestMap = 1,  // SK_DIAG_BPF_STORAGE_REQ_MAP_FD, in INET_DIAG_REQ_SK_BPF_STORAGES
  kStorage = 1,            // SK_DIAG_BPF_STORAGE, in INET_DIAG_SK_BPF_STORAGES
  kStorageMapId = 2,       // SK_DIAG_BPF_STORAGE_MAP_ID
  kStorageValue = 3,       // SK_DIAG_BPF_STORAGE_MAP_VALUE
};

}  // namespace duostat::uapi
