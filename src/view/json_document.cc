// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/view/json_document.h"

#include "src/base/error.h"
#include "src/collect/host.h"
#include "src/collect/recorded_hosts.h"

namespace duostat {
namespace {

constexpr std::size_t kStampMax = 1024;  ///< bytes of its buffer

void put_host(Json& json, const Host& host) {
  json.key("host");
  json.begin_object();
  json.text("hostname", host.hostname);
  json.text("kernel", host.kernel);
  json.text("machine", host.machine);
  if (host.netns != 0) json.member("netns", host.netns);
  json.end_object();
}

/// Each recorded host with its own time: clocks differ.
void put_hosts(Json& json, const RecordedHosts& hosts) {
  json.key("hosts");
  json.begin_array();
  for (const RecordedHosts::One& one : hosts.list) {
    const Host& host = one.origin.host;
    json.begin_object();
    json.text("host", one.label);
    json.text("hostname", host.hostname);
    json.text("kernel", host.kernel);
    json.text("machine", host.machine);
    if (host.netns != 0) json.member("netns", host.netns);
    json.member("time", std::string_view(time_text(one.origin.wall_ns)));
    json.text("file", one.file);
    json.end_object();
  }
  json.end_array();
}

/// `hosts`: what is stamped is about so many recorded hosts; 0: about the one with the name and namespace.
std::string stamp_text(std::string_view kind, std::string_view hostname, std::uint64_t netns, std::int64_t wall_ns,
                       std::size_t hosts = 0) {
  StringSink sink;
  Output out(sink, kStampMax);
  Json json(out);
  json.begin_object();
  json.member("schema_version", JsonDocument::kSchemaVersion);
  json.member("kind", kind);
  if (hosts != 0)
    json.member("hosts", std::uint64_t{hosts});
  else
    json.text("hostname", hostname);
  if (netns != 0) json.member("netns", netns);
  json.member("time", std::string_view(time_text(wall_ns)));
  json.end_object();
  out.flush();
  return sink.text;
}

void put_count(Json& json, std::string_view key, std::uint64_t count) {
  if (count != 0) json.member(key, count);
}

}  // namespace

JsonStyle json_style(std::string_view value) {
  if (value.empty()) return JsonStyle::document;
  if (value == "lines") return JsonStyle::lines;
  throw UsageError("--json takes no value, or \"lines\"", kUsageStatus);
}

JsonDocument::JsonDocument(Environment& env, JsonStyle style, std::string_view kind, Via via, const PassStamp* pass)
    : style_(style), kind_(kind), json_(env.out) {
  if (style == JsonStyle::stamped && env.hosts != nullptr) {
    json_.stamp_objects(stamp_text(kind, {}, 0, env.hosts->last_ns(), env.hosts->list.size()));
  } else if (style == JsonStyle::stamped) {
    const Host host = host_of(env);
    json_.stamp_objects(stamp_text(kind, host.hostname, host.netns, wall_time_ns(env)));
  }
  if (in_lines()) {
    if (pass != nullptr) pass_ = pass->number, pass_time_ = time_text(pass->wall_ns);
    return;
  }
  json_.begin_object();
  json_.member("schema_version", kSchemaVersion);
  json_.member("kind", kind);
  json_.key("command");
  json_.begin_array();
  for (const std::string& word : env.command) json_.element_text(word);
  json_.end_array();
  if (env.hosts != nullptr)
    put_hosts(json_, *env.hosts);
  else
    put_host(json_, host_of(env));
  const std::int64_t wall_ns = env.hosts != nullptr ? env.hosts->last_ns() : wall_time_ns(env);
  json_.member("time", std::string_view(time_text(wall_ns)));
  if (pass != nullptr) json_.member("pass", pass->number);
  json_.member("via", word_of(via));
  json_.key(kind);
  json_.begin_array();
}

void JsonDocument::locate(const NetworkNamespace& place) {
  if (style_ != JsonStyle::stamped || place.host.empty() || &place == place_) return;
  place_ = &place;
  json_.stamp_objects(stamp_text(kind_, place.host, place.inode, place.wall_ns));
}

Json& JsonDocument::begin_object() {
  json_.begin_object();
  if (pass_ != 0) {
    json_.member("pass", pass_);
    json_.member("time", std::string_view(pass_time_));
  }
  return json_;
}

void JsonDocument::note(const Coverage& c, std::string_view table) {
  if (!c.incomplete()) return;
  const std::string object = c.object.empty() ? std::string(table) : c.object;
  problems_.push_back(
      {std::string(word_of(c.operation)), object, c.error != 0 ? error_text(c.error) : std::string(), c, 0});
}

void JsonDocument::note(std::string_view operation, std::string_view object, std::string_view error,
                        std::uint64_t sockets) {
  problems_.push_back({std::string(operation), std::string(object), std::string(error), {}, sockets});
}

void JsonDocument::put_problem(const Problem& problem) {
  json_.begin_object();
  if (!problem.operation.empty()) json_.text("operation", problem.operation);
  if (!problem.object.empty()) json_.text("object", problem.object);
  if (!problem.error.empty()) json_.text("error", problem.error);
  put_count(json_, "sockets", problem.sockets);
  put_count(json_, "malformed", problem.counts.malformed);
  put_count(json_, "truncated", problem.counts.truncated);
  if (problem.counts.interrupted) json_.member("interrupted", true);
  json_.end_object();
}

void JsonDocument::end() {
  if (in_lines()) return;
  json_.end_array();
  if (more_) more_(json_);
  json_.member("complete", problems_.empty());
  if (!problems_.empty()) {
    json_.key("problems");
    json_.begin_array();
    for (const Problem& problem : problems_) put_problem(problem);
    json_.end_array();
  }
  json_.end_object();
  json_.end_line();
}

}  // namespace duostat
