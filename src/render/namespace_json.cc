// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/render/namespace_json.h"

namespace duostat {

void put_namespace(Json& json, const NetworkNamespace& place) {
  const auto text = [&](std::string_view key, std::string_view value) {
    if (!value.empty()) json.text(key, value);
  };
  json.begin_object();
  text("label", place.label);
  if (place.inode != 0) json.member("inode", place.inode);
  text("name", place.name);
  text("runtime", word_of(place.workload.runtime));
  text("container", place.workload.container);
  text("pod", place.workload.pod);
  if (place.pid) json.member("pid", *place.pid);
  text("process", place.process);
  json.end_object();
}

void put_place(Json& json, const NetworkNamespace& place) {
  const std::string_view key = words_of(kind_of(place)).column;
  if (kind_of(place) == PlaceKind::host) return json.text(key, place.label);
  json.key(key);
  put_namespace(json, place);
}

}  // namespace duostat
