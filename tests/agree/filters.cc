// Every filter of up to three predicates from a small set, over a small set of sockets: plain logic, the evaluator, the
// bytecode interpreter and, in a private network namespace, the kernel must agree.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "src/base/fd.h"
#include "src/diag/bytecode.h"
#include "src/diag/diag_backend.h"
#include "src/query/eval.h"
#include "src/query/parser.h"
#include "tests/query/bytecode_entry.h"
#include "tests/query/map_lookup.h"

using namespace duostat;

namespace {

int test_number = 0;

void report(bool passed, const std::string& name) {
  std::printf("%s %d - %s\n", passed ? "ok" : "not ok", ++test_number, name.c_str());
  std::fflush(stdout);
}

// ---- expressions ----

/// A predicate, optionally negated, and its number in the list of predicates.
struct Leaf {
  std::size_t index;
  bool negated;
};

/// (a op b) op c or a op (b op c), with one, two or three leaves; the pair may be negated.
struct Shape {
  std::vector<Leaf> leaves;
  bool first_and = false, second_and = false, pair_on_the_right = false, pair_negated = false;
};

/// Builds a shape for any implementation of predicate, conjunction, disjunction and negation.
template <class Value, class Logic>
Value fold(const Shape& shape, Logic& logic) {
  const auto leaf = [&](std::size_t i) {
    Value value = logic.leaf(shape.leaves[i].index);
    return shape.leaves[i].negated ? logic.negation(value) : value;
  };
  const auto join = [&](bool conjunction, Value left, Value right) {
    return conjunction ? logic.conjunction(left, right) : logic.disjunction(left, right);
  };
  const auto pair = [&](std::size_t first) {
    const Value left = leaf(first);
    const Value value = join(shape.first_and, left, leaf(first + 1));
    return shape.pair_negated ? logic.negation(value) : value;
  };
  if (shape.leaves.size() == 1) return leaf(0);
  if (shape.leaves.size() == 2) return pair(0);
  const Value left = shape.pair_on_the_right ? leaf(0) : pair(0);
  return join(shape.second_and, left, shape.pair_on_the_right ? pair(1) : leaf(2));
}

/// The builder works from left to right, so its values are empty.
struct BuildLogic {
  struct Nothing {};
  const std::vector<Predicate>& predicates;
  ExprBuilder builder;
  Nothing leaf(std::size_t index) { return builder.predicate(predicates[index]), Nothing{}; }
  Nothing negation(Nothing) { return builder.negation(), Nothing{}; }
  Nothing conjunction(Nothing, Nothing) { return builder.conjunction(), Nothing{}; }
  Nothing disjunction(Nothing, Nothing) { return builder.disjunction(), Nothing{}; }
};

struct BoolLogic {
  const std::vector<bool>& verdicts;
  bool leaf(std::size_t index) { return verdicts[index]; }
  bool negation(bool value) { return !value; }
  bool conjunction(bool left, bool right) { return left && right; }
  bool disjunction(bool left, bool right) { return left || right; }
};

Expr build(const Shape& shape, const std::vector<Predicate>& predicates) {
  BuildLogic logic{predicates, {}};
  fold<BuildLogic::Nothing>(shape, logic);
  return std::move(logic.builder).finish();
}

void each_shape(std::size_t predicates, std::size_t leaves, const std::function<void(const Shape&)>& visit) {
  const std::size_t forms = leaves == 1 ? 1 : leaves == 2 ? 4 : 16;
  std::vector<std::size_t> choice(leaves, 0);
  for (;;) {
    for (std::size_t form = 0; form < forms; ++form) {
      Shape shape;
      for (const std::size_t c : choice) shape.leaves.push_back({c / 2, c % 2 != 0});
      shape.first_and = (form & 1) != 0;
      shape.pair_negated = (form & 2) != 0;
      shape.second_and = (form & 4) != 0;
      shape.pair_on_the_right = (form & 8) != 0;
      visit(shape);
    }
    std::size_t i = 0;
    while (i < leaves && ++choice[i] == 2 * predicates) choice[i++] = 0;
    if (i == leaves) return;
  }
}

Predicate predicate_of(const char* text) {
  MapLookup names;
  const Parsed parsed = parse_filter(std::vector<std::string>{text}, ParserContext{names});
  return parsed.expr->predicates().front();
}

// ---- the universe ----

struct Case {
  Socket socket;
  BytecodeEntry entry;
};

Case make(Family family, Endpoint local, Endpoint remote, std::uint32_t mark = 0, bool port_bound = true) {
  Socket s;
  s.protocol = Protocol::tcp;
  s.family = family;
  s.local = local;
  s.remote = remote;
  s.mark = mark;
  s.cgroup_id = mark;
  s.present = {Field::mark, Field::cgroup};
  return {s, entry_of(s, port_bound)};
}

constexpr Address kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 1};
constexpr Address kSix{0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

const std::vector<Case> kUniverse{
    make(Family::inet, {{10, 0, 0, 1}, 22}, {{10, 0, 0, 2}, 50000}, 0x1f),
    make(Family::inet, {{10, 0, 0, 1}, 50000}, {{192, 0, 2, 1}, 443}, 7, false),
    make(Family::inet, {{127, 0, 0, 1}, 443}, {}),
    make(Family::inet6, {kSix, 443}, {kSix, 50000}, 0x10),
    make(Family::inet6, {kMapped, 22}, {kMapped, 40000}),
    make(Family::inet6, {kMapped, 40000}, {kMapped, 22}, 0, false),
};

constexpr const char* kPredicates[] = {
    "src 10/8",         "sport = 22", "sport >= 443", "dport <= 443",
    "fwmark 0x10/0xf0", "cgroup /a",  "autobound",    "dst [2001:db8::1]:50000",
};

bool evaluator_and_interpreter(std::size_t leaves, std::size_t& count) {
  std::vector<Predicate> predicates;
  for (const char* text : kPredicates) predicates.push_back(predicate_of(text));
  std::vector<std::vector<bool>> verdicts;
  for (const Case& c : kUniverse) {
    verdicts.emplace_back();
    for (std::size_t i = 0; i < predicates.size(); ++i)
      verdicts.back().push_back(matches(build({{{i, false}}}, predicates), c.socket, EvalContext{}));
  }
  bool same = true;
  each_shape(predicates.size(), leaves, [&](const Shape& shape) {
    const Expr expr = build(shape, predicates);
    const std::vector<std::byte> program = compile_bytecode(expr);
    for (std::size_t i = 0; i < kUniverse.size(); ++i) {
      ++count;
      BoolLogic logic{verdicts[i]};
      const bool plain = fold<bool>(shape, logic);
      const bool user = matches(expr, kUniverse[i].socket, EvalContext{});
      const bool kernel = run_bytecode(program, kUniverse[i].entry);
      if (plain == user && user == kernel && !program.empty()) continue;
      if (same)
        std::printf("# %s over socket %zu: logic %d user %d bytecode %d\n", dump(expr).c_str(), i, plain, user, kernel);
      same = false;
    }
  });
  return same;
}

/// Filters for which user space and the kernel differ by design. Both decide, so a socket is shown only if both accept
/// it.
struct Difference {
  const char* text;
  std::size_t socket;
  bool user, kernel;
};
constexpr Difference kDifferences[] = {
    {"src 0/0", 3, true, false},            // the kernel compares families even of no bits
    {"src ::/0", 0, true, false},
    {"dst [::]", 2, true, false},           // user space sees zero words
    {"src [::ffff:10.0.0.1]", 4, true, true},
    {"src [a00:1::]", 0, true, false},
    {"sport >= 65558", 0, false, true},     // the kernel's ports are 16 bits: 22
    {"sport > 65558", 2, false, true},
    {"sport = 65558", 0, false, false},
    {"sport >= -1", 0, true, false},        // 65535
};

bool differences() {
  bool same = true;
  for (const Difference& d : kDifferences) {
    MapLookup names;
    const Parsed parsed = parse_filter(std::vector<std::string>{d.text}, ParserContext{names});
    const Case& c = kUniverse[d.socket];
    const bool user = matches(*parsed.expr, c.socket, EvalContext{});
    const bool kernel = run_bytecode(compile_bytecode(*parsed.expr), c.entry);
    if (user == d.user && kernel == d.kernel) continue;
    std::printf("# %s: user %d kernel %d\n", d.text, user, kernel);
    same = false;
  }
  return same;
}

// ---- the kernel ----

bool raise_loopback() {
  const Fd fd(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP;
  return fd && ioctl(fd.get(), SIOCSIFFLAGS, &request) == 0;
}

constexpr std::uint16_t kListener4 = 2200, kListener6 = 2300, kBoundClient = 2500;

sockaddr_in6 six(const char* address, std::uint16_t port) {
  sockaddr_in6 a{};
  a.sin6_family = AF_INET6;
  a.sin6_port = htons(port);
  inet_pton(AF_INET6, address, &a.sin6_addr);
  return a;
}
sockaddr_in four(const char* address, std::uint16_t port) {
  sockaddr_in a{};
  a.sin_family = AF_INET;
  a.sin_port = htons(port);
  inet_pton(AF_INET, address, &a.sin_addr);
  return a;
}

class Zoo {
 public:
  /// False with errno if a system call failed.
  bool fill() {
    const auto four_at = four("127.0.0.1", kListener4);
    const auto any = six("::", kListener6);
    const auto six_at = six("::1", kListener6), mapped = six("::ffff:127.0.0.1", kListener6);
    const auto from = four("127.0.0.2", kBoundClient);
    if (!listen_at(AF_INET, four_at) || !listen_at(AF_INET6, any)) return false;
    return connect_to(AF_INET, four_at, 0x1f, nullptr, 0) && connect_to(AF_INET6, six_at, 0x10, nullptr, 1) &&
           connect_to(AF_INET6, mapped, 0, nullptr, 1) && connect_to(AF_INET, four_at, 0, &from, 0);
  }

 private:
  template <class Name>
  bool listen_at(int family, const Name& name) {
    fds_.emplace_back(socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    return bind(fds_.back().get(), reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0 &&
           listen(fds_.back().get(), 8) == 0;
  }
  template <class Name>
  bool connect_to(int family, const Name& name, unsigned mark, const sockaddr_in* from, std::size_t listener) {
    fds_.emplace_back(socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int fd = fds_.back().get();
    if (mark != 0 && setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof mark) != 0) return false;
    if (from != nullptr && bind(fd, reinterpret_cast<const sockaddr*>(from), sizeof *from) != 0) return false;
    if (connect(fd, reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0) return false;
    fds_.emplace_back(accept(fds_[listener].get(), nullptr, nullptr));
    return static_cast<bool>(fds_.back());
  }

  std::vector<Fd> fds_;
};

/// Asks the kernel for all TCP sockets that match `filter`, and maps cookies to rows. False if it refuses.
bool ask_kernel(const Expr* filter, std::vector<Case>& cases) {
  cases.clear();
  DiagBackend backend(open_netlink);
  Query query;
  query.protocols = {Protocol::tcp};
  query.wanted = {Field::mark, Field::cgroup, Field::cookie, Field::interface};
  query.filter = filter;
  const Coverage coverage = backend.collect(query, [&](std::span<const Socket> batch) {
    for (const Socket& s : batch) {
      const bool chosen = s.state == State::listen || (s.local.port == kBoundClient && s.remote.port == kListener4);
      cases.push_back({s, entry_of(s, chosen)});
    }
    return true;
  });
  return coverage.error == 0;
}

std::set<std::uint64_t> cookies_of(const std::vector<Case>& cases) {
  std::set<std::uint64_t> cookies;
  for (const Case& c : cases) cookies.insert(c.socket.cookie);
  return cookies;
}

bool kernel_and_interpreter(const std::vector<Case>& all, std::size_t leaves, std::size_t step, std::size_t& count) {
  std::vector<Predicate> predicates;
  for (const char* text :
       {"src 127/8", "src [::1]", "sport = 2200", "dport >= 2300", "sport < 32768", "fwmark 0x10/0xf0", "autobound",
        "dst [::ffff:127.0.0.1]", "src 0/0", "sport >= 67836", "dst :2200"})
    predicates.push_back(predicate_of(text));
  predicates.emplace_back(std::in_place_type<CgroupPredicate>, CgroupPredicate{all.front().socket.cgroup_id});
  bool same = true;
  std::size_t turn = 0;
  std::vector<Case> seen;
  each_shape(predicates.size(), leaves, [&](const Shape& shape) {
    if (turn++ % step != 0 || !same) return;
    const Expr expr = build(shape, predicates);
    const std::vector<std::byte> program = compile_bytecode(expr);
    std::set<std::uint64_t> expected;
    for (const Case& c : all)
      if (run_bytecode(program, c.entry)) expected.insert(c.socket.cookie);
    ++count;
    const bool answered = ask_kernel(&expr, seen);
    if (answered && cookies_of(seen) == expected) return;
    std::printf("# %s: kernel %s %zu sockets, interpreter %zu\n", dump(expr).c_str(), answered ? "sends" : "refuses,",
                seen.size(), expected.size());
    same = false;
  });
  return same;
}

void live() {
  const char* const names[] = {"the kernel agrees on 1 predicate", "the kernel agrees on 2 predicates",
                               "the kernel agrees on a sample of 3 predicates"};
  // Of each_shape(), for a thousand dumps; odd, so that every form occurs.
  constexpr std::size_t kSteps[] = {1, 3, 211};
  std::string reason;
  Zoo zoo;
  std::vector<Case> all;
  if (unshare(CLONE_NEWNET) != 0)
    reason = std::string("needs a network namespace: ") + std::strerror(errno);
  else if (!raise_loopback() || !zoo.fill())
    reason = std::string("cannot open sockets: ") + std::strerror(errno);
  else if (!ask_kernel(nullptr, all) || all.size() != 10)
    reason = "this kernel does not dump TCP sockets through sock_diag";
  else if (!all.front().socket.has(Field::cgroup))
    reason = "this kernel does not tell the cgroups of sockets";
  for (std::size_t i = 0; i < std::size(names); ++i) {
    if (!reason.empty()) {
      std::printf("ok %d - %s # SKIP %s\n", ++test_number, names[i], reason.c_str());
      continue;
    }
    std::size_t count = 0;
    const bool same = kernel_and_interpreter(all, i + 1, kSteps[i], count);
    report(same && count > 0, std::string(names[i]) + " (" + std::to_string(count) + " dumps)");
  }
}

}  // namespace

int main() {
  std::printf("1..7\n");
  for (std::size_t leaves = 1; leaves <= 3; ++leaves) {
    std::size_t count = 0;
    const bool same = evaluator_and_interpreter(leaves, count);
    report(same && count > 0, "logic = evaluator = bytecode, " + std::to_string(leaves) + " predicates (" +
                                  std::to_string(count) + " verdicts)");
  }
  report(differences(), "user space and the kernel differ where they are known to");
  live();
  return 0;
}
