// The options of ss, folded into a value.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "compat/ss/bpf_storages.h"
#include "compat/ss/tables.h"
#include "src/base/fd.h"
#include "src/base/option_table.h"
#include "src/view/view_request.h"

namespace duostat {
struct Environment;
}

namespace duostat::ss {

struct Request;

/// What an option does to this process before anything is listed (compat/ss/preparation.h).
struct Step {
  void (*take)(Environment& env, Request& request, std::string_view word);
  std::string word;  ///< the option's value
};

/// An end before anything is listed. With a status other than 0 two lines of usage go to standard error, not the text.
struct Ending {
  int status = 0;
  std::string message;  ///< for standard error, without a newline; empty: none
  enum class Text { none, version, usage } text = Text::none;
  std::string meant = {};  ///< the word that was probably meant; with usage, or for a person at a terminal
};

/// The command line as a value. Options fold into it from left to right; complete_choice() (operands.h) adds the
/// defaults.
struct Request {
  // What to show of a socket.
  bool numeric = false, resolve = false;
  bool timers = false, extended = false, memory = false, info = false, bpf = false;
  bool tos = false, cgroup = false, inet_sockopt = false, tipc_info = false;
  bool processes = false, threads = false;
  enum class Storages : std::uint8_t { none, all, chosen } storages = Storages::none;  ///< of BPF maps
  BpfStorages storage_maps;                                                           ///< the chosen ones
  int process_contexts = 0, socket_contexts = 0;  ///< number of -Z and -z options
  // How.
  bool header = true, queues = true, oneline = false;
  bool summary = false;
  bool kill = false, events = false;
  bool dry_run = false, strict = false;  ///< of -K
  // Which sockets.
  ProtocolSet tables;
  FamilySet families;
  Family preferred = Family::unspecified;
  StateMask default_states = 0;   ///< added by the chosen tables and families
  StateMask explicit_states = 0;  ///< -a, -l, -B, -A, state words; 0: not given
  bool defaulting = true;         ///< no table, family or query was named
  bool queried = false;           ///< -A was given

  std::vector<Step> steps;               ///< in the order of the command line
  bool entered_netns = false;            ///< -N
  bool filter_file_named = false;        ///< -F
  std::optional<Fd> filter_file;         ///< its file, once opened: more words of the filter
  std::optional<std::string> dump_file;  ///< -D: where to write the raw answer of the tcp table; "-": standard output

  std::optional<std::string> via;
  std::vector<std::string> from;  ///< --from
  ViewRequest view;
  std::optional<Ending> ending;   ///< set: later options are ignored

  StateMask states() const { return explicit_states != 0 ? explicit_states : default_states; }
};

/// Sets Request::ending.
void end(Request& request, int status, std::string message, Ending::Text text = Ending::Text::none,
         std::string_view meant = {});

std::span<const Option<Request>> options();

/// The usage text, made from options() and the tables of words.
std::string usage();
/// The usage text after a mistake: its first two lines, and how to get the rest. `meant`: the nearest valid word.
std::string usage_hint(std::string_view meant = {});

/// Folds the options into a request and puts the other words into `operands`. A mistake on the command line sets
/// Request::ending. Opens, reads and changes nothing; prepare() (compat/ss/preparation.h) does.
Request read_options(std::span<const std::string> args, std::string_view program, bool stop_at_operand,
                     std::vector<std::string>& operands);

}  // namespace duostat::ss
