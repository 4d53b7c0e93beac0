// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/names/rpc_programs.h"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>

#include "src/base/cursor.h"
#include "src/base/fd.h"
#include "src/base/proc_dir.h"

namespace duostat {
namespace {

using std::chrono::steady_clock;

constexpr std::uint32_t kCall = 0, kReply = 1;                    // msg_type
constexpr std::uint32_t kRpcVersion = 2;
constexpr std::uint32_t kRpcbind = 100000, kRpcbindVersion = 4;   // RPCBPROG, RPCBVERS4
constexpr std::uint32_t kDump = 4;                                // RPCBPROC_DUMP
constexpr std::uint32_t kTransaction = 0x64756f73;                // any number works: the connection carries one call
constexpr std::uint32_t kLastFragment = 0x80000000;
constexpr std::size_t kMaxAnswerBytes = 1 << 20;                            // bytes of an answer

std::uint32_t big_endian(const std::byte* at) {
  std::uint32_t number = 0;
  for (int i = 0; i < 4; ++i) number = number << 8 | std::to_integer<std::uint32_t>(at[i]);
  return number;
}

void put(std::vector<std::byte>& bytes, std::uint32_t number) {
  for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<std::byte>(number >> shift));
}

/// Reads XDR (RFC 4506). After a missing value, every value reads as zero.
class Xdr {
 public:
  explicit Xdr(Bytes bytes) : rest_(bytes) {}

  std::uint32_t number() {
    const Bytes bytes = take(4);
    return bytes.size() == 4 ? big_endian(bytes.data()) : 0;
  }
  std::string_view text() {
    const std::uint32_t length = number();
    const Bytes bytes = take(length);
    take((4 - length % 4) % 4);
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  bool good() const { return good_; }

 private:
  Bytes take(std::size_t size) {
    good_ = good_ && size <= rest_.size();
    if (!good_) return {};
    const Bytes bytes = rest_.first(size);
    rest_ = rest_.subspan(size);
    return bytes;
  }

  Bytes rest_;
  bool good_ = true;
};

ServiceProtocol protocol_of(std::string_view netid) {
  if (netid == "tcp" || netid == "tcp6") return ServiceProtocol::tcp;
  if (netid == "udp" || netid == "udp6") return ServiceProtocol::udp;
  return ServiceProtocol::any;
}

/// quirk: rpc-address
/// Returns the port in a universal address (RFC 5665) if it is that of all interfaces: its last two numbers.
std::optional<std::uint16_t> port_of(std::string_view address) {
  std::size_t skip = 0;
  for (const std::string_view every : {"0.0.0.0.", "::."})
    if (address.starts_with(every)) skip = every.size();
  if (skip == 0) return std::nullopt;
  const char *at = address.data() + skip, *const end = address.data() + address.size();
  unsigned port = 0;
  for (int i = 0; i < 2; ++i) {
    unsigned octet = 0;
    const auto read = std::from_chars(at, end, octet);
    if (read.ec != std::errc() || octet > 255 || (i == 0 && (read.ptr == end || *read.ptr != '.'))) return std::nullopt;
    at = read.ptr + 1;
    port = port << 8 | octet;
  }
  return static_cast<std::uint16_t>(port);
}

/// Waits until the descriptor is ready, but not beyond the deadline.
bool ready(const Fd& fd, short events, steady_clock::time_point deadline) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - steady_clock::now()).count();
    pollfd waiting{fd.get(), events, 0};
    const int count = ::poll(&waiting, 1, left > 0 ? static_cast<int>(left) : 0);
    if (count > 0) return true;
    if (count == 0 || errno != EINTR) return false;
  }
}

bool receive(const Fd& fd, std::span<std::byte> bytes, steady_clock::time_point deadline) {
  while (!bytes.empty()) {
    if (!ready(fd, POLLIN, deadline)) return false;
    const ssize_t got = ::recv(fd.get(), bytes.data(), bytes.size(), 0);
    if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN)) return false;
    if (got > 0) bytes = bytes.subspan(static_cast<std::size_t>(got));
  }
  return true;
}

/// Calls and replies travel as fragments with a record mark before each (RFC 5531 section 11).
std::vector<std::byte> receive_record(const Fd& fd, steady_clock::time_point deadline) {
  std::vector<std::byte> record;
  for (std::uint32_t length = 0; (length & kLastFragment) == 0;) {
    std::array<std::byte, 4> mark;
    if (!receive(fd, mark, deadline)) return {};
    length = big_endian(mark.data());
    const std::size_t size = length & ~kLastFragment, before = record.size();
    if (size > kMaxAnswerBytes - before) return {};
    record.resize(before + size);
    if (!receive(fd, std::span(record).subspan(before), deadline)) return {};
  }
  return record;
}

std::vector<std::byte> ask(const std::string& path, std::chrono::milliseconds patience) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return {};
  std::memcpy(address.sun_path, path.data(), path.size());
  const Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  // A full backlog (EAGAIN) counts as a missing rpcbind.
  if (!fd || ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return {};
  std::vector<std::byte> call;
  constexpr std::uint32_t kWords[] = {kTransaction, kCall, kRpcVersion, kRpcbind, kRpcbindVersion, kDump, 0, 0, 0, 0};
  put(call, kLastFragment | sizeof kWords);
  for (const std::uint32_t word : kWords) put(call, word);
  if (::send(fd.get(), call.data(), call.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(call.size())) return {};
  return receive_record(fd, steady_clock::now() + patience);
}

/// Uses getrpcbynumber(3), or /etc/rpc if the C library has no such function (musl). A template, because `requires` can
/// only test for a missing name in a template.
template <class Number>
std::string ask_rpc_name(Number number) {
  if constexpr (requires { getrpcbynumber(number); }) {
    const auto* entry = getrpcbynumber(number);
    return entry == nullptr ? std::string() : entry->r_name;
  } else {
    int error = 0;
    return std::string(name_of_number(ProcDir("/etc").read("rpc", error), static_cast<std::uint32_t>(number)));
  }
}

}  // namespace

std::string_view name_of_number(std::string_view database, std::uint32_t number) {
  for (std::size_t end = 0; !database.empty(); database.remove_prefix(end)) {
    end = std::min(database.find('\n'), database.size() - 1) + 1;
    const std::string_view line = database.substr(0, end);
    Cursor cursor(line.substr(0, line.find_first_of("#\n")));
    std::string_view name, digits;
    if (!cursor.word(name) || !cursor.word(digits)) continue;
    std::uint32_t value = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (read.ec == std::errc() && read.ptr == digits.data() + digits.size() && value == number) return name;
  }
  return {};
}

std::vector<RpcProgram> parse_rpcbind_dump(Bytes answer, std::uint32_t transaction) {
  Xdr xdr(answer);
  if (xdr.number() != transaction || xdr.number() != kReply || xdr.number() != 0) return {};  // MSG_ACCEPTED
  xdr.number();  // the verifier: its flavour and body
  xdr.text();
  if (xdr.number() != 0) return {};  // SUCCESS
  std::vector<RpcProgram> programs;
  while (xdr.good() && xdr.number() != 0) {
    const std::uint32_t number = xdr.number();
    xdr.number();  // version
    const ServiceProtocol protocol = protocol_of(xdr.text());
    const auto port = port_of(xdr.text());
    xdr.text();  // owner
    if (xdr.good() && protocol != ServiceProtocol::any && port) programs.push_back({number, protocol, *port});
  }
  return xdr.good() ? programs : std::vector<RpcProgram>{};
}

void RpcPrograms::load() {
  if (std::exchange(loaded_, true)) return;
  for (const RpcProgram& program : parse_rpcbind_dump(ask(socket_, patience_), kTransaction)) {
    const std::string name = ask_rpc_name(static_cast<int>(program.number));
    programs_.insert(programs_.begin(), {program, name.empty() ? name : "rpc." + name});
  }
}

std::string_view RpcPrograms::name(std::uint16_t port, ServiceProtocol protocol) {
  load();
  for (const Named& row : programs_)
    if (row.program.port == port && (protocol == ServiceProtocol::any || row.program.protocol == protocol))
      return row.name;
  return {};
}

std::optional<std::uint16_t> RpcPrograms::port(std::string_view name, ServiceProtocol protocol) {
  load();
  for (const Named& row : programs_)
    if (registered(row, name, protocol)) return row.program.port;
  return std::nullopt;
}

bool RpcPrograms::is_ambiguous(std::string_view name, ServiceProtocol protocol) {
  const auto latest = port(name, protocol);
  for (const Named& row : programs_)
    if (registered(row, name, protocol) && row.program.port != latest) return true;
  return false;
}

}  // namespace duostat
