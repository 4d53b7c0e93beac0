// What options of ss do to this process before anything is listed. Options only fold into the request; run() takes the
// steps, so that `duostat explain` can report them instead.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>

#include "compat/ss/options.h"
#include "src/collect/environment.h"

namespace duostat::ss {

/// Steps (Step::take). One that fails sets Request::ending.
void enter_netns(Environment& env, Request& request, std::string_view name);        ///< -N
void open_filter_file(Environment& env, Request& request, std::string_view file);  ///< -F
void open_map(Environment& env, Request& request, std::string_view id);            ///< --bpf-map-id
void need_selinux(Environment& env, Request& request, std::string_view);           ///< -Z, -z

/// Takes the request's steps in the order of the command line, until one fails. Its ending replaces that of a later
/// option.
void prepare(Environment& env, Request& request);

}  // namespace duostat::ss
