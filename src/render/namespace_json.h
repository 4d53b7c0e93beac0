// A network namespace as a JSON object.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "src/model/network_namespace.h"
#include "src/render/json.h"

namespace duostat {

/// Writes {"label": "blue", "inode": 4026532281, "name": "blue", "runtime": "docker", "container": "3f2a94c0b1de",
/// "pod": "aa11-22", "pid": 812, "process": "nginx"}. Leaves out what is unknown or what the namespace lacks.
void put_namespace(Json& json, const NetworkNamespace& place);

/// The same as a member "netns", or for one of several recorded hosts a member "host" with its label.
void put_place(Json& json, const NetworkNamespace& place);

}  // namespace duostat
