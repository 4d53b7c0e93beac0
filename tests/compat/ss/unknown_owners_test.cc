// Sockets whose owner was not found: when they are reported, the line's text, and the count. Over a recorded proc file
// system.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <memory>
#include <string>
#include <vector>

#include "compat/frontend.h"
#include "tests/collect/fake_world.h"
#include "tests/compat/ran.h"
#include "tests/has.h"

namespace duostat::ss {
namespace {

constexpr const char* kKernelThread = "2 (kthreadd) S 0 0 0 0 -1 2129984 0 0";

/// Three listeners: 8080, which process 5 holds, and 8081 and 8082, which no process holds; and a connection in
/// TIME-WAIT.
std::shared_ptr<ProcImage> host() {
  auto image = std::make_shared<ProcImage>();
  std::string text =
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
  for (
      const char* row :
      {"   0: 0100007F:1F90 00000000:0000 0A 00000000:00000003 00:00000000 00000000  1000        0 11 1 0 100 0 0 10 0",
       "   1: 0100007F:1F91 00000000:0000 0A 00000000:00000003 00:00000000 00000000  1000        0 12 1 0 100 0 0 10 0",
       "   2: 0100007F:1F92 00000000:0000 0A 00000000:00000003 00:00000000 00000000  1000        0 13 1 0 100 0 0 10 0",
       "   3: 0100007F:1F90 0100007F:C000 06 00000000:00000000 03:00000500 00000000     0        0 0 3 0"})
    text.append(row).append("\n");
  image->files["net/tcp"].text = text;
  image->files["net/tcp6"].text = text.substr(0, text.find('\n') + 1);
  image->files["2/stat"].text = kKernelThread;
  image->files["5/stat"].text = "5 (server) S 1";
  image->tasks.push_back({.pid = 5, .tid = 5, .error = 0, .links_denied = 0, .sockets = {{3, 11}}});
  return image;
}

template <auto run>
Ran ran(const std::shared_ptr<ProcImage>& image, std::vector<std::string> words) {
  words.insert(words.begin(), {"--via=procfs", "-tan"});
  StringSink sink;
  FakeWorld world(sink, ProcDir(image));
  world.env.program = "ss";
  Ran result;
  result.status = run(world.env, words);
  world.out.flush();
  result.out = sink.text;
  result.err = world.errors.text;
  return result;
}
constexpr auto ss_ran = ran<ss::run>;

const std::vector<std::vector<std::string>> kForms = {
    {"--where=process=server"},           {"--where=not process=server"}, {"--count", "--where=process=server"},
    {"--by=process"},                     {"--by=state", "--sum=pid"},    {"--columns=process,pid,owners"},
    {"--sort=pid"},                       {"--sort=pid", "--columns=pid"}, {"--json=lines", "--columns=pid"},
    {"--where=process=x and local_port>0"}};

void check_forms(const std::shared_ptr<ProcImage>& image, const std::string& told) {
  for (const auto& form : kForms) {
    const Ran ran = ss_ran(image, form);
    BOOST_TEST_CONTEXT(form.back()) {
      BOOST_TEST(ran.err == told);
      BOOST_TEST(ran.status == 0);
    }
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(unknown_owners)

/// Counts the scans of every process.
struct ScanCounter final : ProcDryRun {
  int scans = 0;
  Fd open(std::string_view, const std::string&, int& error) override { return error = ENOENT, Fd(); }
  void walk(std::string_view) override { ++scans; }
};

/// The scan reads every process of the host, so it must not run before a mistake that ends the command.
BOOST_AUTO_TEST_CASE(processes_are_scanned_only_after_the_command_line_was_understood) {
  const auto scans = [](std::vector<std::string> words, int status) {
    StringSink sink;
    ScanCounter counter;
    FakeWorld world(sink, ProcDir(host()).for_dry_run(counter));
    BOOST_TEST(run_guarded(kSs, world.env, words) == status);
    return counter.scans;
  };
  BOOST_TEST(scans({"-tp"}, 0) == 1);
  BOOST_TEST(scans({"-tp", "sport", "=", "nonsense"}, 1) == 0);
  BOOST_TEST(scans({"-tp", "state", "nonsense"}, 255) == 0);
  BOOST_TEST(scans({"-tp", "-F", "/no/such/file"}, 255) == 0);
  BOOST_TEST(scans({"-tp", "--where=process = a and"}, 2) == 0);
  BOOST_TEST(scans({"-t", "--by=process", "sport", "=", "nonsense"}, 1) == 0);
}

BOOST_AUTO_TEST_CASE(where_everything_could_be_looked_at_nothing_is_told) {
  check_forms(host(), "");
  BOOST_TEST(has(ss_ran(host(), {"-p", "--json"}).out, "\"complete\":true"));
}

BOOST_AUTO_TEST_CASE(processes_that_may_not_be_looked_at) {
  const auto image = host();
  image->tasks.push_back({.pid = 6, .tid = 6, .error = EACCES, .links_denied = 0, .sockets = {}});
  check_forms(image, "ss: owners: incomplete, 2 sockets of unknown owner: no permission to look at 1 process\n");
  const Ran json = ss_ran(image, {"-p", "--json"});
  BOOST_TEST(has(json.out, "\"complete\":false"), json.out);
  BOOST_TEST(has(json.out, "2 sockets of unknown owner: no permission to look at 1 process\",\"sockets\":2"), json.out);
  BOOST_TEST(json.err == "");
  BOOST_TEST(json.status == 0);
  // Sockets that the filter drops for another reason do not count, and neither do conditions that need no owner.
  BOOST_TEST(ss_ran(image, {"--where=process=x and local_port=8080"}).err == "");
  BOOST_TEST(ss_ran(image, {"--where=local_port=8081", "--columns=pid"}).err ==
             "ss: owners: incomplete, 1 socket of unknown owner: no permission to look at 1 process\n");
  BOOST_TEST(ss_ran(image, {"--columns=local_port"}).err == "");
  BOOST_TEST(ss_ran(image, {"-p"}).err == "");  // the original prints nothing either
  // Another process might hold the socket as well.
  BOOST_TEST(has(ss_ran(image, {"-p", "--json", "--where=local_port=8080"}).out, "\"complete\":false"));
}

BOOST_AUTO_TEST_CASE(links_that_may_not_be_looked_at) {
  const auto image = host();
  image->tasks.push_back({.pid = 6, .tid = 6, .error = 0, .links_denied = 7, .sockets = {}});
  check_forms(image, "ss: owners: incomplete, 2 sockets of unknown owner: no permission to look at 7 descriptors\n");
  BOOST_TEST(has(ss_ran(image, {"-p", "--json"}).out, "\"complete\":false"));
}

BOOST_AUTO_TEST_CASE(processes_that_may_be_hidden) {
  const auto image = host();
  image->files.erase("2/stat");
  check_forms(image,
              "ss: owners: incomplete, 2 sockets of unknown owner: processes may be hidden (hidepid, or another PID "
              "namespace)\n");
  BOOST_TEST(has(ss_ran(image, {"-p", "--json"}).out, "\"complete\":false"));
  BOOST_TEST(has(ss_ran(image, {"-p", "--json", "--where=local_port=8080 and inode"}).out, "\"complete\":true"));
}

BOOST_AUTO_TEST_CASE(processes_that_could_not_be_read) {
  const auto image = host();
  image->tasks.push_back({.pid = 6, .tid = 6, .error = EMFILE, .links_denied = 0, .sockets = {}});
  check_forms(image, "ss: owners: incomplete, 2 sockets of unknown owner: 1 process unreadable: Too many open files\n");
  const std::string told = "ss: owners: incomplete: 1 process unreadable: Too many open files\n";
  BOOST_TEST(ss_ran(image, {"-p"}).err == told);
  BOOST_TEST(ss_ran(image, {"-p", "--where=local_port=1"}).err == told);
  BOOST_TEST(ss_ran(image, {"-p", "--where=local_port=1 and process=x"}).err == told);  // once
  const Ran json = ss_ran(image, {"-p", "--json"});
  BOOST_TEST(has(json.out, "\"complete\":false"), json.out);
  BOOST_TEST(json.err ==
             "ss: owners: incomplete, 2 sockets of unknown owner: 1 process unreadable: Too many open files\n");
  BOOST_TEST(ran<netstat::run>(image, {"-p"}).err ==
             "netstat: owners: incomplete: 1 process unreadable: Too many open files\n");
}

BOOST_AUTO_TEST_CASE(processes_that_could_not_be_listed) {
  const auto image = host();
  image->tasks.clear();
  image->tasks_error = EACCES;
  check_forms(image,
              "ss: owners: incomplete, 3 sockets of unknown owner: processes could not be listed: Permission denied\n");
  // Every user may list the processes, so the original's silence is not for this.
  BOOST_TEST(ss_ran(image, {"-p"}).err == "ss: owners: incomplete: processes could not be listed: Permission denied\n");
  image->tasks_error = ENFILE;
  BOOST_TEST(ss_ran(image, {"-p"}).err ==
             "ss: owners: incomplete: processes could not be listed: Too many open files in system\n");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace duostat::ss
