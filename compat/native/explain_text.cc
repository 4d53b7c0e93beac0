// A plan for a terminal of 80 columns.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/core.h>
#include <net/if.h>
#include <sys/ioctl.h>

#include <algorithm>

#include "compat/native/explain.h"
#include "compat/native/page.h"
#include "compat/native/request_terms.h"
#include "compat/native/shell_words.h"
#include "src/base/error.h"
#include "src/diag/disassemble.h"
#include "src/query/expr_tree.h"

namespace duostat::native {
namespace {

constexpr StateMask kEvery = ~StateMask{0};
constexpr std::size_t kFamilyAt = 16;  ///< of the family in a request: every fixed part begins with it

std::string joined(const std::vector<std::string>& words, std::string_view between) {
  std::string text;
  for (const std::string& word : words) text.append(text.empty() ? "" : between).append(word);
  return text;
}

std::string files_text(const std::vector<PlannedFile>& files) {
  std::string text;
  for (const PlannedFile& file : files) {
    text.append(text.empty() ? "" : ", ").append(file.path);
    if (file.error != 0) text += fmt::format(" ({})", error_text(file.error));
  }
  return text.empty() ? "no file lists them" : text;
}

void print_table(Page& page, const PlannedTable& table) {
  const Query& query = table.query;
  std::string protocols, families;
  for (const ProtocolRow& row : kProtocols)
    if (query.protocols.has(row.protocol)) protocols.append(protocols.empty() ? "" : " ").append(row.id);
  for (unsigned i = 0; i < 64; ++i) {
    bool listed = false;
    for (const ProtocolRow& row : kProtocols)
      listed = listed || (query.protocols.has(row.protocol) && row.families.has(static_cast<Family>(i)));
    const bool inet = i == 2 || i == 10;
    if (listed && (!inet || query.families.has(static_cast<Family>(i))))
      families.append(families.empty() ? "" : " ").append(family_constant(i));
  }
  page.item(2, table_name(query),
            protocols == table_name(query) ? families : fmt::format("{}: {}", families, protocols));
  page.item(4, "states",
            query.states == kEvery ? fmt::format("{:#x}: all", query.states)
                                   : fmt::format("{:#x} {}", query.states, joined(state_constants(query.states), " ")));
  if (!query.wanted.empty()) page.item(4, "wanted", names_of(query.wanted, " "));
  page.item(4, "asked", fmt::format("{}: {}", word_of(table.choice.first), reason_of(table)));
  if (table.choice.second) page.item(4, "then", fmt::format("{}, if it refuses", word_of(*table.choice.second)));
  if (asks(table.choice, Via::procfs)) page.item(4, "procfs reads", files_text(table.files));
  page.blank();
}

std::string value_of(const Term& term) {
  if (!term.text.empty()) return term.text;
  return term.bits && term.value != 0 ? fmt::format("{:#x}", term.value) : fmt::format("{}", term.value);
}

/// `above`: states that have been spelled out already.
void print_part(Page& page, const Part& part, std::vector<std::uint64_t>& above) {
  if (part.attribute) {
    page.line(4, fmt::format("attribute {}: nla_type {}, nla_len {}", part.structure, part.terms[1].value, part.size));
    if (!part.note.empty()) page.line(6, part.note);
    return;
  }
  if (part.structure == "inet_diag_sockid" && !part.note.empty()) {
    page.line(4, fmt::format("struct inet_diag_sockid id: {}", part.note));
    return;
  }
  page.line(4, fmt::format("struct {}, {} bytes", part.structure, part.size));
  constexpr std::size_t kMany = 5;
  for (const Term& term : part.terms) {
    std::string words = joined(term.words, term.bits ? " | " : " ");
    if (term.name.ends_with("_states")) {
      words = joined(term.words, " ");
      if (term.value == kEvery)
        words = "all";
      else if (term.words.size() > kMany && std::ranges::find(above, term.value) != above.end())
        words = fmt::format("{} states, as above", term.words.size());
      else
        above.push_back(term.value);
    }
    page.term(6, term.name, value_of(term), words);
  }
  if (!part.note.empty()) page.line(6, part.note);
}

/// Two requests of a table differ in their number and the family only, as a rule.
bool same_but_family(const PlannedRequest& a, const PlannedRequest& b) {
  if (a.bytes.size() != b.bytes.size() || a.bytes.size() <= kFamilyAt || a.netlink_protocol != b.netlink_protocol)
    return false;
  PlannedRequest copy = a;
  copy.bytes[kFamilyAt] = b.bytes[kFamilyAt];
  std::copy_n(b.bytes.begin() + kSequenceAt, kSequenceSize, copy.bytes.begin() + kSequenceAt);
  return copy == b && a != b;
}

/// Prints requests one after the other and numbers them.
class Requests {
 public:
  Requests(Page& page, const std::vector<PlannedTable>& tables) : page_(page) {
    for (const PlannedTable& table : tables) above_.push_back(table.query.states);
  }
  void print(const std::vector<PlannedRequest>& requests) {
    for (const PlannedRequest& request : requests) {
      const DecodedRequest decoded = decode(request);
      page_.line(2,
                 fmt::format("{}. {}: {}, {} bytes", ++number_, decoded.protocol, decoded.title, request.bytes.size()));
      if (before_ != nullptr && same_but_family(*before_, request)) {
        const auto family = std::to_integer<unsigned>(request.bytes[kFamilyAt]);
        page_.line(4, fmt::format("like request {}, except for its number and the family: {} {}", number_ - 1, family,
                                  family_constant(family)));
      } else {
        for (const Part& part : decoded.parts) print_part(page_, part, above_);
      }
      page_.blank();
      before_ = &request;
    }
  }

  /// A line for each.
  void print_titles(const std::vector<PlannedRequest>& requests) {
    for (const PlannedRequest& request : requests) {
      const DecodedRequest decoded = decode(request);
      std::string title = fmt::format("{}. {}: {}", ++number_, decoded.protocol, decoded.title);
      for (const Part& part : decoded.parts)
        for (const Term& term : part.terms)
          if (term.name.ends_with("_states")) title += fmt::format(", {:#x}", term.value);
      page_.line(2, title);
    }
  }

 private:
  Page& page_;
  unsigned number_ = 0;
  const PlannedRequest* before_ = nullptr;
  std::vector<std::uint64_t> above_;
};

std::string target(std::size_t at, std::size_t size) {
  return at < size ? fmt::format("{}", at) : at == size ? "accept" : "reject";
}

void print_program(Page& page, Bytes program) {
  page.line(
      2, fmt::format("INET_DIAG_REQ_BYTECODE, {} bytes, run by inet_diag_bc_run() for each socket:", program.size()));
  page.line(4, fmt::format("{:>4}  {:<24} {:<26} {:>6} {:>6}", "at", "instruction", "compares with", "yes", "no"));
  for (const bc::Line& line : bc::lines_of(program)) {
    const std::string jumps =
        fmt::format(" {:>6} {:>6}", target(line.yes, program.size()), target(line.no, program.size()));
    if (line.operands.size() <= 26) {
      page.line(4, fmt::format("{:>4}  {:<24} {:<26}{}", line.offset, line.name, line.operands, jumps));
    } else {
      page.line(4, fmt::format("{:>4}  {:<24} {}", line.offset, line.name, line.operands));
      page.line(4, fmt::format("{:>4}  {:<51}{}", "", "", jumps));
    }
  }
  page.line(4, fmt::format("{:>4}  the end: a jump here accepts, a jump beyond rejects", program.size()));
  page.blank();
}

/// The filter is one for all tables; its programs are those of the requests, each once.
void print_filter(Page& page, const Plan& plan) {
  const auto with = std::ranges::find_if(plan.tables, [](const PlannedTable& t) { return t.filter != nullptr; });
  if (with == plan.tables.end()) return;
  page.heading("Filter");
  for (const TreeLine& line : tree_of(*with->filter)) page.line(2, line.branches + line.text);
  page.blank();
  std::vector<std::vector<std::byte>> programs;
  for (const PlannedTable& table : plan.tables)
    for (const PlannedRequest& request : table.requests) {
      std::vector<std::byte> program = decode(request).bytecode;
      if (program.empty() || std::ranges::find(programs, program) != programs.end()) continue;
      print_program(page, program);
      programs.push_back(std::move(program));
    }
}

void print_leftovers(Page& page, const Plan& plan) {
  const std::vector<Leftover> left = left_to_user_space(plan);
  if (left.empty()) return;
  page.heading("Left to user space");
  for (const Leftover& l : left)
    page.item(2, "-",
              fmt::format("{}{}: {}", l.what, l.tables.empty() ? "" : " (" + joined(l.tables, ", ") + ")", l.why), 2);
  page.blank();
}

void print_figures(Page& page, const Plan& plan) {
  if (plan.figures.empty()) return;
  page.heading("Numbers");
  for (const PlannedFigure& f : plan.figures) page.item(2, f.title, f.source);
  page.blank();
}

struct IoctlName {
  unsigned long request;
  std::string_view name;
};
constexpr IoctlName kIoctls[] = {
    {SIOCGIFCONF, "SIOCGIFCONF"},       {SIOCGIFFLAGS, "SIOCGIFFLAGS"},     {SIOCGIFHWADDR, "SIOCGIFHWADDR"},
    {SIOCGIFMTU, "SIOCGIFMTU"},         {SIOCGIFMAP, "SIOCGIFMAP"},         {SIOCGIFTXQLEN, "SIOCGIFTXQLEN"},
    {SIOCGIFADDR, "SIOCGIFADDR"},       {SIOCGIFDSTADDR, "SIOCGIFDSTADDR"}, {SIOCGIFBRDADDR, "SIOCGIFBRDADDR"},
    {SIOCGIFNETMASK, "SIOCGIFNETMASK"},
};

void print_files(Page& page, const Plan& plan) {
  page.heading("Files and calls");
  for (const std::string& path : plan.network_namespaces)
    page.item(2, "namespace",
              path + ": entered first, with setns(2) and a private mount namespace with its own /sys. "
                     "Not entered in the dry run: files and numbers here are those of this namespace");
  for (const PlannedFile& file : plan.files)
    page.item(2, "read", file.path + (file.error != 0 ? fmt::format(" ({})", error_text(file.error)) : ""));
  for (const PlannedFile& file : plan.configuration)
    page.item(
        2, "decides",
        file.path + (file.error != 0 ? fmt::format(" ({})", error_text(file.error)) : " (also read in the dry run)"));
  for (const OtherFile& file : plan.others)
    page.item(2, file.writes ? "written" : "read", fmt::format("{}: {}", file.path, file.what));
  if (!plan.ioctls.empty()) {
    std::vector<std::string> names;
    for (const unsigned long request : plan.ioctls) names.emplace_back(ioctl_name(request));
    page.item(2, "ioctl(2)", joined(names, " "));
  }
  for (const std::uint32_t group : plan.groups)
    page.item(
        2, "multicast",
        fmt::format("NETLINK_ADD_MEMBERSHIP {} {}: waits for messages of that group", group, group_constant(group)));
  page.item(2, "processes", plan.process_files.empty() ? "not scanned" : "all: " + plan.process_files);
  if (plan.names.empty()) page.item(2, "names", "none resolved");
  for (const auto& [what, how] : plan.names) page.item(2, "names", fmt::format("{}: {}", what, how));
  if (plan.period_ns != 0) page.item(2, "again", fmt::format("every {} s", static_cast<double>(plan.period_ns) / 1e9));
  page.blank();
}

void print_owner_program(Page& page, const Plan& plan) {
  if (!plan.owner_program) return;
  const OwnerProgramText text = owner_program_text(plan);
  page.heading("Owners by a BPF iterator");
  page.item(2, "asked", text.condition);
  page.item(2, "then", "/proc answers if any step fails; names beside the task's are read from /proc in any case");
  page.item(2, "target", text.target);
  page.item(2, "record", text.record);
  page.line(2, "program");
  for (std::string_view left = text.program; !left.empty(); left.remove_prefix(left.find('\n') + 1))
    page.line(4, std::string(left.substr(0, left.find('\n'))));
  page.blank();
}

std::string duration(double us) {
  if (us == 0) return "-";
  return us < 1000  ? fmt::format("{:.0f} us", us)
         : us < 1e6 ? fmt::format("{:.1f} ms", us / 1000)
                    : fmt::format("{:.1f} s", us / 1e6);
}

void print_cost(Page& page, const Plan& plan, const Cost& cost) {
  if (cost.tables.empty() && plan.process_files.empty()) return;
  page.heading("Estimated cost");
  constexpr std::string_view kRow = "{:<10} {:>9} {:>10} {:>10}  {}";
  page.line(2, fmt::format(kRow, "table", "sockets", "netlink", "procfs", "counted in"));
  page.line(2, fmt::format(kRow, "start", "", duration(cost.start_us), duration(cost.start_us), ""));
  for (std::size_t i = 0; i < cost.tables.size(); ++i) {
    const TableCost& t = cost.tables[i];
    page.line(2, t.counted
                     ? fmt::format(kRow, t.table, t.sockets, duration(t.netlink_us), duration(t.procfs_us), t.source)
                     : fmt::format(kRow, t.table, "?", "-", "-", "not counted in net/protocols"));
    if (t.buckets != 0)
      page.line(2, fmt::format(kRow, "", "", "", "", fmt::format("hash table of {} buckets", t.buckets)));
  }
  if (!plan.process_files.empty())
    page.line(2, fmt::format("{:<10} {:>9} {:>21}  {}, {} open files in total", "processes", cost.processes,
                             duration(cost.processes_us), "/proc", cost.files));
  page.paragraph(2, cost_source());
}

/// The command line, which can be pasted into a shell: a word is quoted if a shell might change it.
std::string as_typed(std::span<const std::string> words) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789%+,-./:=@_";
  std::string line;
  for (const std::string& word : words) {
    if (!line.empty()) line += ' ';
    const bool plain = !word.empty() && word.find_first_not_of(kPlain) == std::string::npos;
    line += plain ? word : shell_quoted(word);
  }
  return line;
}

}  // namespace

std::string_view ioctl_name(unsigned long request) {
  const auto* at = std::ranges::find(kIoctls, request, &IoctlName::request);
  return at == std::end(kIoctls) ? "?" : at->name;
}

void print_plan(const Plan& plan, const Cost& cost, Output& out) {
  Page page(out);
  page.paragraph(0, "Dry run of: " + as_typed(plan.command));
  page.blank();
  if (!plan.tables.empty()) page.heading("Tables and states");
  for (const PlannedTable& table : plan.tables) print_table(page, table);
  const auto any = [&](std::vector<PlannedRequest> PlannedTable::*list) {
    return std::ranges::any_of(plan.tables, [list](const PlannedTable& table) { return !(table.*list).empty(); });
  };
  if (!plan.requests.empty() || any(&PlannedTable::requests)) page.heading("Netlink requests");
  Requests requests(page, plan.tables);
  for (const PlannedTable& table : plan.tables) requests.print(table.requests);
  requests.print(plan.requests);
  if (any(&PlannedTable::at_a_row)) {
    page.heading("At the first row");
    for (const PlannedTable& table : plan.tables) requests.print(table.at_a_row);
  }
  if (any(&PlannedTable::otherwise)) {
    page.heading("In other cases: a refusal, many IPv6 sockets, an ambiguous /proc/net/unix");
    for (const PlannedTable& table : plan.tables) requests.print_titles(table.otherwise);
    page.blank();
  }
  if (!plan.per_row.empty()) {
    page.heading("For each row that passes");
    page.paragraph(2, "The identity is that of the row; here a made-up one.");
    requests.print(plan.per_row);
  }
  print_filter(page, plan);
  print_leftovers(page, plan);
  print_figures(page, plan);
  print_files(page, plan);
  print_owner_program(page, plan);
  print_cost(page, plan, cost);
}

}  // namespace duostat::native
