// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/collect/each_host.h"

#include "src/base/callers_rights.h"
#include "src/base/error.h"
#include "src/collect/derived_environment.h"

namespace duostat {

EachHost::EachHost(Environment& env)
    : EachPlace(env), hosts_(*env.hosts), names_(env.names), shown_(derived(env, {.names = &names_})) {
  for (const RecordedHosts::One& host : hosts_.list) {
    NetworkNamespace place;
    place.inode = host.origin.host.netns;
    place.label = host.label;
    place.host = host.origin.host.hostname.empty() ? host.label : host.origin.host.hostname;
    place.wall_ns = host.origin.wall_ns;
    add(std::move(place));
  }
  for (const RecordedHosts::Problem& p : hosts_.problems) lose(p.file, p.error);
  unlisted_ = lost_;
  open_.resize(list_.size());
  damaged_.resize(list_.size());
}

void EachHost::show(std::size_t place) {
  EachPlace::show(place);
  names_.show(open_[place] ? open_[place]->get().names : outer_.names);
}

void EachHost::run_each(Via via, Pass pass, bool) {
  for (std::size_t place = 0; place < list_.size(); ++place)
    if (!damaged_[place]) look(place, via, pass);
}

void EachHost::look(std::size_t place, Via via, Pass pass) {
  show(place);
  if (open_[place] == nullptr) {
    const RecordedHosts::One& host = hosts_.list[place];
    std::string error;
    try {
      std::shared_ptr<const Recording> recording = host.recording;
      if (!recording) {
        const CallersRights rights(outer_.secure);
        recording = Recording::read(host.file);
      }
      open_[place] = std::make_unique<RecordedEnvironment>(outer_, std::move(recording), &err_);
    } catch (const SystemError& e) {
      error = without_name(e.what(), host.file);
    } catch (const FormatError& e) {
      error = without_name(e.what(), host.file);
    }
    if (open_[place] == nullptr) {
      damaged_[place] = true;
      return lose(host.file, std::move(error));
    }
  }
  show(place);
  pass(open_[place]->get(), via);
  if (keeps_) return;
  names_.show(outer_.names);
  open_[place].reset();
}

}  // namespace duostat
