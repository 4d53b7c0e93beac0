// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/insight/finding.h"

#include <algorithm>
#include <utility>

#include "src/insight/rule.h"

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
      inode(socket.has(Field::inode) ? socket.inode : 0) {
  if (socket.unix_domain != nullptr && socket.has(Field::unix_name)) unix_name = socket.unix_domain->name;
}

void Evidence::add(const Evidence& other, std::size_t limit) {
  count_ += other.count_;
  for (const EvidenceSocket& socket : other.sockets_)
    if (sockets_.size() < limit) sockets_.push_back(socket);
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
  // Stable: findings of one severity stay in the order of the rules.
  std::ranges::stable_sort(sorted, [](const Finding& a, const Finding& b) {
    if (a.severity != b.severity) return a.severity > b.severity;
    return a.rule == b.rule && a.count > b.count;
  });
  return sorted;
}

}  // namespace duostat
