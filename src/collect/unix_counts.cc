// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/collect/unix_counts.h"

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/diag/diag_backend.h"
#include "src/procfs/unix.h"

namespace duostat {
namespace {

constexpr std::string_view kFile = "net/unix";

/// True if `text` begins with `name` as the file prints it: with '@' for NUL, or on old kernels NUL itself.
bool begins_with_name(std::string_view text, std::string_view name) {
  const auto same = [](char real, char shown) { return shown == real || (real == '\0' && shown == '@'); };
  return text.size() >= name.size() && std::equal(name.begin(), name.end(), text.begin(), same) &&
         (text.size() == name.size() || text[name.size()] == '\n');
}

/// Inode and index of its row. Kept sorted, separate from the rows, which are too large to sort or search.
using Entry = std::pair<std::uint64_t, std::uint32_t>;

/// All AF_UNIX sockets of netlink, copied.
class NetlinkSockets {
 public:
  struct Row {
    Socket socket;
    UnixDetail detail;
    std::size_t name_at, pending_at;
  };

  /// False if rows are missing.
  bool ask(const OpenTransport& open, const Query& query, Coverage& coverage) {
    coverage = DiagBackend(open).collect(query_beside_counts(query), [&](std::span<const Socket> batch) {
      for (const Socket& socket : batch) keep(socket);
      return true;
    });
    if (coverage.incomplete()) return false;
    settle();
    return true;
  }

  std::vector<Row>& rows() { return rows_; }

  /// Finds a row by inode; nullptr if there is none.
  const Row* find(std::uint64_t inode) const {
    const auto at = std::ranges::lower_bound(by_inode_, inode, {}, &Entry::first);
    return at != by_inode_.end() && at->first == inode ? &rows_[at->second] : nullptr;
  }

  /// Length of the name at the beginning of `text`, for a row that netlink lacks: the rest of the line, or a known name
  /// with newlines. A connection that waits for accept(2) has the name of its listener.
  std::size_t name_without_socket(std::string_view text) const {
    std::size_t longest = text.substr(0, text.find('\n')).size();
    for (const std::uint32_t i : with_newline_)
      if (const std::string_view name = rows_[i].detail.name; name.size() > longest && begins_with_name(text, name))
        longest = name.size();
    return longest;
  }

 private:
  void keep(const Socket& socket) {
    const UnixDetail& detail = *socket.unix_domain;
    rows_.push_back({socket, detail, names_.size(), pending_.size()});
    names_.append(detail.name);
    pending_.insert(pending_.end(), detail.pending.begin(), detail.pending.end());
  }

  /// Points the rows at their copied names and lists.
  void settle() {
    for (std::uint32_t i = 0; i < rows_.size(); ++i) {
      Row& row = rows_[i];
      row.detail.name = std::string_view(names_).substr(row.name_at, row.detail.name.size());
      row.detail.pending = std::span<const std::uint32_t>(pending_).subspan(row.pending_at, row.detail.pending.size());
      row.socket.unix_domain = &row.detail;
      by_inode_.emplace_back(row.socket.inode, i);
      if (row.detail.name.find('\n') != std::string_view::npos) with_newline_.push_back(i);
    }
    std::ranges::sort(by_inode_);
  }

  std::vector<Row> rows_;
  std::string names_;
  std::vector<std::uint32_t> pending_;
  std::vector<Entry> by_inode_;
  std::vector<std::uint32_t> with_newline_;  ///< indices into rows_
};

/// The rows from one reading of the file, without lines that are part of a name.
/// quirk: forged-unix-row the original takes every line for a row.
class CountsFile {
 public:
  bool read(const ProcDir& proc) {
    int error = 0;
    text_ = proc.read(kFile, error);
    const std::string_view heading = std::string_view(text_).substr(0, text_.find('\n'));
    return error == 0 && heading.find("Inode") != std::string_view::npos;
  }

  void parse(const NetlinkSockets& told) {
    const std::string_view text = text_;
    std::size_t at = text.find('\n');
    for (at = at == std::string_view::npos ? text.size() : at + 1; at < text.size();) {
      const std::string_view line = text.substr(at, text.substr(at).find('\n'));
      at += line.size() + 1;
      procfs::UnixRow row;
      if (!procfs::parse_unix(line, true, row)) {
        ++fragments_;
        continue;
      }
      if (!in_shape(row)) continue;
      const auto name_at = static_cast<std::size_t>(row.name.data() - text.data());
      const std::optional<std::size_t> length = name_length(row, text.substr(name_at), told);
      if (!length) continue;
      row.name = text.substr(name_at, *length);
      at = name_at + *length + 1;
      count_fragments(row.name);
      by_inode_.emplace_back(row.inode, static_cast<std::uint32_t>(rows_.size()));
      rows_.push_back(row);
    }
    std::ranges::sort(by_inode_);
  }

  const std::vector<procfs::UnixRow>& rows() const { return rows_; }
  /// Lines that are part of a name and not rows: netstat warns of each.
  std::uint64_t fragments() const { return fragments_; }

  /// The index of the only row with this inode; nullopt if there are several, because one may be forged.
  std::optional<std::uint32_t> find(std::uint64_t inode) const {
    const auto at = std::ranges::lower_bound(by_inode_, inode, {}, &Entry::first);
    if (inode == 0 || at == by_inode_.end() || at->first != inode) return std::nullopt;
    if (const auto next = at + 1; next != by_inode_.end() && next->first == inode) return std::nullopt;
    return at->second;
  }

 private:
  /// True if a row has the kernel's column widths, and an address as wide as that of the first row, which cannot be
  /// forged.
  bool in_shape(const procfs::UnixRow& row) {
    if (width_ == 0) width_ = row.address_width;
    return row.kernel_shape && row.address_width == width_;
  }

  /// Counts the lines of a name as fragments, except those in the form of a row.
  void count_fragments(std::string_view name) {
    for (auto end = name.find('\n'); end != std::string_view::npos; end = name.find('\n')) {
      name.remove_prefix(end + 1);
      procfs::UnixRow row;
      if (!procfs::parse_unix(name.substr(0, name.find('\n')), true, row)) ++fragments_;
    }
  }

  static std::optional<std::size_t> name_length(const procfs::UnixRow& row, std::string_view text,
                                                const NetlinkSockets& told) {
    if (row.inode == 0) return told.name_without_socket(text);
    const NetlinkSockets::Row* socket = told.find(row.inode);
    if (socket == nullptr || socket->socket.type != row.type || !begins_with_name(text, socket->detail.name))
      return std::nullopt;
    return socket->detail.name.size();
  }

  std::string text_;
  std::vector<procfs::UnixRow> rows_;
  std::vector<Entry> by_inode_;
  unsigned width_ = 0;
  std::uint64_t fragments_ = 0;
};

/// Merges netlink's rows with the file's counts, and inserts the file's rows of connections that wait for accept(2).
class Merge {
 public:
  Merge(const Query& query, NetlinkSockets& told, CountsFile& file, Sink sink)
      : query_(query), told_(told), file_(file), sink_(sink) {}

  /// Fills in the counts. False if a socket has none.
  bool count(const CountsFile& file) {
    bool all = true;
    for (NetlinkSockets::Row& row : told_.rows()) {
      if (row.socket.has(Field::refcount)) continue;
      const auto index = file.find(row.socket.inode);
      all = all && index;
      if (!index) continue;
      row.socket.refcount = file.rows()[*index].refcount;
      row.socket.present.add(Field::refcount);
    }
    return all;
  }

  /// Drops the rows of connections that had been accepted by the time of `later`: there, the same kernel address has an
  /// inode.
  void forget_accepted(const CountsFile& later) {
    for (const procfs::UnixRow& row : later.rows())
      if (row.inode != 0 && row.has_address && row.address != 0) accepted_.push_back(row.address);
    std::ranges::sort(accepted_);
  }

  /// Returns the number of rows passed to the sink.
  std::uint64_t hand_out() {
    for (NetlinkSockets::Row& row : told_.rows()) {
      if (const auto index = file_.find(row.socket.inode); index && !waiting_before(*index)) return given_;
      if (query_.protocols.has(row.socket.protocol) && in_mask(query_.states, row.socket.state) && !give(row.socket))
        return given_;
    }
    waiting_before(static_cast<std::uint32_t>(file_.rows().size()));
    return given_;
  }

 private:
  bool give(const Socket& socket) {
    ++given_;
    return sink_(std::span(&socket, 1));
  }

  bool waiting_before(std::uint32_t end) {
    for (; next_ < end; ++next_) {
      const procfs::UnixRow& row = file_.rows()[next_];
      if (row.inode != 0 || std::ranges::binary_search(accepted_, row.address)) continue;
      Socket socket;
      UnixDetail detail;
      procfs::fill_unix(row, true, socket, detail);
      detail.name = row.name;
      if (query_.protocols.has(socket.protocol) && !give(socket)) return false;
    }
    return true;
  }

  const Query& query_;
  NetlinkSockets& told_;
  CountsFile& file_;
  Sink sink_;
  std::vector<std::uint64_t> accepted_;
  std::uint32_t next_ = 0;  ///< index into the file's rows
  std::uint64_t given_ = 0;
};

}  // namespace

Query query_beside_counts(Query query) {
  query.protocols = kUnixProtocols;
  query.states |= kAllStates;
  query.filter = nullptr;
  query.wanted.add(Field::unix_name);
  return query;
}

bool UnixCounts::read() {
  ++readings_;
  int error = 0;
  const std::string text = proc_.read(kFile, error);
  std::size_t at = text.find('\n');
  if (error != 0 || at == std::string::npos ||
      std::string_view(text).substr(0, at).find("Inode") == std::string_view::npos)
    return false;
  std::vector<Count> counts;
  unsigned width = 0;
  for (++at; at < text.size();) {
    const std::string_view line = std::string_view(text).substr(at, std::string_view(text).find('\n', at) - at);
    at += line.size() + 1;
    procfs::UnixRow row;
    const bool usual = procfs::parse_unix(line, true, row) && row.kernel_shape && row.inode != 0 &&
                       (counts.empty() || row.address_width == width);
    if (!usual) return false;
    width = row.address_width;
    counts.push_back({row.inode, static_cast<std::uint32_t>(row.refcount)});
  }
  std::ranges::sort(counts, {}, &Count::inode);
  if (std::ranges::adjacent_find(counts, {}, &Count::inode) != counts.end()) return false;
  counts_ = std::move(counts);
  return true;
}

const UnixCounts::Count* UnixCounts::find(std::uint64_t inode) const noexcept {
  const auto at = std::ranges::lower_bound(counts_, inode, {}, &Count::inode);
  return at != counts_.end() && at->inode == inode ? &*at : nullptr;
}

bool UnixCounts::hand_on(std::span<const Socket> batch, Sink sink) {
  batch_.assign(batch.begin(), batch.end());
  for (Socket& socket : batch_) {
    if (socket.has(Field::refcount) || socket.inode == 0) continue;
    const Count* count = find(socket.inode);
    while (count == nullptr && readings_ < kReadingsMax && proc_.image() == nullptr && read())
      count = find(socket.inode);
    if (count == nullptr) continue;
    socket.refcount = count->references;
    socket.present.add(Field::refcount);
  }
  return sink(batch_);
}

std::optional<Answer> collect_unix_with_counts(Environment& env, const Query& query, Sink sink) {
  CountsFile before, after;
  NetlinkSockets told;
  Answer answer;
  if (!before.read(env.proc) || !told.ask(env.open_transport, query, answer.coverage)) return std::nullopt;
  before.parse(told);
  Merge merge(query, told, before, sink);
  if (!merge.count(before) && env.proc.image() == nullptr && after.read(env.proc)) {
    after.parse(told);
    merge.count(after);
    merge.forget_accepted(after);
  }
  answer.backend = Via::netlink;
  answer.coverage.joined = before.fragments();
  answer.coverage.rows = merge.hand_out();
  return answer;
}

}  // namespace duostat
