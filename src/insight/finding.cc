// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/insight/finding.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "src/insight/rule.h"
#include "src/model/unix_name.h"

namespace duostat {

EvidenceSocket::EvidenceSocket(const Socket& socket)
    : protocol(socket.protocol),
      family(socket.family),
      state(socket.state),
      has_queues(socket.has(Field::queues)),
      local(socket.local),
      remote(socket.remote),
      rqueue(socket.rqueue),
      wqueue(socket.wqueue),
      backlog(socket.has(Field::backlog) ? socket.backlog_limit : 0),
      inode(socket.has(Field::inode) ? socket.inode : 0) {
  std::string scratch;
  if (socket.unix_domain != nullptr && socket.has(Field::unix_name))
    unix_name = shown_name(*socket.unix_domain, scratch);
}

void Evidence::add(const Evidence& other, std::size_t limit) {
  count_ += other.count_;
  for (const EvidenceSocket& socket : other.sockets_)
    if (sockets_.size() < limit) sockets_.push_back(socket);
}

std::array<std::size_t, 3> count_by_severity(const std::vector<Finding>& findings) {
  std::array<std::size_t, 3> counts{};
  for (const Finding& f : findings) ++counts[static_cast<std::size_t>(f.severity)];
  return counts;
}

void Findings::add(Finding finding) {
  finding.rule = rule_;
  if (finding.meaning.empty()) finding.meaning = rule_->meaning;
  if (finding.advice.empty()) finding.advice = rule_->advice;
  findings_.push_back(std::move(finding));
}

std::vector<Finding> Findings::take_sorted() {
  std::vector<Finding> sorted = std::move(findings_);
  findings_.clear();
  for (auto first = sorted.begin(); first != sorted.end();) {  // those of one rule are adjacent
    const auto last = std::find_if(first, sorted.end(), [&](const Finding& f) { return f.rule != first->rule; });
    std::stable_sort(first, last, [](const Finding& a, const Finding& b) { return a.count > b.count; });
    first = last;
  }
  std::ranges::stable_sort(sorted, std::greater{}, &Finding::severity);
  return sorted;
}

}  // namespace duostat
