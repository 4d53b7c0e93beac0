// The pass over all processes, which builds the index.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/procfs/owners.h"

#include <fmt/core.h>
#include <sys/vfs.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <exception>
#include <new>
#include <span>
#include <thread>
#include <utility>
#include <vector>

#include "src/base/error.h"
#include "src/base/processors.h"
#include "src/procfs/owner_scanner.h"

namespace duostat {

bool is_denied(int error) noexcept { return error == EACCES || error == EPERM; }
bool is_gone(int error) noexcept { return error == ENOENT || error == ESRCH || error == ENOTDIR; }
bool is_failure(int error) noexcept {
  return error != 0 && !is_denied(error) && !is_gone(error) && error != EINVAL && error != EOPNOTSUPP;
}

bool OwnerCoverage::incomplete() const noexcept {
  return error != 0 || denied != 0 || links_denied != 0 || unread != 0 || details_unread != 0 || may_hide;
}

void OwnerCoverage::add(const OwnerCoverage& other) {
  if (error == 0) error = other.error;
  descriptors += other.descriptors;
  denied += other.denied;
  links_denied += other.links_denied;
  unread += other.unread;
  if (unread_error == 0) unread_error = other.unread_error;
  races += other.races;
  details_unread += other.details_unread;
  if (details_error == 0) details_error = other.details_error;
  may_hide = may_hide || other.may_hide;
}

bool OwnerCoverage::lost() const noexcept {
  return unread != 0 || details_unread != 0 || (error != 0 && !is_gone(error));
}

/// Joins its thread on destruction, like std::jthread, which older libc++ lacks.
struct JoinedThread {
  std::thread thread;
  ~JoinedThread() {
    if (thread.joinable()) thread.join();
  }
};

/// The rows of another source than /proc, as they go into a shard.
class ShardRows final : public OwnerRows {
 public:
  ShardRows(const OwnerRequest& request, OwnerIndex::Table::Shard& shard) : request_(request), shard_(shard) {}

  void add(std::uint32_t pid, std::uint32_t fd, std::uint64_t inode, std::string_view comm) override {
    ++shard_.coverage.descriptors;
    if (!request_.wants(inode)) return;
    if (shard_.tasks.empty() || shard_.tasks.back().pid != pid) {
      shard_.tasks.push_back({pid, pid, {}, {}, {}});
      if (request_.comm) shard_.tasks.back().comm = shard_.keep(comm);
    }
    shard_.add(inode, static_cast<std::uint32_t>(shard_.tasks.size() - 1), fd);
  }

 private:
  const OwnerRequest& request_;
  OwnerIndex::Table::Shard& shard_;
};

/// The pass over /proc. With enough processes, two threads take processes one by one.
class OwnerPass {
 public:
  using Table = OwnerIndex::Table;
  /// `other` may be null.
  OwnerPass(const OwnerRequest& request, Table& table, const OtherOwners* other)
      : request_(request), table_(table), other_(other) {}

  void run(const ProcDir& proc) {
    const std::string& root = proc.root();
    const auto first = std::make_unique<OwnerScanner>(root, request_, table_.shards[0], links_);
    if (other_ != nullptr && other_->after_links == 0 && ask_other(*first)) return finish();
    int& error = table_.coverage.error;
    error = first->processes(pids_);
    if (error == 0 && pids_.empty()) error = error_of_no_processes(proc);
    if (error != 0) return;
    ranges_.resize(pids_.size());
    if (other_ != nullptr && other_->after_links != 0) links_.most = other_->after_links;
    read(root, *first);
    if (is_left() && !denied() && ask_other(*first)) return finish();
    const bool goes_on = is_left();
    links_.most = UINT64_MAX;
    if (goes_on) read(root, *first);
    // Retry one process at a time, after the other thread has closed its descriptors.
    for (std::size_t i = 0; i < ranges_.size(); ++i)
      if (ranges_[i].missed) look(*first, 0, i, true);
    finish();
  }

  void replay(const ProcImage& image) {
    table_.coverage.error = image.tasks_error;
    std::make_unique<OwnerScanner>("", request_, table_.shards[0], links_)->replay(image);
    ranges_ = {{0, static_cast<std::uint32_t>(table_.shards[0].entries.size())}};
    finish();
  }

 private:
  void finish() {
    for (const Table::Shard& shard : table_.shards) add(shard.coverage);
    table_.index(ranges_);
  }

  static constexpr std::size_t kEnough = 8;  ///< processes: in the time that a thread takes to start, fewer are read

  /// Reads processes until none is left, or until many links were read.
  void read(const std::string& root, OwnerScanner& first) {
    const JoinedThread second{shares() ? start_second(root) : std::thread()};
    work(first, 0);
  }

  /// Whether many links were read, so that processes are left.
  bool is_left() const {
    if (!links_.many()) return false;
    const auto missed = [](const Table::Range& range) { return range.missed; };
    return next_ < pids_.size() || std::ranges::any_of(ranges_, missed);
  }
  bool denied() const {
    return std::ranges::any_of(table_.shards, [](const Table::Shard& shard) {
      return shard.coverage.denied != 0 || shard.coverage.links_denied != 0;
    });
  }

  /// Replaces what was found so far by the rows of the other source.
  bool ask_other(OwnerScanner& first) {
    Table::Shard found;
    try {
      ShardRows rows(request_, found);
      if (!other_->read(rows)) return false;
    } catch (const std::bad_alloc&) {
      return false;
    }
    table_.shards[0] = std::move(found);
    table_.shards[1] = {};
    first.complete_tasks();
    ranges_ = {{0, static_cast<std::uint32_t>(table_.shards[0].entries.size())}};
    return true;
  }

  /// Not if threads are listed: our own second thread would be among them.
  bool shares() const { return pids_.size() >= kEnough && !request_.threads && processors() > 1; }

  /// If a thread cannot be started (RLIMIT_NPROC, no memory), the first one reads every process.
  std::thread start_second(const std::string& root) {
    try {
      return std::thread([this, &root] {
        try {
          const auto scanner = std::make_unique<OwnerScanner>(root, request_, table_.shards[1], links_);
          work(*scanner, 1);
        } catch (const std::bad_alloc&) {
        }
      });
    } catch (const std::exception&) {
      return {};
    }
  }

  void work(OwnerScanner& scanner, std::uint32_t shard) {
    for (std::size_t i; !leaves_off() && (i = next_.fetch_add(1, std::memory_order_relaxed)) < pids_.size();)
      look(scanner, shard, i, false);
  }
  /// Whether so many links were read, and so many processes are left, that another source may be cheaper.
  bool leaves_off() const noexcept {
    return links_.many() && next_.load(std::memory_order_relaxed) + kEnough < pids_.size();
  }

  void look(OwnerScanner& scanner, std::uint32_t shard, std::size_t i, bool last_attempt) {
    const std::vector<Table::Entry>& entries = table_.shards[shard].entries;
    const auto number = [&] { return static_cast<std::uint32_t>(entries.size()) + shard * Table::kSecondShard; };
    const std::uint32_t begin = number();
    const bool done = scanner.process(pids_[i], last_attempt);
    ranges_[i] = {begin, number(), !done};
  }

  void add(const OwnerCoverage& found) {
    OwnerCoverage& sum = table_.coverage;
    sum.descriptors += found.descriptors;
    sum.denied += found.denied;
    sum.links_denied += found.links_denied;
    sum.unread += found.unread;
    if (sum.unread_error == 0) sum.unread_error = found.unread_error;
    sum.races += found.races;
  }

  const OwnerRequest& request_;
  Table& table_;
  const OtherOwners* other_;
  LinkCount links_;
  std::vector<std::uint32_t> pids_;
  std::vector<Table::Range> ranges_;  ///< one per process
  std::atomic<std::size_t> next_ = 0; ///< index of the next process
};

OwnerIndex::OwnerIndex() : table_(std::make_unique<Table>()) {}
OwnerIndex::OwnerIndex(OwnerIndex&&) noexcept = default;
OwnerIndex& OwnerIndex::operator=(OwnerIndex&&) noexcept = default;
OwnerIndex::~OwnerIndex() = default;

OwnerIndex OwnerIndex::scan(const ProcDir& proc, const OwnerRequest& request, const OtherOwners* other) {
  OwnerIndex index;
  if (ProcDryRun* dry_run = proc.dry_run()) {
    std::string files = "PID/fd/*";
    if (request.threads) files += " PID/task/TID/fd/*";
    if (request.comm) files += " PID/stat";
    if (request.argv0) files += " PID/cmdline";
    if (request.context) files += " PID/attr/current";
    dry_run->walk(files);
    return index;
  }
  try {
    OwnerPass pass(request, *index.table_, other);
    if (proc.image() != nullptr) pass.replay(*proc.image());
    else pass.run(proc);
  } catch (const std::bad_alloc&) {
    index.table_->slots.clear();  // without slots, each() finds nothing
    index.table_->coverage.error = ENOMEM;
  }
  return index;
}

void OwnerIndex::each(std::uint64_t inode, FunctionRef<bool(const Owner&)> visit) const {
  for (std::uint32_t entry = table_->last(inode); entry != Table::kNone; entry = table_->at(entry).before)
    if (!visit(table_->owner(entry))) return;
}

Owner OwnerIndex::first(std::uint64_t inode) const {
  std::uint32_t first = table_->last(inode);
  if (first == Table::kNone) return {};
  while (table_->at(first).before != Table::kNone) first = table_->at(first).before;
  return table_->owner(first);
}

const OwnerCoverage& OwnerIndex::coverage() const noexcept { return table_->coverage; }

namespace {

/// Returns the flags in the text of a stat file, the ninth column; 0 if there are none.
std::uint32_t flags_of(std::string_view stat) noexcept {
  const std::size_t name = stat.rfind(") ");
  if (name == std::string_view::npos) return 0;
  stat.remove_prefix(name + 2);
  for (int column = 3; column < 9; ++column) {
    const std::size_t space = stat.find(' ');
    if (space == std::string_view::npos) return 0;
    stat.remove_prefix(space + 1);
  }
  std::uint32_t flags = 0;
  std::from_chars(stat.data(), stat.data() + stat.size(), flags);
  return flags;
}

std::string counted(std::uint64_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

}  // namespace

// Kernel threads exist only in the initial PID namespace, and with hidepid only a reader who may see every process sees
// them (__ptrace_may_access()). Since Linux 2.6.22 process 2 is a kernel thread. So this one file answers both
// questions, whatever the mount options are called and whatever the namespaces are.
bool sees_every_process(const ProcDir& proc) {
  constexpr long kProcMagic = 0x9fa0;
  constexpr std::uint32_t kKernelThread = 0x00200000;  // PF_KTHREAD
  if (proc.dry_run() != nullptr) return true;  // OwnerIndex::scan() has reported every PID/stat to it
  struct statfs about;
  if (proc.image() == nullptr && ::statfs(proc.root().c_str(), &about) == 0 && about.f_type != kProcMagic) return true;
  int error = 0;
  return (flags_of(proc.read("2/stat", error)) & kKernelThread) != 0;
}

int error_of_no_processes(const ProcDir& proc) { return proc.given() ? 0 : ENOENT; }

std::string reasons(const OwnerCoverage& coverage) {
  std::string text;
  const auto add = [&](std::string_view reason) { text.append(text.empty() ? "" : "; ").append(reason); };
  if (coverage.error != 0) add(fmt::format("processes could not be listed: {}", error_text(coverage.error)));
  if (coverage.denied != 0)
    add(fmt::format("no permission to look at {}", counted(coverage.denied, "process", "processes")));
  if (coverage.links_denied != 0)
    add(fmt::format("no permission to look at {}", counted(coverage.links_denied, "descriptor", "descriptors")));
  if (coverage.unread != 0)
    add(fmt::format("{} unreadable: {}", counted(coverage.unread, "process", "processes"),
                    error_text(coverage.unread_error)));
  if (coverage.details_unread != 0)
    add(fmt::format("details of {} unreadable: {}", counted(coverage.details_unread, "process", "processes"),
                    error_text(coverage.details_error)));
  if (coverage.may_hide && coverage.error == 0) add("processes may be hidden (hidepid, or another PID namespace)");
  return text;
}

std::string without_owner(std::uint64_t sockets) {
  return sockets == 0 ? std::string() : fmt::format("{} of unknown owner", counted(sockets, "socket", "sockets"));
}

std::string owners_line(std::string_view program, const OwnerCoverage& coverage, std::uint64_t sockets) {
  return fmt::format("{}: owners: incomplete{}{}: {}", program, sockets == 0 ? "" : ", ", without_owner(sockets),
                     reasons(coverage));
}

}  // namespace duostat
