// Captures: what is written can be read; truncated, damaged or forged files are refused with the position; requests are
// answered as the recorded kernel would have answered them.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>

#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

#include "src/base/crc32.h"
#include "src/base/error.h"
#include "src/collect/collect.h"
#include "src/collect/recording.h"
#include "src/diag/diag_backend.h"
#include "src/diag/message.h"
#include "src/procfs/owners.h"

using namespace duostat;
using capture::Payload;
using capture::Type;
using capture::Writer;

namespace {

std::vector<std::byte> bytes_of(std::string_view text) {
  const Bytes bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}
std::string_view text_of(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

/// The error text for a file that must be refused; empty if it was accepted.
std::string refusal(std::vector<std::byte> file) {
  try {
    Recording::parse(std::move(file), "F");
  } catch (const FormatError& e) {
    return e.what();
  }
  return {};
}

RequestWriter inet_request(StateMask states, std::uint32_t extensions, Protocol protocol = Protocol::tcp) {
  uapi::InetRequest body{};
  body.family = 2;
  body.protocol = row_of(protocol).ip_protocol;
  body.states = states;
  body.extensions = static_cast<std::uint8_t>(extensions);
  RequestWriter request(uapi::kSockDiagByFamily, uapi::kDumpFlags, 7);
  request.put(body);
  return request;
}

/// An inet_diag message with a congestion control name and a shutdown mask.
RequestWriter inet_message(State state, std::uint16_t port) {
  uapi::InetMessage body{};
  body.family = 2;
  body.state = static_cast<std::uint8_t>(state);
  body.id.source_port_be = htons(port);
  RequestWriter message(uapi::kSockDiagByFamily, uapi::kMulti, 99);
  message.put(body);
  message.attribute(uapi::kInetCongestion, bytes_of(std::string_view("cubic", 6)));
  message.attribute(uapi::kInetShutdown, bytes_of(std::string_view("\3", 1)));
  return message;
}

RequestWriter end_of_dump() {
  RequestWriter message(uapi::kDone, uapi::kMulti, 99);
  message.put(std::int32_t{0});
  return message;
}

void add_exchange(Writer& writer, const RequestWriter& request, std::initializer_list<RequestWriter> replies) {
  writer.add(Type::request, capture::request_payload(uapi::kNetlinkSockDiag, 0, 0, request.bytes()));
  std::vector<std::byte> datagram;
  for (const RequestWriter& reply : replies)
    datagram.insert(datagram.end(), reply.bytes().begin(), reply.bytes().end());
  writer.add(Type::reply, capture::reply_payload({0, false, datagram}));
}

/// A small host with one of everything.
std::string sample() {
  StringSink sink;
  Writer writer(sink);
  Recording about;
  about.origin = {{"there", "6.1", "riscv64", 4026531840}, 1'000'000'007};
  about.user = 1000;
  about.cgroups_mounted = true;
  writer.add(Type::host, capture::host_payload(about));
  add_exchange(writer, inet_request(~0u, 0xff),
               {inet_message(State::listen, 80), inet_message(State::established, 81),
                inet_message(State::syn_recv, 82), inet_message(State::close, 83), end_of_dump()});
  add_exchange(writer, inet_request(~0u, 0xff, Protocol::raw),
               {inet_message(State::established, 1), inet_message(State::close, 58), end_of_dump()});
  writer.add(Type::file, capture::file_payload({.text = {}}, "net/tcp", "half a fi"));
  writer.add(Type::file_data, "le\n");
  writer.add(Type::file, capture::file_payload({.error = EACCES}, "net/secret", ""));
  writer.add(Type::file, capture::file_payload({.link = true}, "17/exe", "/bin/true"));
  writer.add(Type::file, capture::file_payload({}, "17/stat", "17 (a (b) S 1"));
  writer.add(Type::file, capture::file_payload({}, "17/task/18/stat", "18 (thread) S 1"));
  writer.add(Type::task, capture::task_payload({1, 1, EACCES, 0, {}}));
  writer.add(Type::task, capture::task_payload({17, 17, 0, 2, {{3, 4711}, {5, 4712}}}));
  writer.add(Type::task, capture::task_payload({17, 18, 0, 0, {{3, 4711}}}));
  writer.add(Type::interface_names, Payload().u32(0).text("lo").text("lo:1"));
  Interface lo;
  lo.name = "lo";
  lo.flags = 0x49;
  lo.mtu = 65536;
  lo.inet.emplace().address[0] = 127;
  writer.add(Type::interface, capture::interface_payload(lo, 0));
  writer.add(Type::name, capture::name_payload(NameKind::user, 0, 1000, {}, "someone"));
  writer.add(Type::name, capture::name_payload(NameKind::interface, 0, 3, {}, "eth0"));
  writer.add(Type::name, capture::name_payload(NameKind::service, 1, 80, {}, "web"));
  writer.add(Type::name, capture::name_payload(NameKind::cgroup, 0, 77, {}, "/some.slice"));
  writer.add(static_cast<Type>(capture::kOptionalType | 5), "from the future");
  writer.end();
  return sink.text;
}

struct Row {
  std::uint32_t port;
  State state;
  bool congestion;
};

/// The rows that the diag backend reads from the capture.
std::vector<Row> rows(const std::shared_ptr<const Recording>& recording, StateMask states, FieldSet wanted,
                      Protocol protocol = Protocol::tcp) {
  DiagBackend backend(transport_of(recording));
  Query query;
  query.protocols = {protocol};
  query.families = {Family::inet};
  query.states = states;
  query.wanted = wanted;
  std::vector<Row> found;
  const Coverage coverage = backend.collect(query, [&](std::span<const Socket> batch) {
    for (const Socket& s : batch) found.push_back({s.local.port, s.state, s.has(Field::congestion)});
    return true;
  });
  BOOST_TEST(coverage.error == 0);
  BOOST_TEST(coverage.malformed == 0u);
  return found;
}

std::string ports(const std::vector<Row>& rows) {
  std::string text;
  for (const Row& row : rows) text += std::to_string(row.port) + " ";
  return text;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(captures)

BOOST_AUTO_TEST_CASE(checksum) {
  const std::vector<std::byte> digits = bytes_of("123456789");
  BOOST_TEST(crc32(digits) == 0xcbf43926u);
  BOOST_TEST(crc32({}) == 0u);
  const std::vector<std::byte> longer = bytes_of("The quick brown fox jumps over the lazy dog");
  BOOST_TEST(crc32(longer) == 0x414fa339u);
  for (std::size_t cut = 0; cut <= longer.size(); ++cut)
    BOOST_TEST(crc32(Bytes(longer).subspan(cut), crc32(Bytes(longer).first(cut))) == 0x414fa339u);
}

BOOST_AUTO_TEST_CASE(what_is_written_is_read) {
  const auto r = Recording::parse(bytes_of(sample()), "F");
  BOOST_TEST(r->origin.host.hostname == "there");
  BOOST_TEST(r->origin.wall_ns == 1'000'000'007);
  BOOST_TEST(r->user == 1000u);
  BOOST_TEST(!r->tcp_dump);
  int error = 0;
  const ProcDir proc(r->proc);
  BOOST_TEST(proc.read("net/tcp", error) == "half a file\n");
  BOOST_TEST(proc.read("net/secret", error) == "");
  BOOST_TEST(error == EACCES);
  BOOST_TEST(proc.read("net/udp", error) == "");
  BOOST_TEST(error == ENOENT);
  BOOST_TEST(proc.read_link("17/exe", error) == "/bin/true");
  BOOST_TEST(proc.path("net/tcp") == "/proc/net/tcp");
  BOOST_TEST(!proc.given());
  const Fd fd = proc.open("net/tcp", error);
  char text[32];
  BOOST_TEST(::read(fd.get(), text, sizeof text) == 12);
  Interface lo;
  lo.name = "lo";
  const auto query = interface_query_of(r);
  const auto all_is_read = [](std::string_view request, int) { BOOST_ERROR(request); };
  BOOST_TEST(query->describe(lo, all_is_read) == 0);
  BOOST_TEST((lo.mtu == 65536u));
  BOOST_TEST((lo.inet && lo.inet->address[0] == 127));
  lo.name = "eth9";
  BOOST_TEST(query->describe(lo, all_is_read) == ENODEV);
  const auto lookup = lookup_of(r);
  BOOST_TEST(lookup->interface_index("if4711") == 4711u);  // an interface without a name, as on a live host
  BOOST_TEST(lookup->interface_index("ifx") == 0u);
  BOOST_TEST(lookup->interface_index("eth0") == 3u);
  BOOST_TEST(lookup->interface_index("lo") == 0u);  // this host has one
  BOOST_TEST(*lookup->service_port("web", ServiceProtocol::tcp) == 80);
  BOOST_TEST(*lookup->cgroup_id("some.slice").id == 77u);
  BOOST_TEST(!lookup->cgroup_id("/other.slice").id);
}

BOOST_AUTO_TEST_CASE(owners) {
  const auto r = Recording::parse(bytes_of(sample()), "F");
  const ProcDir proc(r->proc);
  const OwnerIndex leaders = OwnerIndex::scan(proc, {});
  BOOST_TEST(leaders.first(4711).comm == "a (b");
  BOOST_TEST(leaders.first(4712).fd == 5u);
  BOOST_TEST(leaders.first(1).pid == 0u);
  BOOST_TEST(leaders.coverage().denied == 1u);
  BOOST_TEST(leaders.coverage().links_denied == 2u);
  BOOST_TEST(leaders.coverage().descriptors == 2u);
  std::string found;
  const OwnerIndex threads = OwnerIndex::scan(proc, {.threads = true});
  threads.each(4711, [&](const Owner& owner) { return found.append(owner.comm).append(","), true; });
  BOOST_TEST(found == "thread,a (b,");
}

BOOST_AUTO_TEST_CASE(states_are_narrowed_as_the_kernel_does) {
  const auto r = Recording::parse(bytes_of(sample()), "F");
  BOOST_TEST(ports(rows(r, kAllStates, {})) == "80 81 82 83 ");
  BOOST_TEST(ports(rows(r, mask_of(State::listen), {})) == "80 ");
  BOOST_TEST(ports(rows(r, mask_of(State::established), {})) == "81 ");
  BOOST_TEST(ports(rows(r, mask_of(State::syn_recv), {})) == "82 ");
  BOOST_TEST(ports(rows(r, mask_of(State::new_syn_recv), {})) == "82 ");
  BOOST_TEST(ports(rows(r, mask_of(State::close, State::established), {})) == "81 ");
  BOOST_TEST(ports(rows(r, mask_of(State::bound_inactive), {})) == "83 ");
  BOOST_TEST(ports(rows(r, mask_of(State::listen), {}, Protocol::raw)) == "1 58 ");  // raw_diag reads no states
}

BOOST_AUTO_TEST_CASE(attributes_come_if_asked_for) {
  const auto r = Recording::parse(bytes_of(sample()), "F");
  for (const Row& row : rows(r, kAllStates, {Field::congestion})) BOOST_TEST(row.congestion);
  OpenError error;
  const auto transport = transport_of(r)(uapi::kNetlinkSockDiag, error);
  std::vector<std::byte> buffer(4096);
  for (const bool asked : {false, true}) {
    BOOST_TEST(transport->send(
                   inet_request(mask_of(State::listen), asked ? 1u << (uapi::kInetCongestion - 1) : 0).bytes()) == 0);
    const auto got = transport->receive(buffer);
    const std::string_view text = text_of(Bytes(buffer).first(got.size));
    BOOST_TEST((text.find("cubic") != std::string_view::npos) == asked);
    MessageWalk walk(Bytes(buffer).first(got.size));
    Message message;
    BOOST_TEST(walk.next(message));
    BOOST_TEST(message.sequence == 7u);
    BOOST_TEST(message.port_id == transport->port_id());
    AttributeWalk attributes(message.payload, sizeof(uapi::InetMessage));
    int count = 0;
    for (Attribute a; attributes.next(a);) ++count;
    BOOST_TEST(count == (asked ? 2 : 1));
    BOOST_TEST(!attributes.deficit());
  }
}

BOOST_AUTO_TEST_CASE(small_buffers_get_every_message) {
  const auto r = Recording::parse(bytes_of(sample()), "F");
  OpenError error;
  const auto transport = transport_of(r)(uapi::kNetlinkSockDiag, error);
  BOOST_TEST(transport->send(inet_request(~0u, 0xff).bytes()) == 0);
  std::vector<std::byte> buffer(120);
  int messages = 0;
  for (;;) {
    const auto got = transport->receive(buffer);
    if (got.size == 0) break;
    BOOST_TEST(!got.truncated);
    MessageWalk walk(Bytes(buffer).first(got.size));
    for (Message m; walk.next(m);) ++messages;
  }
  BOOST_TEST(messages == 5);
}

BOOST_AUTO_TEST_CASE(what_was_never_asked_is_refused) {
  const auto r = Recording::parse(bytes_of(sample()), "F");
  DiagBackend backend(transport_of(r));
  Query query;
  query.protocols = {Protocol::udp};
  const Coverage coverage = backend.collect(query, [](std::span<const Socket>) { return true; });
  BOOST_TEST(coverage.error == ENOENT);
  BOOST_TEST(coverage.rows == 0u);
}

/// For example EMFILE for one of several sockets.
BOOST_AUTO_TEST_CASE(a_refusal_to_open_does_not_hide_what_was_answered) {
  const auto open_error = [](bool answered) {
    StringSink sink;
    Writer writer(sink);
    writer.add(Type::host, capture::host_payload(Recording{}));
    writer.add(Type::request, capture::request_payload(uapi::kNetlinkSockDiag, EMFILE, 0, {}));
    if (answered)
      add_exchange(writer, inet_request(kAllStates, 0xff), {inet_message(State::listen, 22), end_of_dump()});
    writer.end();
    OpenError error;
    transport_of(Recording::parse(bytes_of(sink.text), "F"))(uapi::kNetlinkSockDiag, error);
    return error.error;
  };
  BOOST_TEST(open_error(false) == EMFILE);
  BOOST_TEST(open_error(true) == 0);
}

BOOST_AUTO_TEST_CASE(a_stream_that_is_neither_kind_of_file_is_refused_by_its_beginning) {
  const auto said = [](std::vector<std::byte> beginning) -> std::string {
    try {
      check_beginning_of_dump(beginning, "F");
    } catch (const FormatError& e) {
      return e.what();
    }
    return {};
  };
  BOOST_TEST(said(std::vector<std::byte>(64)) == "F: byte 0: neither a capture nor a dump of TCP sockets");
  BOOST_TEST(said(bytes_of("a text of more than sixteen bytes")) ==
             "F: byte 0: neither a capture nor a dump of TCP sockets");
  BOOST_TEST(said(bytes_of("short")) == "");
  const RequestWriter message = inet_message(State::listen, 22);
  BOOST_TEST(said({message.bytes().begin(), message.bytes().end()}) == "");
}

BOOST_AUTO_TEST_CASE(a_cut_is_noticed_at_every_byte) {
  const std::string whole = sample();
  BOOST_TEST(refusal(bytes_of(whole)) == "");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const std::string said = refusal(bytes_of(std::string_view(whole).substr(0, size)));
    if (said.find("F: byte ") != 0) BOOST_ERROR("cut after " << size << " bytes: \"" << said << "\"");
  }
}

BOOST_AUTO_TEST_CASE(a_flipped_bit_is_noticed_wherever_it_is) {
  const std::string whole = sample();
  for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
    std::string bent = whole;
    bent[bit / 8] = static_cast<char>(bent[bit / 8] ^ 1 << bit % 8);
    const std::string said = refusal(bytes_of(bent));
    if (said.find("F: byte ") != 0) BOOST_ERROR("bit " << bit << ": \"" << said << "\"");
  }
}

BOOST_AUTO_TEST_CASE(places_are_named) {
  std::string file = sample();
  const auto record = [](Type type, const Payload& payload, bool host = true) {
    StringSink sink;
    Writer writer(sink);
    if (host) writer.add(Type::host, capture::host_payload(Recording()));
    writer.add(type, payload);
    writer.end();
    return refusal(bytes_of(sink.text));
  };
  BOOST_TEST(refusal(bytes_of(file + "x")).find("data after the end record") != std::string::npos);
  BOOST_TEST(refusal(bytes_of(std::string_view(file).substr(0, 30))) ==
             "F: byte 24, record 1 (unknown): truncated in the header of a record");
  BOOST_TEST(refusal(bytes_of("hello, world, this is a text")) ==
             "F: byte 0: neither a capture nor a dump of TCP sockets");
  BOOST_TEST(refusal({}) == "F: byte 0: the file is empty");
  BOOST_TEST(record(Type::file_data, Payload().tail("x")).find("file data without a file record") != std::string::npos);
  BOOST_TEST(record(Type::reply, Payload().u32(0).u32(0)).find("a reply without a request") != std::string::npos);
  BOOST_TEST(record(Type::request, Payload().u32(4).u32(0).u32(0).tail("no")).find("malformed netlink message") !=
             std::string::npos);
  BOOST_TEST(record(Type::file, Payload().u32(0).u32(0).u32(0xffffffff)).find("a part exceeds the record") !=
             std::string::npos);
  BOOST_TEST(record(Type::name, capture::name_payload(static_cast<NameKind>(99), 0, 0, {}, "x"))
                 .find("unknown kind of name: 99") != std::string::npos);
  BOOST_TEST(record(static_cast<Type>(77), {}).find("unknown record type 77") != std::string::npos);
  BOOST_TEST(record(Type::task, Payload().u32(1).u32(1).u32(0).u32(0).u32(9)).find("truncated descriptor") !=
             std::string::npos);
  BOOST_TEST(record(Type::interface_names, Payload().u32(0), false).find("the first record is not the host record") !=
             std::string::npos);
  std::string other_order = sample();
  std::swap(other_order[20], other_order[23]);
  std::swap(other_order[21], other_order[22]);
  BOOST_TEST(refusal(bytes_of(other_order)).find("other byte order") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_dump_of_tcp_sockets) {
  std::string dump;
  for (const RequestWriter& m : {inet_message(State::listen, 80), inet_message(State::established, 81), end_of_dump()})
    dump += text_of(m.bytes());
  const auto r = Recording::parse(bytes_of(dump), "F");
  BOOST_TEST(r->tcp_dump);
  BOOST_TEST(ports(rows(r, kAllStates, {})) == "80 81 ");
  BOOST_TEST(ports(rows(r, mask_of(State::listen), {})) == "80 ");
  for (std::size_t size = 0; size + 16 + 4 <= dump.size(); ++size)
    if (refusal(bytes_of(std::string_view(dump).substr(0, size))).empty()) BOOST_ERROR("cut after " << size);
}

BOOST_AUTO_TEST_SUITE_END()
