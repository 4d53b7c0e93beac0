// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/command/socket_choice.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "src/base/error.h"
#include "src/collect/shown_host.h"
#include "src/insight/value_words.h"
#include "src/query/filter_message.h"
#include "src/query/state_words.h"

namespace duostat::command {
namespace {

std::vector<std::string> split(std::span<const std::string> operands) {
  std::vector<std::string> words;
  for (const std::string& operand : operands)
    for (std::size_t at = operand.find_first_not_of(' '); at != std::string::npos;) {
      const std::size_t end = std::min(operand.find(' ', at), operand.size());
      words.push_back(operand.substr(at, end - at));
      at = operand.find_first_not_of(' ', end);
    }
  return words;
}

/// The states of any word that --where takes for column "state".
std::optional<StateMask> states_named(std::string_view word) {
  const auto meaning = meaning_of(*find_column("state").column, word);
  if (!meaning) return std::nullopt;
  StateMask states = 0;
  for (const StateRow& row : kStateRows)
    for (const std::string_view value : meaning->values)
      if (value == state_value(row.state)) states |= mask_of(row.state);
  return states;
}

/// Words that begin a filter of ss, or continue its first one.
constexpr std::string_view kFilterWords[] = {"src",    "dst",    "sport",     "dport", "dev",
                                             "fwmark", "cgroup", "autobound", "not"};
bool begins_filter(std::string_view word) {
  const std::size_t letters =
      std::ranges::find_if_not(word, [](char c) { return c >= 'a' && c <= 'z'; }) - word.begin();
  return letters == 0 || std::ranges::find(kFilterWords, word.substr(0, letters)) != std::end(kFilterWords);
}

struct Words {
  StateMask states = kAllStates;
  std::vector<std::string> filter;
};

Words parse_operands(std::span<const std::string> operands) {
  Words words{kAllStates, split(operands)};
  std::vector<std::string>& list = words.filter;
  if (list.empty()) return words;
  const bool keyword = list[0] == "state";  // as in ss
  const std::size_t at = keyword ? 1 : 0;
  if (at == list.size()) throw UsageError("\"state\" needs a word, as in: state listening", kUsageStatus);
  const auto states = states_named(list[at]);
  if (states) {
    words.states = *states;
    list.erase(list.begin(), list.begin() + static_cast<std::ptrdiff_t>(at) + 1);
  } else if (keyword || !begins_filter(list[at])) {
    throw UsageError(not_a_value(*find_column("state").column, list[at]), kUsageStatus);
  }
  return words;
}

}  // namespace

SocketChoice::SocketChoice(Environment& env, const SocketWords& typed, std::span<const std::string> operands) {
  const Words words = parse_operands(operands);
  const auto names = lookup_of(env, nullptr);
  ProtocolSet protocols = typed.protocols;
  if (!words.filter.empty()) {
    Parsed parsed = parse_filter(words.filter, {.names = *names,
                                                .tcp = protocols.empty() || protocols.has(Protocol::tcp),
                                                .udp = protocols.has_any(kUdpProtocols)});
    if (!parsed.ok()) {
      std::string marked = caret_lines(parsed.error, words.filter);
      marked.pop_back();
      throw UsageError("the filter cannot be parsed\n" + marked, kUsageStatus);
    }
    filter_ = std::move(parsed.expr);
    if (parsed.restricted) restrict_to(*parsed.restricted, protocols);
  }
  if (protocols.empty()) protocols = {Protocol::tcp};
  if (!typed.families.empty()) {
    if (!protocols.has_any(kInetProtocols))
      throw UsageError("-4 and -6: none of the protocols belongs to an IP version", kUsageStatus);
    request_.families = typed.families;
  }
  request_.protocols = protocols;
  request_.states = words.states;
  if (filter_) {
    request_.filter = &*filter_;
    // The ports and addresses of UNIX sockets are inodes and names.
    constexpr FieldSet kOfUnix{Field::inode, Field::unix_peer, Field::unix_name};
    const FieldSet needs = fields_of(*filter_);
    request_.wanted = request_.wanted | (protocols.has_any(kUnixProtocols) ? needs : needs - kOfUnix);
    request_.filter_context.ephemeral = ephemeral_ports(env.proc);
  }
  if (typed.where) {
    where_.emplace(*typed.where, socket_columns(), Where::Reading{"--where", names.get()});
    request_.wanted = request_.wanted | where_->needs();
  }
}

/// The filter names a family: "src unix:/run/x".
void SocketChoice::restrict_to(Family family, ProtocolSet& protocols) {
  ProtocolSet of_family;
  for (const ProtocolRow& row : kProtocols)
    if (row.families.has(family)) of_family.add(row.protocol);
  if (protocols.empty() && !of_family.has(Protocol::tcp)) protocols = of_family;
  if (!protocols.empty() && !protocols.has_any(of_family))
    throw UsageError("the filter is about a family that has none of these protocols", kUsageStatus);
}

}  // namespace duostat::command
