// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/insight/baseline.h"

#include <algorithm>
#include <charconv>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "src/base/error.h"
#include "src/base/escape.h"
#include "src/base/lines.h"
#include "src/insight/address_text.h"
#include "src/names/workload.h"
#include "src/render/address.h"

namespace duostat {
namespace {

constexpr std::string_view kMagic = "duostat baseline 1";
constexpr std::string_view kNoValue = "-", kHidden = "?";

/// One field, so that neither a tab nor a line's end, nor one of the words for no value, is in it.
void put_field(std::string& out, std::string_view text) {
  constexpr char kDigits[] = "0123456789abcdef";
  const bool word = text == kNoValue || text == kHidden;
  out.push_back('\t');
  if (text.empty()) out.append(kNoValue);
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f && c != '\\' && !word) out.push_back(c);
    else out.append("\\x").append(1, kDigits[byte >> 4]).append(1, kDigits[byte & 0xf]);
  }
}

/// Reads the lines of a baseline.
class BaselineParser {
 public:
  BaselineParser(std::string_view text, const std::string& name) : rest_(text), name_(name) {}

  Baseline parse() {
    if (!next() || line_ != kMagic)
      fail("not a baseline of this program: its first line is not \"" + std::string(kMagic) + "\"");
    while (next()) {
      if (line_.empty() || line_[0] == '#') continue;
      const std::string_view kind = raw();
      if (kind == "range") range();
      else if (kind == "listener") listener();
      else fail("a line begins with \"range\", \"listener\" or '#'");
    }
    return std::move(baseline_);
  }

 private:
  [[noreturn]] void fail(const std::string& what) const { throw FormatError(name_, number_, what); }

  bool next() {
    if (!next_line(rest_, line_)) return false;
    ++number_;
    more_ = true;
    return true;
  }

  /// The next field as it is written.
  std::string_view raw() {
    if (!more_) fail("fields are missing");
    const auto end = std::min(line_.find('\t'), line_.size());
    const std::string_view field = line_.substr(0, end);
    more_ = end < line_.size();
    line_.remove_prefix(std::min(end + 1, line_.size()));
    return field;
  }

  std::string text() {
    std::string_view field = raw();
    std::string plain;
    if (field == kNoValue) return plain;
    while (!field.empty()) {
      if (field[0] != '\\') {
        plain.push_back(field[0]);
        field.remove_prefix(1);
        continue;
      }
      unsigned byte = 0;
      const char* const begin = field.data() + 2;
      if (field.size() < 4 || field[1] != 'x' || std::from_chars(begin, begin + 2, byte, 16).ptr != begin + 2)
        fail("a backslash begins \\xHH");
      plain.push_back(static_cast<char>(byte));
      field.remove_prefix(4);
    }
    return plain;
  }

  std::optional<std::uint32_t> number(std::uint32_t most) {
    const std::string_view field = raw();
    if (field == kNoValue) return std::nullopt;
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
    if (error != std::errc() || end != field.data() + field.size() || value > most)
      fail("not a number up to " + std::to_string(most));
    return value;
  }

  void end() const {
    if (more_) fail("too many fields");
  }

  void range() {
    baseline_.range = {number(kPortMax).value_or(1), number(kPortMax).value_or(0)};
    end();
  }

  void listener() {
    BaselineEntry entry;
    entry.protocol = text();
    const auto row = std::ranges::find(kProtocols, entry.protocol, &ProtocolRow::id);
    if (row == std::end(kProtocols)) fail("\"" + entry.protocol + "\" is not a protocol");
    entry.address = text();
    if (kInetProtocols.has(row->protocol) && !ip_address(entry.address)) fail("the address is not an IP address");
    entry.port = number(kPortMax).value_or(0);
    entry.device = text();
    entry.known = !line_.starts_with("?\t");
    entry.process = text();
    if (!entry.known) entry.process.clear();
    entry.uid = number(UINT32_MAX);
    entry.unit = text();
    end();
    baseline_.entries.push_back(std::move(entry));
  }

  static constexpr std::uint32_t kPortMax = 65535;
  std::string_view rest_, line_;
  const std::string& name_;
  std::uint64_t number_ = 0;  ///< of the line
  bool more_ = false;         ///< the line has another field
  Baseline baseline_;
};

/// An abstract name that the kernel chose (unix_autobind()): five hexadecimal digits.
bool is_chosen_name(const BaselineEntry& e) {
  constexpr std::size_t kSize = 6;
  return e.port == 0 && e.address.size() == kSize && e.address[0] == '@' &&
         e.address.find_first_not_of("0123456789abcdef", 1) == std::string::npos;
}

/// Entries with another place never match.
std::string place_of(const BaselineEntry& e, bool by_port) {
  const bool any = !by_port && is_chosen_name(e);
  std::string place = e.protocol;
  place.append("\n").append(e.device).append("\n").append(any ? std::string_view() : std::string_view(e.address));
  if (by_port) place.append("\n").append(std::to_string(e.port));
  return place;
}

/// Whether two known owners are one, as far as both lists tell.
bool same_owner(const BaselineEntry& before, const BaselineEntry& now) {
  if (before.uid && now.uid && before.uid != now.uid) return false;
  if (now.process == kActivated || (before.process == kActivated && now.managed)) return true;
  return before.process == now.process && (before.unit.empty() || now.unit.empty() || before.unit == now.unit);
}

class Comparing {
 public:
  Comparing(const Baseline& before, const Baseline& now)
      : before_(before), now_(now), old_taken_(before.entries.size()), new_taken_(now.entries.size()) {}

  BaselineComparison run() {
    const auto both_chosen = [this](const BaselineEntry& a, const BaselineEntry& b) { return chosen(a) && chosen(b); };
    const auto owners = [](const BaselineEntry& a, const BaselineEntry& b) {
      return a.known && b.known && same_owner(a, b);
    };
    // One of the two owners is not visible: only the user can differ.
    const auto hidden = [](const BaselineEntry& a, const BaselineEntry& b) {
      return (!a.known || !b.known) && (!a.uid || !b.uid || a.uid == b.uid);
    };
    match(true, owners);
    match(true, hidden);
    join_hidden(before_.entries, old_taken_, now_.entries);
    join_hidden(now_.entries, new_taken_, before_.entries);
    match(false, [&](const auto& a, const auto& b) { return both_chosen(a, b) && owners(a, b); });
    match(false, [&](const auto& a, const auto& b) { return both_chosen(a, b) && hidden(a, b); });
    match(true, [&](const auto&, const auto& b) { return !chosen(b); }, ListenerChange::changed);
    for (std::size_t i = 0; i < now_.entries.size(); ++i)
      if (!new_taken_[i]) result_.differences.push_back({ListenerChange::added, 0, i});
    std::ranges::stable_sort(result_.differences, {}, &BaselineDifference::now);
    for (std::size_t i = 0; i < before_.entries.size(); ++i)
      if (!old_taken_[i]) result_.differences.push_back({ListenerChange::gone, i, 0});
    return std::move(result_);
  }

 private:
  bool chosen(const BaselineEntry& e) const {
    return is_chosen_name(e) || (e.port != 0 && (now_.range.has(e.port) || before_.range.has(e.port)));
  }

  /// Pairs what is left of the two lists.
  template <class Match>
  void match(bool by_port, Match&& matches, ListenerChange change = ListenerChange::none) {
    std::unordered_map<std::string, std::vector<std::size_t>> left;
    for (std::size_t i = 0; i < before_.entries.size(); ++i)
      if (!old_taken_[i]) left[place_of(before_.entries[i], by_port)].push_back(i);
    for (std::size_t j = 0; j < now_.entries.size(); ++j) {
      if (new_taken_[j]) continue;
      const auto at = left.find(place_of(now_.entries[j], by_port));
      if (at == left.end()) continue;
      std::vector<std::size_t>& places = at->second;
      const auto found = std::ranges::find_if(
          places, [&](std::size_t i) { return matches(before_.entries[i], now_.entries[j]); });
      if (found == places.end()) continue;
      const std::size_t i = *found;
      places.erase(found);
      old_taken_[i] = new_taken_[j] = true;
      if (change != ListenerChange::none) result_.differences.push_back({change, i, j});
      else if (before_.entries[i].known != now_.entries[j].known) ++result_.not_compared;
    }
  }

  /// Several programs on one port are one listener where their owners are not visible: what is left of `entries` is
  /// part of such a listener in `others`.
  void join_hidden(const std::vector<BaselineEntry>& entries, std::vector<bool>& taken,
                   const std::vector<BaselineEntry>& others) {
    const auto with_user = [](const BaselineEntry& e) {
      return place_of(e, true) + "\n" + (e.uid ? std::to_string(*e.uid) : std::string());
    };
    std::unordered_set<std::string> places;
    for (const BaselineEntry& e : others)
      if (!e.known) places.insert(with_user(e));
    for (std::size_t i = 0; i < entries.size(); ++i) {
      if (taken[i] || !places.contains(with_user(entries[i]))) continue;
      taken[i] = true;
      ++result_.not_compared;
    }
  }

  const Baseline &before_, &now_;
  std::vector<bool> old_taken_, new_taken_;
  BaselineComparison result_;
};

}  // namespace

std::string stable_unit(const Workload& w) {
  if (w.runtime != Runtime::none) {
    const bool named = w.runtime == Runtime::lxc || w.runtime == Runtime::nspawn;
    const std::string& unit = w.user_unit.empty() ? w.unit : w.user_unit;
    std::string text(word_of(w.runtime));
    if (named) text.append(" ").append(w.container);
    const bool of_container = w.inside || (w.runtime == Runtime::podman && !unit.starts_with("user@"));
    if (of_container && !unit.empty()) text.append(" ").append(unit);
    return text;
  }
  if (!w.pod.empty()) return "pod";
  const std::string& unit = w.user_unit.empty() ? w.unit : w.user_unit;
  constexpr std::string_view kPassing[] = {"session", "run"};
  for (const std::string_view word : kPassing)
    if (unit.starts_with(std::string(word) + "-") && unit.ends_with(".scope")) return std::string(word) + ".scope";
  return unit;
}

BaselineEntry entry_of(const Listener& l) {
  BaselineEntry entry;
  entry.protocol = row_of(l.protocol == Protocol::mptcp ? Protocol::tcp : l.protocol).id;
  if (l.family == Family::unix_domain) {
    entry.address = l.name;
  } else {
    char text[kAddressTextMax];
    entry.address.assign(text, static_cast<std::size_t>(format_address(text, l.family, l.local.address) - text));
    entry.port = l.local.port;
  }
  entry.device = l.device.empty() && l.ifindex != 0 ? "if" + std::to_string(l.ifindex) : l.device;
  entry.known = l.owner_known();
  entry.process = l.activated ? std::string(kActivated) : l.process;
  entry.uid = l.uid;
  if (l.workload && !l.activated) entry.unit = stable_unit(*l.workload);
  entry.managed = l.managed;
  return entry;
}

Listener listener_of(const BaselineEntry& e) {
  Listener l;
  for (const ProtocolRow& row : kProtocols)
    if (row.id == e.protocol) l.protocol = row.protocol;
  if (kUnixProtocols.has(l.protocol)) {
    l.family = Family::unix_domain;
    l.name = e.address;
  } else {
    const IpAddress ip = ip_address(e.address).value_or(IpAddress{Family::inet, {}});
    l.family = ip.family;
    l.local = {.address = ip.address, .port = e.port, .node = 0, .family = ip.family};
  }
  l.device = e.device;
  l.uid = e.uid;
  l.kernel = e.known && e.process.empty();
  l.process = e.process;
  if (!e.unit.empty()) {
    l.workload.emplace();
    l.workload->unit = e.unit;
  }
  return l;
}

std::string owner_text(const BaselineEntry& e) {
  std::string text = !e.known ? "not visible" : e.process.empty() ? "kernel" : e.process;
  if (e.uid) text.append(", user ").append(std::to_string(*e.uid));
  if (!e.unit.empty()) text.append(", ").append(e.unit);
  return text;
}

std::string text_of(const Baseline& baseline, std::string_view comment) {
  std::string scratch, out(kMagic);
  out.append("\n# ").append(without_controls(comment, scratch)).append("\n");
  const PortRange& range = baseline.range;
  const auto range_end = [&](std::uint32_t port) { out.append("\t").append(std::to_string(port)); };
  if (!range.empty()) {
    out.append("range");
    range_end(range.first);
    range_end(range.last);
    out.push_back('\n');
  }
  const auto number = [&](bool known, std::uint32_t value) { put_field(out, known ? std::to_string(value) : ""); };
  for (const BaselineEntry& e : baseline.entries) {
    out.append("listener");
    put_field(out, e.protocol);
    put_field(out, e.address);
    number(e.port != 0, e.port);
    put_field(out, e.device);
    if (e.known) put_field(out, e.process);
    else out.append("\t").append(kHidden);
    number(e.uid.has_value(), e.uid.value_or(0));
    put_field(out, e.unit);
    out.push_back('\n');
  }
  return out;
}

Baseline parse_baseline(std::string_view text, const std::string& name) {
  return BaselineParser(text, name).parse();
}

BaselineComparison compare(const Baseline& before, const Baseline& now) { return Comparing(before, now).run(); }

}  // namespace duostat
