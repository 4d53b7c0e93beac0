// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/collect/collect.h"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <new>
#include <utility>

#include "src/base/error.h"
#include "src/base/nearest.h"
#include "src/collect/dry_run.h"
#include "src/collect/seen_rows.h"
#include "src/collect/unix_counts.h"
#include "src/procfs/procfs_backend.h"

namespace duostat {
namespace {

/// The protocol that identifies the kernel table of a query.
Protocol table_of(ProtocolSet protocols) {
  for (const ProtocolRow& row : kProtocols)
    if (protocols.has(row.protocol)) return row.protocol;
  return Protocol::tcp;
}

/// True if the user named files to read instead of querying this kernel.
bool redirected(const ProcDir& proc, Protocol protocol) {
  if (proc.given()) return true;
  // The first of the two files of an inet protocol decides, as in ss.
  for (const Family family : {Family::inet, Family::unix_domain, Family::packet, Family::netlink})
    if (row_of(protocol).families.has(family)) return proc.replaces(procfs_file(protocol, family));
  return false;
}

/// True if a dump stopped before its end, or lost rows. A kernel that refuses the request has not broken off.
bool broke_off(const Coverage& c) {
  if (c.truncated != 0) return true;
  return c.error != 0 && (c.rows != 0 || c.operation == Operation::diag_receive || c.operation == Operation::diag_send);
}

/// Runs one query over its backends and tracks the rows that were shown.
class Collection {
 public:
  Collection(Environment& env, const Query& query, const Choice& choice, Sink sink)
      : env_(env), query_(query), choice_(choice), sink_(sink) {}

  Answer answer(FallBack fall_back) {
    ask_first();
    for (int attempt = 1; attempt < kDumpAttempts && may_ask_again(); ++attempt) {
      const bool prepared = backend_->prepare_retry();
      if (!prepared || !ask_for_the_rest(choice_.first, SeenRows::By::cookie)) break;
    }
    const bool whole = answer_.coverage.error == 0 && answer_.coverage.truncated == 0;
    if (whole || stopped_ || !choice_.second) return std::move(answer_);
    if (shown_ == 0 && fall_back == FallBack::left_to_caller) {
      answer_.second = choice_.second;
    } else if (shown_ != 0) {
      ask_for_the_rest(*choice_.second, SeenRows::By::identity);
    } else {
      answer_.refused = std::move(answer_.coverage);
      turn_to(*choice_.second);
      answer_.coverage = backend_->collect(query_, [&](std::span<const Socket> batch) { return hand_on(batch); });
    }
    return std::move(answer_);
  }

 private:
  void turn_to(Via which) {
    row_ = &row_of(which);
    backend_ = row_->make(env_);
    answer_.backend = which;
    answer_.fell_back = which != choice_.first;
  }

  void ask_first() {
    turn_to(choice_.first);
    const bool remembering = remembers();
    answer_.coverage = backend_->collect(query_, [&](std::span<const Socket> batch) {
      if (remembering)
        for (const Socket& socket : batch) seen_.add(socket);
      return hand_on(batch);
    });
  }
  bool hand_on(std::span<const Socket> batch) {
    shown_ += batch.size();
    stopped_ = !sink_(batch);
    return !stopped_;
  }
  /// A file that is the only source is not read again, so its rows need not be remembered.
  bool remembers() const { return choice_.second || (row_->asks_again && !env_.recorded); }

  bool may_ask_again() const { return !stopped_ && row_->asks_again && broke_off(answer_.coverage) && !env_.recorded; }

  /// Queries the whole table and shows the rows not shown before. False if memory runs out.
  bool ask_for_the_rest(Via which, SeenRows::By by) {
    try {
      seen_.index(by);
    } catch (const std::bad_alloc&) {
      return false;
    }
    if (answer_.refused.error == 0 && answer_.refused.truncated == 0) answer_.refused = answer_.coverage;
    if (which != answer_.backend) turn_to(which);
    answer_.coverage = backend_->collect(query_, [&](std::span<const Socket> batch) { return show_new(batch); });
    answer_.coverage.rows = shown_;
    return true;
  }

  /// Passes on the rows that were not shown before, in contiguous runs.
  bool show_new(std::span<const Socket> batch) {
    const auto show = [&](std::span<const Socket> rows) {
      for (const Socket& socket : rows) seen_.add(socket);
      return rows.empty() || hand_on(rows);
    };
    std::size_t begin = 0;
    for (std::size_t i = 0; i < batch.size(); ++i) {
      if (!seen_.take(batch[i])) continue;
      if (!show(batch.subspan(begin, i - begin))) return false;
      begin = i + 1;
    }
    return show(batch.subspan(begin));
  }

  Environment& env_;
  const Query& query_;
  const Choice& choice_;
  Sink sink_;
  const BackendRow* row_ = nullptr;  ///< of `backend_`
  std::unique_ptr<Backend> backend_;
  SeenRows seen_;
  std::uint64_t shown_ = 0;  ///< rows passed to the sink
  bool stopped_ = false;     ///< the sink wants no more
  Answer answer_;
};

}  // namespace

Via choose_via(std::optional<std::string_view> option_value, const Variables& variables) {
  const auto read = [](std::string_view word, std::string_view where) {
    const auto via = via_from(word);
    if (!via)
      throw UsageError(fmt::format("{}: \"{}\" is not auto, procfs or netlink{}", where, word,
                                   did_you_mean(word, std::array<std::string_view, 3>{"auto", "procfs", "netlink"})),
                       kUsageStatus);
    return *via;
  };
  if (option_value) return read(*option_value, "--via");
  if (const auto word = variables.get("DUOSTAT_VIA"); word && !word->empty()) return read(*word, "DUOSTAT_VIA");
  return Via::automatic;
}

Choice choose(const ProcDir& proc, Via via, const Query& query) {
  if (via == Via::netlink_alone) return {Choice::Reason::alone, Via::netlink, std::nullopt};
  if (via != Via::automatic) return {Choice::Reason::demanded, via, std::nullopt};
  const Protocol table = table_of(query.protocols);
  if (redirected(proc, table)) return {Choice::Reason::redirected, Via::procfs, std::nullopt};
  // A more expensive backend goes first only if it provides a wanted field that the cheaper one lacks.
  const BackendRow* first = &backends().front();
  FieldSet missing;
  for (const BackendRow& row : backends().subspan(1)) {
    const FieldSet more = (query.wanted - first->knows(table)) & row.knows(table);
    if (more.empty()) continue;
    first = &row;
    missing = more;
  }
  // The name of an AF_UNIX socket can forge a row of the file, so only the counts are taken from it.
  if (kUnixProtocols.has(table) && missing == FieldSet{Field::refcount})
    return {Choice::Reason::combined, Via::netlink, Via::procfs, missing};
  const auto other = std::ranges::find_if(backends(), [&](const BackendRow& row) { return &row != first; });
  return {missing.empty() ? Choice::Reason::cheaper : Choice::Reason::knows_more, first->via, other->via, missing};
}

Answer collect(Environment& env, Via via, const Query& query, Sink sink, FallBack fall_back) {
  Choice choice = choose(env.proc, via, query);
  if (env.dry_run != nullptr) return env.dry_run->answer(env, query, choice, sink);
  if (choice.reason == Choice::Reason::combined) {
    UnixCounts counts(env.proc);
    if (counts.read()) {
      const auto counted = [&](std::span<const Socket> batch) { return counts.hand_on(batch, sink); };
      return Collection(env, query, choice, counted).answer(fall_back);
    }
    for (int attempt = 1; attempt < kDumpAttempts; ++attempt)
      if (auto answer = collect_unix_with_counts(env, query, sink)) return *std::move(answer);
    choice = {Choice::Reason::knows_more, Via::procfs, Via::netlink, choice.missing};  // netlink alone has no counts
  }
  return Collection(env, query, choice, sink).answer(fall_back);
}

bool absent(const Coverage& c, const ProcDir& proc) {
  if (c.rows != 0) return false;
  constexpr int kNoTable[] = {ENOENT, EOPNOTSUPP, EPROTONOSUPPORT, EAFNOSUPPORT, EINVAL};
  if (is_kernels_answer(c.operation) || c.operation == Operation::list)
    return std::ranges::find(kNoTable, c.error) != std::end(kNoTable);
  // A file that the user named is not a table that the kernel may lack.
  const auto is_it = [&](const auto& named) { return named.second == c.object; };
  if (std::ranges::any_of(proc.replacements(), is_it)) return false;
  // If net/ exists, a missing file means a missing table. Without net/ it means nothing.
  return c.operation == Operation::open && c.error == ENOENT && proc.exists("net");
}

bool rows_missing(const Answer& answer, const ProcDir& proc) {
  if (answer.coverage.error == 0) return false;
  return !absent(answer.coverage, proc) || (answer.refused.error != 0 && !absent(answer.refused, proc));
}

std::string incomplete_line(std::string_view program, std::string_view table, std::uint64_t rows) {
  return fmt::format("{}: {}: incomplete, {} {} shown", program, table, rows, rows == 1 ? "row" : "rows");
}

}  // namespace duostat
