// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/collect/recording.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "src/base/error.h"
#include "src/base/fd.h"
#include "src/collect/capture_directory.h"
#include "src/diag/abi.h"

namespace duostat {
namespace capture {
namespace {

enum HostFlag : std::uint32_t { kProcGiven = 1, kCgroupsMounted = 2 };
enum FileFlag : std::uint32_t { kReplaced = 1, kLink = 2 };
enum ReplyFlag : std::uint32_t { kTruncated = 1 };

std::string_view view_of(const Address& address) {
  return {reinterpret_cast<const char*>(address.data()), address.size()};
}

Address address_of(Reader& in) {
  Address address;
  std::memcpy(address.data(), in.take(address.size()).data(), address.size());
  return address;
}

/// Reads an errno; other numbers are a format error.
int error_number(Reader& in) {
  constexpr std::uint32_t kErrnoMax = 4095;  // MAX_ERRNO
  const std::uint32_t value = in.u32();
  if (value > kErrnoMax) in.fail("invalid error number: " + std::to_string(value));
  return static_cast<int>(value);
}

/// Reads a number from 0 to `most`.
std::uint32_t number_below(Reader& in, std::uint32_t most, std::string_view what) {
  const std::uint32_t value = in.u32();
  if (value > most) in.fail(std::string(what) + " cannot be " + std::to_string(value));
  return value;
}

void read_host(Reader& in, Recording& r) {
  r.origin.wall_ns = static_cast<std::int64_t>(in.u64());
  r.origin.host.netns = in.u64();
  r.user = in.u32();
  const std::uint32_t flags = in.u32();
  r.proc_given = (flags & kProcGiven) != 0;
  r.cgroups_mounted = (flags & kCgroupsMounted) != 0;
  r.proc->tasks_error = error_number(in);
  r.origin.host.hostname = in.text();
  r.origin.host.kernel = in.text();
  r.origin.host.machine = in.text();
}

void read_file(Reader& in, Recording& r, ProcImage::File*& open_file) {
  ProcImage::File file;
  file.error = error_number(in);
  const std::uint32_t flags = in.u32();
  file.replaced = (flags & kReplaced) != 0;
  file.link = (flags & kLink) != 0;
  const std::string_view name = in.text();
  file.text = in.tail();
  const auto [at, fresh] = r.proc->files.emplace(name, std::move(file));
  if (!fresh) in.fail("duplicate file: " + std::string(name));
  open_file = &at->second;
}

void read_task(Reader& in, Recording& r) {
  ProcImage::Task task;
  task.pid = in.u32();
  task.tid = in.u32();
  task.error = error_number(in);
  task.links_denied = in.u32();
  if (!r.proc->tasks.empty()) {
    const ProcImage::Task& last = r.proc->tasks.back();
    const bool after = task.pid > last.pid || (task.pid == last.pid && task.tid != last.tid && task.tid != task.pid);
    if (!after) in.fail("process " + std::to_string(task.pid) + " is out of order");
  }
  constexpr std::size_t kEach = sizeof(std::uint32_t) + sizeof(std::uint64_t);
  if (in.left() % kEach != 0) in.fail("truncated descriptor");
  task.sockets.reserve(in.left() / kEach);
  while (in.left() != 0) {
    const std::uint32_t fd = in.u32();
    task.sockets.push_back({fd, in.u64()});
  }
  r.proc->tasks.push_back(std::move(task));
}

void read_descriptors(Reader& in, Recording& r) {
  const std::uint32_t pid = in.u32(), count = in.u32();
  if (r.proc->tasks.empty() || r.proc->tasks.back().pid != pid)
    in.fail("process " + std::to_string(pid) + " was not recorded before");
  r.proc->tasks.back().descriptors = count;
}

void read_request(Reader& in, Recording& r) {
  RecordedExchange exchange;
  exchange.protocol = static_cast<int>(number_below(in, 31, "a netlink protocol"));
  exchange.open_error = error_number(in);
  exchange.send_error = error_number(in);
  exchange.request = bytes_of(in.tail());
  uapi::MessageHeader header;
  if (exchange.open_error == 0 && (!read_at(exchange.request, 0, header) || header.length != exchange.request.size()))
    in.fail("malformed netlink message");
  r.exchanges.push_back(std::move(exchange));
}

void read_reply(Reader& in, Recording& r) {
  if (r.exchanges.empty()) in.fail("a reply without a request");
  RecordedReply reply;
  reply.error = error_number(in);
  reply.truncated = (in.u32() & kTruncated) != 0;
  reply.datagram = bytes_of(in.tail());
  r.exchanges.back().replies.push_back(reply);
}

void read_interface_names(Reader& in, Recording& r) {
  r.interface_names_error = error_number(in);
  while (in.left() != 0) r.interface_names.emplace_back(in.text());
}

void read_interface(Reader& in, Recording& r) {
  RecordedInterface recorded;
  Interface& i = recorded.interface;
  recorded.error = error_number(in);
  i.name = in.text();
  i.flags = static_cast<std::uint16_t>(number_below(in, 0xffff, "the flags"));
  i.hardware_type = static_cast<std::uint16_t>(number_below(in, 0xffff, "a hardware type"));
  i.hardware_length =
      static_cast<std::uint8_t>(number_below(in, i.hardware_address.size(), "the length of an address"));
  std::memcpy(i.hardware_address.data(), in.take(i.hardware_address.size()).data(), i.hardware_address.size());
  // The format represents an unknown MTU as 0, which no interface has.
  if (const std::uint32_t mtu = in.u32(); mtu != 0) i.mtu = mtu;
  if (const bool known = number_below(in, 1, "yes or no") != 0; known) i.queue_length = in.u32();
  i.map.memory_start = in.u64();
  i.map.memory_end = in.u64();
  i.map.base_address = static_cast<std::uint16_t>(number_below(in, 0xffff, "a base address"));
  i.map.irq = static_cast<std::uint8_t>(number_below(in, 0xff, "an interrupt"));
  i.map.dma = static_cast<std::uint8_t>(number_below(in, 0xff, "a DMA channel"));
  i.map.port = static_cast<std::uint8_t>(number_below(in, 0xff, "a port"));
  if (number_below(in, 1, "yes or no") != 0) {
    InterfaceInet& inet = i.inet.emplace();
    inet.address = address_of(in);
    for (std::optional<Address>* address : {&inet.destination, &inet.broadcast, &inet.mask}) *address = address_of(in);
  }
  r.interfaces.push_back(std::move(recorded));
}

struct Key {
  std::uint32_t qualifier;
  std::uint64_t number;
  const Address& address;

  std::uint32_t id() const { return static_cast<std::uint32_t>(number); }
  MapResolver::Port port() const {
    return {static_cast<std::uint16_t>(number), static_cast<ServiceProtocol>(qualifier)};
  }
};
struct NameRow {
  NameKind kind;
  void (*store)(Recording& r, const Key& key, std::string name);
};
constexpr NameRow kNames[] = {
    {NameKind::user, [](Recording& r, const Key& k, std::string n) { r.names.users[k.id()] = std::move(n); }},
    {NameKind::interface, [](Recording& r, const Key& k, std::string n) { r.names.interfaces[k.id()] = std::move(n); }},
    {NameKind::ip_protocol,
     [](Recording& r, const Key& k, std::string n) { r.names.ip_protocols[k.id()] = std::move(n); }},
    {NameKind::service, [](Recording& r, const Key& k, std::string n) { r.names.services[k.port()] = std::move(n); }},
    {NameKind::service_last,
     [](Recording& r, const Key& k, std::string n) { r.names.services_last[k.port()] = std::move(n); }},
    {NameKind::host,
     [](Recording& r, const Key& k, std::string n) {
       r.names.hosts[{static_cast<Family>(k.qualifier), k.address}] = std::move(n);
     }},
    {NameKind::network, [](Recording& r, const Key& k, std::string n) { r.names.networks[k.address] = std::move(n); }},
    {NameKind::cgroup, [](Recording& r, const Key& k, std::string n) { r.cgroups[k.number] = std::move(n); }},
};

void read_name(Reader& in, Recording& r) {
  const auto kind = static_cast<NameKind>(in.u32());
  const std::uint32_t qualifier = number_below(in, 0xff, "a qualifier");
  const std::uint64_t number = in.u64();
  const Address address = address_of(in);
  const auto* row = std::ranges::find(kNames, kind, &NameRow::kind);
  if (row == std::end(kNames)) in.fail("unknown kind of name: " + std::to_string(static_cast<std::uint32_t>(kind)));
  row->store(r, {qualifier, number, address}, std::string(in.tail()));
}

}  // namespace

Payload host_payload(const Recording& r) {
  return std::move(Payload()
                       .u64(static_cast<std::uint64_t>(r.origin.wall_ns))
                       .u64(r.origin.host.netns)
                       .u32(r.user)
                       .u32((r.proc_given ? kProcGiven : 0u) | (r.cgroups_mounted ? kCgroupsMounted : 0u))
                       .u32(static_cast<std::uint32_t>(r.proc->tasks_error))
                       .text(r.origin.host.hostname)
                       .text(r.origin.host.kernel)
                       .text(r.origin.host.machine));
}

Payload file_payload(const ProcImage::File& file, std::string_view name, std::string_view first) {
  return std::move(Payload()
                       .u32(static_cast<std::uint32_t>(file.error))
                       .u32((file.replaced ? kReplaced : 0u) | (file.link ? kLink : 0u))
                       .text(name)
                       .tail(first));
}

Payload task_payload(const ProcImage::Task& task) {
  Payload payload;
  payload.u32(task.pid).u32(task.tid).u32(static_cast<std::uint32_t>(task.error)).u32(task.links_denied);
  for (const ProcImage::Descriptor& d : task.sockets) payload.u32(d.fd).u64(d.inode);
  return payload;
}

Payload descriptors_payload(std::uint32_t pid, std::uint32_t count) { return std::move(Payload().u32(pid).u32(count)); }

Payload request_payload(int protocol, int open_error, int send_error, Bytes request) {
  return std::move(Payload()
                       .u32(static_cast<std::uint32_t>(protocol))
                       .u32(static_cast<std::uint32_t>(open_error))
                       .u32(static_cast<std::uint32_t>(send_error))
                       .tail({reinterpret_cast<const char*>(request.data()), request.size()}));
}

Payload reply_payload(const RecordedReply& reply) {
  return std::move(Payload()
                       .u32(static_cast<std::uint32_t>(reply.error))
                       .u32(reply.truncated ? kTruncated : 0u)
                       .tail({reinterpret_cast<const char*>(reply.datagram.data()), reply.datagram.size()}));
}

Payload interface_payload(const Interface& i, int error) {
  Payload payload;
  payload.u32(static_cast<std::uint32_t>(error))
      .text(i.name)
      .u32(i.flags)
      .u32(i.hardware_type.value_or(0))
      .u32(i.hardware_length);
  payload.tail({reinterpret_cast<const char*>(i.hardware_address.data()), i.hardware_address.size()});
  payload.u32(i.mtu.value_or(0)).u32(i.queue_length ? 1 : 0);
  if (i.queue_length) payload.u32(*i.queue_length);
  payload.u64(i.map.memory_start).u64(i.map.memory_end);
  payload.u32(i.map.base_address).u32(i.map.irq).u32(i.map.dma).u32(i.map.port).u32(i.inet ? 1 : 0);
  if (!i.inet) return payload;
  payload.tail(view_of(i.inet->address));
  for (const auto* address : {&i.inet->destination, &i.inet->broadcast, &i.inet->mask})
    payload.tail(view_of(address->value_or(Address{})));
  return payload;
}

Payload name_payload(NameKind kind, std::uint32_t qualifier, std::uint64_t number, const Address& address,
                     std::string_view name) {
  return std::move(
      Payload().u32(static_cast<std::uint32_t>(kind)).u32(qualifier).u64(number).tail(view_of(address)).tail(name));
}

}  // namespace capture

namespace {

bool begins_as_capture(Bytes file) {
  return std::memcmp(file.data(), capture::kMagic.data(), std::min(file.size(), capture::kMagic.size())) == 0;
}

/// Refuses by its first bytes a file of neither kind, so that an endless stream does not fill the memory.
void check_beginning(Bytes file, std::string_view source) {
  if (!begins_as_capture(file)) check_beginning_of_dump(file, source);
}

}  // namespace

std::shared_ptr<const Recording> Recording::parse(std::vector<std::byte> file, std::string_view source) {
  using capture::Type;
  // A truncated magic is a truncated capture: netlink messages begin with a length, never with letters.
  if (file.empty() || !begins_as_capture(file)) return recording_of_dump(std::move(file), source);

  const auto recording = std::make_shared<Recording>();
  Recording& r = *recording;
  r.bytes = std::move(file);
  ProcImage::File* open_file = nullptr;  // the file that a file_data record continues
  for (capture::Reader in(r.bytes, source); in.next(); in.finish()) {
    if (in.type() == Type::file_data) {
      if (open_file == nullptr) in.fail("file data without a file record");
      open_file->text.append(in.tail());
      continue;
    }
    open_file = nullptr;
    switch (in.type()) {
      case Type::host: capture::read_host(in, r); break;
      case Type::file: capture::read_file(in, r, open_file); break;
      case Type::task: capture::read_task(in, r); break;
      case Type::request: capture::read_request(in, r); break;
      case Type::reply: capture::read_reply(in, r); break;
      case Type::interface_names: capture::read_interface_names(in, r); break;
      case Type::interface: capture::read_interface(in, r); break;
      case Type::name: capture::read_name(in, r); break;
      case Type::descriptors: capture::read_descriptors(in, r); break;
      case Type::file_data:
      case Type::end: break;
    }
  }
  return recording;
}

Origin Recording::origin_of(const std::string& path, std::shared_ptr<const Recording>& whole) {
  constexpr std::size_t kFirst = std::size_t{1} << 16;  // far more than the texts of a host record
  struct stat status;
  const Fd fd(path == "-" || ::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)
                  ? -1
                  : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::vector<std::byte> start(kFirst);
  const ssize_t n = fd ? ::read(fd.get(), start.data(), start.size()) : 0;
  start.resize(static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
  if (start.size() <= capture::kMagic.size() || !begins_as_capture(start)) {
    whole = read(path);
    return whole->origin;
  }
  Recording first;
  capture::Reader in(start, path);
  if (!in.next() || in.type() != capture::Type::host) in.fail("the first record is not that of the host");
  capture::read_host(in, first);
  in.finish();
  return first.origin;
}

std::shared_ptr<const Recording> Recording::read(const std::string& named) {
  const std::string path = newest_capture(named);
  constexpr std::size_t kStep = std::size_t{1} << 20;
  constexpr std::uint64_t kMaxCaptureBytes = std::uint64_t{1} << 32;
  const bool standard = path == "-";
  const Fd fd(standard ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0) : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  const std::string source = standard ? "standard input" : path;
  if (!fd) throw SystemError("open", source, errno);
  std::vector<std::byte> file;
  for (std::size_t size = 0;;) {
    if (file.size() - size < kStep) {
      // Half of a 32-bit address space.
      if (size > file.max_size() - kStep) throw FormatError(source, 0, "larger than this program can hold in memory");
      file.resize(std::min(std::max(size + kStep, size + size / 2), file.max_size()));
    }
    const ssize_t n = ::read(fd.get(), file.data() + size, file.size() - size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw SystemError("read", source, errno);
    const bool first = size == 0;
    size += static_cast<std::size_t>(n);
    if (first && n != 0) check_beginning(Bytes(file).first(size), source);
    if (size > kMaxCaptureBytes) throw FormatError(source, 0, "larger than a capture may be (4 GiB)");
    if (n == 0) return file.resize(size), parse(std::move(file), source);
  }
}

}  // namespace duostat
