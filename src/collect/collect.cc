// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/collect/collect.h"

#include <fmt/core.h>

#include <cerrno>

#include "src/base/error.h"
#include "src/collect/witness.h"
#include "src/diag/diag_backend.h"
#include "src/procfs/procfs_backend.h"

namespace duostat {
namespace {

struct ViaRow {
  Via via;
  std::string_view word;
};
constexpr int kUsageStatus = 2;  ///< of options of ours, whichever front end has them

constexpr ViaRow kVias[] = {{Via::automatic, "auto"}, {Via::procfs, "procfs"}, {Via::netlink, "netlink"}};

/// The protocol that stands for the kernel table a query is about.
Protocol table_of(ProtocolSet protocols) {
  for (const ProtocolRow& row : kProtocols)
    if (protocols.has(row.protocol)) return row.protocol;
  return Protocol::tcp;
}

/// True if somebody named files to read instead of asking this kernel.
bool redirected(const ProcDir& proc, Protocol protocol) {
  if (proc.given()) return true;
  // Of the two files of an inet protocol the first decides, as in ss.
  for (const Family family : {Family::inet, Family::unix_domain, Family::packet, Family::netlink})
    if (row_of(protocol).families.has(family)) return proc.replaces(procfs_file(protocol, family));
  return false;
}

Coverage ask(Backend& backend, const Query& query, Sink sink, Answer& answer) {
  answer.backend = backend.name();
  return backend.collect(query, sink);
}

}  // namespace

std::optional<Via> via_from(std::string_view word) {
  for (const ViaRow& row : kVias)
    if (row.word == word) return row.via;
  return std::nullopt;
}

std::string_view word_of(Via via) {
  for (const ViaRow& row : kVias)
    if (row.via == via) return row.word;
  return {};
}

Via choose_via(std::optional<std::string_view> option_value, const Variables& variables) {
  const auto read = [](std::string_view word, std::string_view where) {
    const auto via = via_from(word);
    if (!via)
      throw UsageError(std::string(where) + ": \"" + std::string(word) + "\" is not auto, procfs or netlink", kUsageStatus);
    return *via;
  };
  if (option_value) return read(*option_value, "--via");
  if (const auto word = variables.get("DUOSTAT_VIA"); word && !word->empty()) return read(*word, "DUOSTAT_VIA");
  return Via::automatic;
}

Choice choose(const ProcDir& proc, Via via, const Query& query) {
  if (via != Via::automatic) return {Choice::Reason::demanded, via, std::nullopt};
  const Protocol table = table_of(query.protocols);
  if (redirected(proc, table)) return {Choice::Reason::redirected, Via::procfs, std::nullopt};
  // Netlink is the cheaper one; procfs goes first only where it alone knows something that is to be shown.
  const FieldSet missing = (query.wanted - DiagBackend({}).knows(table)) & ProcfsBackend(proc).knows(table);
  if (missing.empty()) return {Choice::Reason::cheaper, Via::netlink, Via::procfs};
  return {Choice::Reason::knows_more, Via::procfs, Via::netlink, missing};
}

Answer collect(Environment& env, Via via, const Query& query, Sink sink, FallBack fall_back) {
  const Choice choice = choose(env.proc, via, query);
  if (env.witness != nullptr) return env.witness->answer(env, query, choice, sink);
  ProcfsBackend procfs(env.proc);
  DiagBackend netlink(env.open_transport);
  const auto backend = [&](Via which) -> Backend& {
    return which == Via::procfs ? static_cast<Backend&>(procfs) : netlink;
  };

  Answer answer;
  answer.coverage = ask(backend(choice.first), query, sink, answer);
  // Rows that were handed out already are not asked for again: the other backend would repeat them.
  if (!choice.second || answer.coverage.error == 0 || answer.coverage.rows != 0) return answer;
  if (fall_back == FallBack::left_to_caller) {
    answer.second = choice.second;
    return answer;
  }
  answer.refused = std::move(answer.coverage);
  answer.fell_back = true;
  answer.coverage = ask(backend(*choice.second), query, sink, answer);
  return answer;
}

std::string incomplete_line(std::string_view program, std::string_view table, std::uint64_t rows) {
  return fmt::format("{}: {}: incomplete, {} {} shown", program, table, rows, rows == 1 ? "row" : "rows");
}

}  // namespace duostat
