// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/bench/generator.h"

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/resource.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <string>

#include "src/base/error.h"
#include "src/bench/loopback.h"

namespace duostat::bench {
namespace {

constexpr std::uint64_t kPerListener = 10'000;       ///< of the 28,000 ports in the kernel's ephemeral range
constexpr std::uint64_t kBytesPerConnection = 9216;  ///< kernel memory: two TCP sockets, files, inodes, hash entries
constexpr std::uint16_t kPort = 7000;

/// The first number after `key` in a proc file; the largest possible if it is missing.
std::uint64_t number_in(const ProcDir& proc, std::string_view file, std::string_view key) {
  int error = 0;
  const std::string text = proc.read(file, error);
  std::uint64_t number = UINT64_MAX;
  const auto at = text.find(key);
  if (at == std::string::npos) return number;
  const auto digit = text.find_first_of("0123456789", at + key.size());
  if (digit != std::string::npos) std::from_chars(text.data() + digit, text.data() + text.size(), number);
  return number;
}

void write_file(const char* path, const std::string& text) {
  const Fd fd(::open(path, O_WRONLY | O_CLOEXEC));
  // Old kernels have no setgroups file; a real problem shows when the interface is brought up.
  if (fd) (void)write_all(fd.get(), text);
}

[[noreturn]] void refuse(std::string_view what) {
  throw UsageError("--connections and --churn need a private network namespace, which this system does not permit (" +
                   std::string(what) + ": " + error_text(errno) + ")");
}

void loopback_up() {
  const Fd fd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  request.ifr_name[0] = 'l', request.ifr_name[1] = 'o';
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  if (!fd || ::ioctl(fd.get(), SIOCSIFFLAGS, &request) != 0) refuse("loopback interface");
}

/// An order is the number of connections to hold; the answer is 0 or an errno.
struct Order {
  std::uint64_t connections;
};
struct Reply {
  int error;
};

/// The main loop of a process that holds connections. Ends when the order pipe is closed.
int hold(std::uint32_t number, const Fd& orders, const Fd& answers) {
  raise_descriptor_limit();
  const sockaddr_in address = loopback(1, number + 1, kPort);
  const Fd listener = listener_at(address);
  int error = listener ? 0 : errno;
  std::vector<Fd> ends;
  for (Order order; ::read(orders.get(), &order, sizeof order) == static_cast<ssize_t>(sizeof order);) {
    while (error == 0 && ends.size() < 2 * order.connections) {
      Fd client, server;
      error = connect_to(listener, address, nullptr, client, server);
      ends.push_back(std::move(client));
      ends.push_back(std::move(server));
    }
    const Reply reply{error};
    if (!write_all(answers.get(), {reinterpret_cast<const char*>(&reply), sizeof reply})) break;
  }
  return 0;
}

}  // namespace

void check_connections(const ProcDir& proc, std::uint64_t connections) {
  const std::string asked = "--connections: " + std::to_string(connections);
  if (connections == 0 || connections > kMostConnections)
    throw UsageError(asked + ": must be between 1 and " + std::to_string(kMostConnections));
  const std::uint64_t files = number_in(proc, "sys/fs/file-max", "");
  if (2 * connections > files)
    throw UsageError(asked + " connections need " + std::to_string(2 * connections) +
                     " sockets; the system allows only " + std::to_string(files) + " open files (fs.file-max)");
  const std::uint64_t available_kib = number_in(proc, "meminfo", "MemAvailable:");
  const std::uint64_t needed_kib = connections * kBytesPerConnection / 1024;
  if (needed_kib > available_kib)
    throw UsageError(asked + " connections need about " + std::to_string(needed_kib / 1024) +
                     " MiB of kernel memory; only " + std::to_string(available_kib / 1024) + " MiB are available");
}

void enter_private_network() {
  const std::string uid = std::to_string(::geteuid()), gid = std::to_string(::getegid());
  if (::unshare(CLONE_NEWNET) != 0) {
    if (::unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) refuse("unshare");
    write_file("/proc/self/setgroups", "deny");
    write_file("/proc/self/uid_map", uid + " " + uid + " 1");
    write_file("/proc/self/gid_map", gid + " " + gid + " 1");
  }
  loopback_up();
}

std::uint64_t raise_descriptor_limit() noexcept {
  constexpr std::uint64_t kOthers = 64;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return kOthers;
  limit.rlim_cur = limit.rlim_max;
  (void)::setrlimit(RLIMIT_NOFILE, &limit);
  (void)::getrlimit(RLIMIT_NOFILE, &limit);
  return std::max<std::uint64_t>(limit.rlim_cur, kOthers + 2) - kOthers;
}

Connections::Connections(Interrupt& interrupt) : interrupt_(interrupt) {
  per_holder_ = std::clamp<std::uint64_t>(raise_descriptor_limit() / 2, 1, kPerListener);
}

Connections::~Connections() {
  // Close all pipes first, then wait for each process: closing ten thousand connections takes time.
  for (const Holder& holder : holders_)
    if (holder.child) ::kill(holder.child.pid(), SIGKILL);
}

Connections::Holder Connections::hire(std::uint32_t number) {
  Pipe orders, answers;
  Holder holder;
  holder.child = Child([&] {
    orders.write.reset();  // otherwise the child would never see the end of the orders
    answers.read.reset();
    for (Holder& other : holders_) other.orders.reset(), other.answers.reset();
    return hold(number, orders.read, answers.write);
  });
  holder.orders = std::move(orders.write);
  holder.answers = std::move(answers.read);
  return holder;
}

int Connections::answer_of(Holder& holder) {
  std::string text;
  if (!read_exactly(holder.answers.get(), interrupt_, text, sizeof(Reply))) return EINTR;
  Reply reply{ECHILD};
  if (text.size() == sizeof reply) std::copy(text.begin(), text.end(), reinterpret_cast<char*>(&reply));
  return reply.error;
}

int Connections::grow_to(std::uint64_t connections) {
  std::vector<std::size_t> busy;
  for (std::size_t i = 0; count_ < connections; ++i) {
    if (i == holders_.size()) holders_.push_back(hire(static_cast<std::uint32_t>(i)));
    Holder& holder = holders_[i];
    const std::uint64_t more = std::min(connections - count_, per_holder_ - holder.count);
    if (more == 0) continue;
    holder.count += more;
    count_ += more;
    const Order order{holder.count};
    if (!write_all(holder.orders.get(), {reinterpret_cast<const char*>(&order), sizeof order})) return ECHILD;
    busy.push_back(i);
  }
  for (const std::size_t i : busy)
    if (const int error = answer_of(holders_[i])) return error;
  return 0;
}

}  // namespace duostat::bench
