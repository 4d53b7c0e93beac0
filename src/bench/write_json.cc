// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/bench/write.h"

#include "src/bench/reading.h"
#include "src/collect/owners.h"
#include "src/render/json.h"

namespace duostat::bench {
namespace {

template <class T>
void optional_member(Json& json, std::string_view name, const std::optional<T>& value) {
  if (value) json.member(name, *value);
}

void text_member(Json& json, std::string_view name, std::string_view value) {
  if (!value.empty()) json.text(name, value);
}

void summary(Json& json, const Summary& s) {
  json.begin_object();
  json.member("rounds", s.count);
  if (s.count != 0) {
    json.member("median", s.median);
    optional_member(json, "low", s.low);
    optional_member(json, "high", s.high);
    optional_member(json, "coverage", s.coverage);
    json.member("minimum", s.minimum);
    json.member("maximum", s.maximum);
  }
  json.end_object();
}

void summary_member(Json& json, std::string_view name, const Summary& s) {
  json.key(name);
  summary(json, s);
}

void words(Json& json, std::string_view name, const std::vector<std::string>& list) {
  json.key(name);
  json.begin_array();
  for (const std::string& word : list) json.element_text(word);
  json.end_array();
}

template <class List, class One>
void array(Json& json, std::string_view name, const List& list, One&& one) {
  json.key(name);
  json.begin_array();
  for (const auto& element : list) {
    json.begin_object();
    one(element);
    json.end_object();
  }
  json.end_array();
}

void samples(Json& json, const std::vector<Sample>& list, bool sockets) {
  array(json, "samples", list, [&](const Sample& s) {
    json.member("round", s.round);
    json.member("wall_ns", s.wall);
    json.member("cpu_ns", s.cpu);
    optional_member(json, "first_ns", s.first);
    if (!sockets) return;
    optional_member(json, "sockets", s.sockets);
    json.member("peak_memory", s.peak_memory);
    json.member("own_memory", s.own_memory);
  });
}

void measurement(Json& json, const Measurement& m) {
  json.member("backend", word_of(m.backend));
  json.member("phase", row_of(m.phase).id);
  json.member("complete", m.complete);
  optional_member(json, "sockets", m.sockets);
  summary_member(json, "wall_ns", m.wall);
  summary_member(json, "cpu_ns", m.cpu);
  if (m.first) summary_member(json, "first_ns", *m.first);
  if (m.ns_per_socket) summary_member(json, "each_ns", *m.ns_per_socket);
  optional_member(json, "user_ns", m.user);
  optional_member(json, "system_ns", m.system);
  optional_member(json, "system_calls", m.system_calls);
  optional_member(json, "received", m.bytes);
  json.member("peak_memory", m.peak_memory);
  json.member("own_memory", m.own_memory);
  samples(json, m.samples, true);
}

void size(Json& json, const Size& s, const Options& options) {
  optional_member(json, "connections", s.connections);
  json.member("rounds_asked", s.rounds_asked);
  json.member("rounds_done", s.rounds_done);
  if (s.connections) json.member("setup_ns", s.setup);
  array(json, "measurements", s.measurements, [&](const Measurement& m) { measurement(json, m); });
  json.key("parts");
  json.begin_array();
  for (const Via backend : options.backends) {
    const auto parts = parts_of(s, backend);
    for (std::size_t i = 0; i < parts.size(); ++i) {
      json.begin_object();
      json.member("backend", word_of(backend));
      json.member("part", name_of_part(parts, i));
      json.member("wall_ns", parts[i].time);
      json.end_object();
    }
  }
  json.end_array();
  if (!s.owners.empty())
    array(json, "owners", s.owners, [&](const OwnerCost& o) {
      json.member("source", word_of(o.source));
      json.member("step", name_of(o.step));
      json.member("complete", o.complete);
      optional_member(json, "descriptors", o.descriptors);
      summary_member(json, "wall_ns", o.wall);
      summary_member(json, "cpu_ns", o.cpu);
      json.member("own_memory", o.own_memory);
      samples(json, o.samples, true);
    });
  array(json, "ratios", s.ratios, [&](const Ratio& r) {
    json.member("phase", row_of(r.phase).id);
    summary_member(json, "procfs_by_netlink", r.value);
    json.member("procfs_is", name_of(r.verdict));
    summary_member(json, "procfs_by_netlink_cpu", r.cpu);
  });
}

void churn(Json& json, const Churn& c) {
  json.member("backend", word_of(c.backend));
  json.member("rate_asked", c.rate_asked);
  json.member("rate_done", c.rate_done);
  json.member("closed", c.closed);
  json.member("dumps", c.dumps);
  json.member("stable", c.stable);
  json.member("rows", c.rows);
  json.member("missed", c.missed);
  json.member("twice", c.twice);
  json.member("torn", c.torn);
  json.member("contradictory", c.contradictory);
  json.member("interrupted", c.interrupted);
  json.member("gone", c.gone);
  json.member("oldest_row_ns", c.oldest_row);
  summary_member(json, "duration_ns", c.duration);
}

void program(Json& json, const Program& p) {
  json.member("name", std::string_view(p.name));
  words(json, "command", p.command);
  json.member("installed", p.installed);
  text_member(json, "version", p.version);
  text_member(json, "skipped", p.skipped);
  optional_member(json, "connections", p.connections);
  if (p.samples.empty()) return;
  summary_member(json, "wall_ns", p.wall);
  json.member("user_ns", p.user);
  json.member("system_ns", p.system);
  if (p.peak_memory != 0) json.member("peak_memory", p.peak_memory);
  json.member("lines", p.lines);
  json.member("bytes", p.bytes);
  samples(json, p.samples, false);
}

void host(Json& json, const Machine& m) {
  json.key("host");
  json.begin_object();
  text_member(json, "hostname", m.hostname);
  text_member(json, "kernel", m.kernel);
  text_member(json, "machine", m.architecture);
  text_member(json, "cpu", m.cpu);
  if (m.cores != 0) json.member("cores", m.cores);
  if (m.memory != 0) json.member("memory", m.memory);
  optional_member(json, "load", m.load);
  if (m.descriptors != 0) json.member("descriptors", m.descriptors);
  text_member(json, "clock_source", m.clock_source);
  text_member(json, "governor", m.governor);
  text_member(json, "hypervisor", m.hypervisor);
  text_member(json, "duostat", m.program_version);
  json.end_object();
}

void options(Json& json, const Options& o) {
  json.key("options");
  json.begin_object();
  json.key("via");
  json.begin_array();
  for (const Via backend : o.backends) json.value(word_of(backend));
  json.end_array();
  json.member("query", std::string_view(o.query));
  if (!o.owners.empty()) {
    json.key("owners");
    json.begin_array();
    for (const OwnersFrom source : o.owners) json.value(word_of(source));
    json.end_array();
  }
  json.member("processes", o.processes);
  json.member("info", o.info);
  json.member("render", o.render);
  json.member("floor", o.floor);
  json.member("compare", o.compare);
  json.key("connections");
  json.begin_array();
  for (const std::uint64_t count : o.connections) json.value(count);
  json.end_array();
  optional_member(json, "churn", o.churn);
  json.member("rounds", o.rounds);
  json.member("seconds", o.seconds);
  json.end_object();
}

}  // namespace

void write_json(Output& out, const Result& result) {
  Json json(out);
  json.begin_object();
  json.member("schema_version", 1);
  json.member("kind", "bench");
  words(json, "command", result.command);
  host(json, result.machine);
  json.member("time", std::string_view(result.time));
  options(json, result.options);
  array(json, "bench", result.sizes, [&](const Size& s) { size(json, s, result.options); });
  array(json, "fits", result.fits, [&](const Fit& f) {
    json.member("backend", word_of(f.backend));
    json.member("phase", row_of(f.phase).id);
    json.member("points", f.points);
    json.member("fixed_ns", f.fixed);
    json.member("each_ns", f.each);
    json.member("residual", f.residual);
    json.member("exponent", f.exponent);
  });
  array(json, "churn", result.churn, [&](const Churn& c) { churn(json, c); });
  array(json, "programs", result.programs, [&](const Program& p) { program(json, p); });
  array(json, "noise", result.noise, [&](const Noise& n) {
    optional_member(json, "connections", n.connections);
    json.member("backend", word_of(n.backend));
    json.member("phase", row_of(n.phase).id);
    json.member("spread", n.spread);
  });
  words(json, "warnings", result.warnings);
  words(json, "reading", reading_of(result));
  json.member("seconds", result.seconds);
  json.member("interrupted", result.interrupted);
  json.member("complete", !result.partial);
  json.end_object();
  json.end_line();
}

}  // namespace duostat::bench
