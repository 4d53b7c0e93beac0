// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/diag/transport.h"
namespace duostat {
std::unique_ptr<Transport> open_netlink(int, int& error) { return error = 38, nullptr; }
}
