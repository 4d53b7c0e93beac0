// A plan as JSON: doc/json.md, kind "explain".
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/core.h>

#include <algorithm>

#include "compat/native/explain.h"
#include "compat/native/request_terms.h"
#include "src/base/error.h"
#include "src/base/hex.h"
#include "src/diag/disassemble.h"
#include "src/query/expr_tree.h"
#include "src/view/json_document.h"

namespace duostat::native {
namespace {

constexpr std::string_view kReasons[] = {"demanded", "redirected", "cheaper", "knows_more", "alone", "combined"};

/// `each` writes one element.
template <class List, class Each>
void array(Json& json, std::string_view key, const List& list, Each each) {
  json.key(key);
  json.begin_array();
  for (const auto& element : list) each(element);
  json.end_array();
}

void words(Json& json, std::string_view key, const std::vector<std::string>& list) {
  array(json, key, list, [&](const std::string& word) { json.element_text(word); });
}

void fields(Json& json, std::string_view key, FieldSet set) {
  json.key(key);
  json.begin_array();
  for (std::size_t i = 0; i < static_cast<std::size_t>(Field::count_); ++i)
    if (set.has(static_cast<Field>(i))) json.value(kFieldNames[i]);
  json.end_array();
}

void files(Json& json, std::string_view key, const std::vector<PlannedFile>& list) {
  array(json, key, list, [&](const PlannedFile& file) {
    json.begin_object();
    json.text("path", file.path);
    if (file.error != 0) json.text("error", error_text(file.error));
    json.end_object();
  });
}

std::string hex(Bytes bytes) {
  std::string text;
  append_hex(text, bytes);
  return text;
}

void put_term(Json& json, const Term& term) {
  json.begin_object();
  json.member("name", term.name);
  if (term.text.empty())
    json.member("value", term.value);
  else
    json.member("value", std::string_view(term.text));
  json.member("size", term.size);
  if (!term.words.empty()) words(json, "constants", term.words);
  json.end_object();
}

void put_program(Json& json, Bytes program) {
  array(json, "bytecode", bc::lines_of(program), [&](const bc::Line& line) {
    json.begin_object();
    json.member("offset", line.offset);
    json.member("size", line.size);
    json.member("code", line.name);
    if (!line.structure.empty()) json.member("structure", line.structure);
    if (!line.operands.empty()) json.member("operands", std::string_view(line.operands));
    json.member("yes", line.yes);
    json.member("no", line.no);
    json.end_object();
  });
}

void put_request(Json& json, const PlannedRequest& request) {
  const DecodedRequest decoded = decode(request);
  json.begin_object();
  json.member("protocol", decoded.protocol);
  json.member("title", std::string_view(decoded.title));
  json.member("length", request.bytes.size());
  array(json, "parts", decoded.parts, [&](const Part& part) {
    json.begin_object();
    json.member(part.attribute ? "attribute" : "structure", part.structure);
    json.member("offset", part.offset);
    json.member("size", part.size);
    array(json, "members", part.terms, [&](const Term& term) { put_term(json, term); });
    if (!part.note.empty()) json.member("note", std::string_view(part.note));
    json.end_object();
  });
  if (!decoded.bytecode.empty()) put_program(json, decoded.bytecode);
  json.member("bytes_hex", std::string_view(hex(request.bytes)));
  json.end_object();
}

void put_requests(Json& json, std::string_view key, const std::vector<PlannedRequest>& requests) {
  array(json, key, requests, [&](const PlannedRequest& request) { put_request(json, request); });
}

void put_table(Json& json, const PlannedTable& table) {
  const Query& query = table.query;
  json.begin_object();
  json.member("table", std::string_view(table_name(query)));
  FamilySet families;
  json.key("protocols");
  json.begin_array();
  for (const ProtocolRow& row : kProtocols) {
    if (!query.protocols.has(row.protocol)) continue;
    json.value(row.id);
    families = families | row.families;
  }
  json.end_array();
  if (families.has(Family::inet)) families = families & query.families;
  json.key("families");
  json.begin_array();
  for (unsigned i = 0; i < 64; ++i)
    if (families.has(static_cast<Family>(i))) json.value(family_constant(i));
  json.end_array();
  json.member("states", query.states);
  words(json, "state_constants", state_constants(query.states));
  fields(json, "wanted", query.wanted);
  json.member("via", word_of(table.choice.first));
  if (table.choice.second) json.member("otherwise_via", word_of(*table.choice.second));
  json.member("reason", kReasons[static_cast<std::size_t>(table.choice.reason)]);
  if (!table.choice.missing.empty()) fields(json, "procfs_alone_knows", table.choice.missing);
  put_requests(json, "netlink_requests", table.requests);
  put_requests(json, "netlink_requests_at_a_row", table.at_a_row);
  put_requests(json, "netlink_requests_otherwise", table.otherwise);
  files(json, "procfs_files", table.files);
  json.end_object();
}

void put_filter(Json& json, const Plan& plan) {
  const auto with = std::ranges::find_if(plan.tables, [](const PlannedTable& t) { return t.filter != nullptr; });
  if (with == plan.tables.end()) return;
  json.key("filter");
  json.begin_object();
  json.member("expression", std::string_view(dump(*with->filter)));
  array(json, "tree", tree_of(*with->filter), [&](const TreeLine& line) {
    json.begin_object();
    json.member("depth", line.depth);
    json.member("node", std::string_view(line.text));
    json.end_object();
  });
  json.end_object();
}

void put_files(Json& json, const Plan& plan) {
  files(json, "files", plan.files);
  files(json, "configuration_files", plan.configuration);
  array(json, "other_files", plan.others, [&](const OtherFile& file) {
    json.begin_object();
    json.text("path", file.path);
    json.member("written", file.writes);
    json.member("for", std::string_view(file.what));
    json.end_object();
  });
  array(json, "ioctls", plan.ioctls, [&](unsigned long request) { json.value(ioctl_name(request)); });
  array(json, "multicast_groups", plan.groups, [&](std::uint32_t group) { json.value(group_constant(group)); });
  json.member("processes_scanned", !plan.process_files.empty());
  if (!plan.process_files.empty()) json.member("process_files", std::string_view(plan.process_files));
  if (plan.owner_program) {
    const OwnerProgramText text = owner_program_text(plan);
    json.key("owner_program");
    json.begin_object();
    json.member("asked", std::string_view(text.condition));
    json.member("target", std::string_view(text.target));
    json.member("record", std::string_view(text.record));
    json.member("program", std::string_view(text.program));
    json.end_object();
  }
  array(json, "names", plan.names, [&](const auto& name) {
    json.begin_object();
    json.member("what", std::string_view(name.first));
    json.member("by", std::string_view(name.second));
    json.end_object();
  });
  if (plan.period_ns != 0) json.member("period_ms", plan.period_ns / 1'000'000);
  json.member("namespace_entered", !plan.network_namespaces.empty());
  if (!plan.network_namespaces.empty())
    array(json, "network_namespaces", plan.network_namespaces,
          [&](const std::string& path) { json.element_text(path); });
}

void put_cost(Json& json, const Cost& cost) {
  json.key("cost");
  json.begin_object();
  json.member("start_us", cost.start_us);
  array(json, "tables", cost.tables, [&](const TableCost& table) {
    json.begin_object();
    json.member("table", std::string_view(table.table));
    if (table.counted) {
      json.member("sockets", table.sockets);
      json.member("counted_in", std::string_view(table.source));
      if (table.buckets != 0) json.member("hash_buckets", table.buckets);
      if (table.netlink_us != 0) json.member("netlink_us", table.netlink_us);
      if (table.procfs_us != 0) json.member("procfs_us", table.procfs_us);
    }
    json.end_object();
  });
  if (cost.processes != 0) {
    json.member("processes", cost.processes);
    json.member("open_files", cost.files);
    json.member("processes_us", cost.processes_us);
  }
  json.member("source", cost_source());
  json.end_object();
}

}  // namespace

void write_plan(const Plan& plan, const Cost& cost, Environment& env) {
  JsonDocument document(env, JsonStyle::document, "explain", Via::automatic);
  Json& json = document.begin();
  json.begin_object();
  words(json, "command", plan.command);
  array(json, "tables", plan.tables, [&](const PlannedTable& table) { put_table(json, table); });
  put_requests(json, "netlink_requests", plan.requests);
  put_requests(json, "netlink_requests_per_row", plan.per_row);
  put_filter(json, plan);
  array(json, "left_to_user_space", left_to_user_space(plan), [&](const Leftover& left) {
    json.begin_object();
    json.member("what", std::string_view(left.what));
    json.member("why", std::string_view(left.why));
    words(json, "tables", left.tables);
    json.end_object();
  });
  if (!plan.figures.empty())
    array(json, "figures", plan.figures, [&](const PlannedFigure& figure) {
      json.begin_object();
      json.member("title", std::string_view(figure.title));
      json.member("source", std::string_view(figure.source));
      json.end_object();
    });
  put_files(json, plan);
  put_cost(json, cost);
  json.end_object();
  document.end_element();
  document.end();
}

}  // namespace duostat::native
