// Whole front ends and commands over a recorded host (tests/fuzz/host.capture) in which the input replaces one file,
// link, netlink reply or name. The first byte selects the command line, two bytes the replaced part, one the terminal
// and how a reply arrives. Whatever was replaced, the status is a documented one, JSON is valid, text has no control
// characters, and a page no markup but ours.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "compat/frontend.h"
#include "compat/native/commands.h"
#include "src/base/error.h"
#include "src/base/terminal_sink.h"
#include "src/collect/recorded_host.h"
#include "src/collect/recording.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/output_checks.h"

using namespace duostat;

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace {

using fuzz::require;

enum class Form : std::uint8_t { text, csv, json, json_lines, page };

/// A command line, its words separated by blanks, and the form of its output. New lines go to the end: a seed names a
/// line by its number.
struct CommandLine {
  std::string_view words;
  Form form = Form::text;
};
constexpr CommandLine kLines[] = {
    {"ss -tan"},
    {"ss -a"},
    {"ss -tuwxapnieomZ --tos --cgroup --inet-sockopt --bpf-maps"},
    {"ss -aepiom --via=procfs"},
    {"ss -apT"},
    {"ss -s"},
    {"ss -0aeb"},
    {"ss -xanpe"},
    {"ss -f netlink -ae"},
    {"ss -A vsock,tipc,xdp,sctp,dccp,mptcp -ane"},
    {"ss -tOHaie"},
    {"ss -tan state listening ( sport = :80 or dst 127.0.0.1 )"},
    {"ss -ta dev v0"},
    {"ss -tanpiem --json", Form::json},
    {"ss -aepiom --json=lines --stamp", Form::json_lines},
    {"ss -aep --json --via=procfs --proc=all", Form::json},
    {"ss -ta --columns=help"},
    {"ss -ta --columns=state,local,peer,owners,rtt_ms,unit"},
    {"ss -a --columns=+process,+uid,+inode --sort=-inode --top=5"},
    {"ss -tap --csv", Form::csv},
    {"ss -a --count --where=state==listen"},
    {"ss -tap --by=process,state --sum=rqueue"},
    {"ss -tap --by=peer/24 --sum=max:recv_q,avg:send_q --json", Form::json},
    {"ss -ta --where=process~python"},
    {"ss -ta --meanings"},
    {"ss -tan --fail-if=count>2"},
    {"ss -ta --by=state --having=count>1 --fail-if-any"},
    {"ss2 --tcp --process", Form::json},
    {"ss2 --unix --process", Form::json},
    {"netstat"},
    {"netstat -anp"},
    {"netstat -aneo --via=procfs"},
    {"netstat -aneop --wide"},
    {"netstat -tulpn"},
    {"netstat -ax --program"},
    {"netstat -r"},
    {"netstat -rn -A inet6"},
    {"netstat -rnee --via=procfs"},
    {"netstat -rnC"},
    {"netstat -i"},
    {"netstat -ie --via=procfs"},
    {"netstat -iae"},
    {"netstat -g"},
    {"netstat -gn --via=procfs"},
    {"netstat -s"},
    {"netstat -s6"},
    {"netstat -st --json", Form::json},
    {"netstat -M"},
    {"netstat -Mn --json", Form::json},
    {"netstat -r --json", Form::json},
    {"netstat -i --json --via=procfs", Form::json},
    {"netstat -g --json=lines", Form::json_lines},
    {"netstat -an --json", Form::json},
    {"netstat -an --csv", Form::csv},
    {"netstat -rn --columns=destination,gateway,interface --sort=interface"},
    {"netstat -i --by=kind"},
    {"netstat -A ax25,ipx,ddp,netrom,rose,x25 -a"},
    {"netstat -lS"},
    {"listen"},
    {"listen --json", Form::json},
    {"listen --csv --sort=port", Form::csv},
    {"listen --sort=-port --top=3"},
    {"states"},
    {"states --json", Form::json},
    {"audit"},
    {"audit --json", Form::json},
    {"audit --json=lines --via=procfs", Form::json_lines},
    {"report"},
    {"report --json", Form::json},
    {"report --html=-", Form::page},
    {"metrics"},
    {"metrics --format=openmetrics --by=unit"},
};

std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> words;
  for (std::size_t at = 0; at < line.size();) {
    const auto end = std::min(line.find(' ', at), line.size());
    words.emplace_back(line.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

/// A part of the recorded host that the input can replace.
using Part = std::variant<ProcImage::File*, RecordedReply*, std::string*>;

/// The recorded host, and its parts.
struct World {
  World() {
    const char* const given = std::getenv("DUOSTAT_FUZZ_HOST");
    recording = std::const_pointer_cast<Recording>(Recording::read(given != nullptr ? given : DUOSTAT_FUZZ_HOST));
    for (auto& [name, file] : recording->proc->files) parts.emplace_back(&file);
    for (RecordedExchange& exchange : recording->exchanges)
      for (RecordedReply& reply : exchange.replies) parts.emplace_back(&reply);
    for (auto& [number, name] : recording->names.interfaces) parts.emplace_back(&name);
    for (auto& [number, name] : recording->names.users) parts.emplace_back(&name);
    for (auto& [port, name] : recording->names.services) parts.emplace_back(&name);
    for (auto& [id, path] : recording->cgroups) parts.emplace_back(&path);
    for (std::string& name : recording->interface_names) parts.emplace_back(&name);
    for (RecordedInterface& one : recording->interfaces) parts.emplace_back(&one.interface.name);
    parts.emplace_back(&recording->origin.host.hostname);
    parts.emplace_back(&recording->origin.host.kernel);
  }

  std::shared_ptr<Recording> recording;
  std::vector<Part> parts;
};
World& world() {
  static World instance;
  return instance;
}

Bytes content_of(const Part& part) {
  if (const auto* reply = std::get_if<RecordedReply*>(&part)) return (*reply)->datagram;
  const auto* file = std::get_if<ProcImage::File*>(&part);
  const std::string& text = file != nullptr ? (*file)->text : *std::get<std::string*>(part);
  return std::as_bytes(std::span(text));
}

/// Replaces a part for as long as it lives.
class Replaced {
 public:
  Replaced(const Part& part, Bytes content, std::uint8_t flags) : part_(part) {
    const std::string text(reinterpret_cast<const char*>(content.data()), content.size());
    if (auto* file = std::get_if<ProcImage::File*>(&part_)) {
      file_ = **file;
      (*file)->error = 0;
      (*file)->text = text;
    } else if (auto* reply = std::get_if<RecordedReply*>(&part_)) {
      reply_ = **reply;
      **reply = {.error = (flags & 8) != 0 ? ENOBUFS : 0, .truncated = (flags & 4) != 0, .datagram = content};
    } else {
      text_ = std::exchange(*std::get<std::string*>(part_), text.substr(0, 255));
    }
  }
  ~Replaced() {
    if (auto* file = std::get_if<ProcImage::File*>(&part_))
      **file = file_;
    else if (auto* reply = std::get_if<RecordedReply*>(&part_))
      **reply = reply_;
    else
      *std::get<std::string*>(part_) = text_;
  }
  Replaced(const Replaced&) = delete;
  Replaced& operator=(const Replaced&) = delete;

 private:
  Part part_;
  ProcImage::File file_;
  RecordedReply reply_;
  std::string text_;
};

/// The time never passes, and nobody waits.
class StillClock final : public Clock {
 public:
  std::int64_t now_ns() override { return now_ += 1; }
  std::int64_t wall_ns() override { return 1'800'000'000'000'000'000; }
  std::int64_t processor_ns() override { return 0; }
  void sleep_ns(std::int64_t duration) override { now_ += duration; }

 private:
  std::int64_t now_ = 0;
};

/// EXIT STATUS of the manuals, without that of ss for a wrong command line, because none of kLines is wrong.
void check_status(std::string_view program, int status) {
  const int most = program == "ss2" ? 2 : 3;
  require(status >= 0 && status <= most, "the exit status is a documented one");
}

int run(Environment& env, std::span<const std::string> words) {
  const auto arguments = words.subspan(1);
  env.program = words[0];
  for (const FrontEnd* front_end : {&kSs, &kNetstat, &kSs2})
    if (words[0] == front_end->name) return run_guarded(*front_end, env, arguments);
  for (const command::Command* c : native::all_commands())
    if (words[0] == c->name()) return env.program = c->title, c->run(*c, env, arguments);
  std::abort();
}

void check_output(Form form, std::string_view text, int status, bool terminal) {
  // After an error there may be no document, but never half of one.
  if (form == Form::json && !(text.empty() && status != 0)) fuzz::check_json(text);
  if (form == Form::json_lines) fuzz::check_json_lines(text);
  if (form == Form::page) fuzz::check_html(text);
  if (form == Form::csv)
    fuzz::check_csv(text);
  else
    fuzz::check_text(text, terminal);
}

void run_line(const CommandLine& line, std::uint8_t flags) {
  const std::vector<std::string> words = words_of(line.words);
  const bool terminal = (flags & 1) != 0;
  const Variables variables({{"NO_COLOR", "1"}, {"TERM", "xterm"}});
  StringSink out_text, err_text;
  int status = 0;
  {
    TerminalSink out_terminal(out_text), err_terminal(err_text);
    Output out(terminal ? static_cast<ByteSink&>(out_terminal) : out_text);
    Diagnostics err(terminal ? static_cast<ByteSink&>(err_terminal) : err_text, &out, terminal);
    StillClock clock;
    MapResolver names;
    const ProcDir proc("/nonexistent");
    const int columns = (flags & 2) != 0 ? 132 : 80;
    const auto refused = [](int, OpenError& error) -> std::unique_ptr<Transport> {
      error = EPROTONOSUPPORT;
      return nullptr;
    };
    Environment env{words[0], variables, proc, refused, clock, names, out, err, {terminal, columns, terminal}, words};
    RecordedEnvironment shown(env, world().recording);
    status = run(shown.get(), words);
  }
  check_status(words[0], status);
  check_output(line.form, out_text.text, status, terminal);
  fuzz::check_text(err_text.text, terminal);
}

constexpr std::size_t kHead = 4;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < kHead) return 0;
  fuzz::Input input(data, size);
  const CommandLine& line = kLines[input.byte() % std::size(kLines)];
  const std::size_t part = input.word() % world().parts.size();
  const std::uint8_t flags = input.byte();
  const Replaced replaced(world().parts[part], input.rest(), flags);
  run_line(line, flags);
  return 0;
}

/// Mutates the content apart from the bytes that select. Every few inputs begin from what was recorded.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned seed) {
  if (max_size < kHead + 1) return size;
  const bool fresh = size < kHead || seed % 16 == 0;
  if (fresh || seed % 16 == 1) {
    if (size < kHead) size = kHead;
    const std::uint32_t mixed = seed * 2654435761u;
    for (std::size_t i = 0; i < kHead; ++i) data[i] = static_cast<std::uint8_t>(mixed >> (8 * i));
    if (!fresh) return size;
    const Bytes recorded = content_of(world().parts[(data[1] | data[2] << 8) % world().parts.size()]);
    size = kHead + std::min(recorded.size(), max_size - kHead);
    if (size > kHead) std::memcpy(data + kHead, recorded.data(), size - kHead);
    if (seed % 32 == 0) return size;
  }
  return kHead + LLVMFuzzerMutate(data + kHead, size - kHead, max_size - kHead);
}
