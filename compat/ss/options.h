// The options of ss and what they ask for.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "compat/option_table.h"
#include "compat/ss/bpf_storages.h"
#include "compat/ss/tables.h"
#include "compat/view_request.h"
#include "src/base/fd.h"

namespace duostat {
struct Environment;
}

namespace duostat::ss {

struct Request;

/// Something that an option does, beyond being remembered, before anything is listed (compat/ss/preparation.h).
struct Step {
  void (*take)(Environment& env, Request& request, std::string_view word);
  std::string word;  ///< the option's value
};

/// How the program ends before it lists anything. With a status other than 0 the usage text goes to standard error.
struct Ending {
  int status = 0;
  std::string message;  ///< for standard error, without a newline; empty: none
  enum class Text { none, version, usage } text = Text::none;
};

/// What the command line asks for. Options fold into it from left to right; finish_choice() draws the conclusions.
struct Request {
  // What to show of a socket.
  bool numeric = false, resolve = false;
  bool timers = false, extended = false, memory = false, info = false, bpf = false;
  bool tos = false, cgroup = false, inet_sockopt = false, tipc_info = false;
  bool processes = false, threads = false;
  enum class Storages : std::uint8_t { none, all, chosen } storages = Storages::none;  ///< of BPF maps
  BpfStorages storage_maps;                                                           ///< the chosen ones
  int process_contexts = 0, socket_contexts = 0;  ///< how often -Z and -z asked
  // How.
  bool header = true, queues = true, oneline = false;
  bool summary = false;
  bool kill = false, events = false;
  bool dry_run = false, strict = false;  ///< of -K
  // Which sockets.
  ProtocolSet tables;
  FamilySet families;
  Family preferred = Family::unspecified;
  StateMask default_states = 0;   ///< what the chosen tables and families bring along
  StateMask explicit_states = 0;  ///< -a, -l, -B, -A, state words; 0: not given
  bool defaulting = true;         ///< no table, family or query was named
  bool queried = false;           ///< -A was met

  std::vector<Step> steps;               ///< in the order of the command line
  bool filter_file_named = false;        ///< -F
  std::optional<Fd> filter_file;         ///< its file, once opened: more words of the filter
  std::optional<std::string> dump_file;  ///< -D: where to write the raw answer of the tcp table; "-": standard output

  std::optional<std::string> via;
  ViewRequest view;
  std::optional<Ending> ending;   ///< set: later options are not looked at

  StateMask states() const { return explicit_states != 0 ? explicit_states : default_states; }
  /// Some option asks for the table of processes, whether it will be visible or not.
};

/// Has the program end so.
void end(Request& request, int status, std::string message, Ending::Text text = Ending::Text::none);

/// The rows: tokenizer, usage text and manual read them.
std::span<const Option<Request>> options();

/// Options and words of the usage text.
std::string usage();

/// Parses `args`: folds the options into a request and leaves the other words in `operands`. A mistake on the command line
/// ends up in Request::ending. Opens, reads and changes nothing: that is left to prepare() (compat/ss/preparation.h).
Request read_options(std::span<const std::string> args, std::string_view program, bool stop_at_operand,
                     std::vector<std::string>& operands);

}  // namespace duostat::ss
