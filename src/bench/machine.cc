// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/bench/machine.h"

#include <sys/resource.h>

#include <charconv>

#include "src/base/decimal.h"
#include "src/base/processors.h"
#include "src/collect/host.h"

namespace duostat::bench {
namespace {

std::string read(const ProcDir& dir, std::string_view file) {
  int error = 0;
  return dir.read(file, error);
}

std::string first_line(const ProcDir& dir, std::string_view file) {
  const std::string text = read(dir, file);
  return text.substr(0, text.find('\n'));
}

/// The value after "KEY\t: " in a text of such lines; empty if it has none of the keys.
std::string value_of(const std::string& text, std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) {
    const auto at = text.starts_with(key) ? 0 : text.find("\n" + std::string(key));
    if (at == std::string::npos) continue;
    const auto colon = text.find(':', at), end = text.find('\n', at + 1);
    if (colon == std::string::npos || colon > end) continue;
    const auto begin = text.find_first_not_of(" \t", colon + 1);
    if (begin != std::string::npos && begin < end) return text.substr(begin, end - begin);
  }
  return {};
}

std::optional<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} ? std::optional(number) : std::nullopt;
}

}  // namespace

Machine describe_machine(const Environment& env) {
  const ProcDir& proc = env.proc;
  const ProcDir sys("/sys");
  Machine machine;
  const Host host = host_of(env);
  machine.hostname = host.hostname;
  machine.kernel = host.kernel;
  machine.architecture = host.machine;
  const std::string cpuinfo = read(proc, "cpuinfo");
  machine.cpu = value_of(cpuinfo, {"model name", "Model", "cpu model", "Processor", "cpu"});
  machine.cores = static_cast<std::uint32_t>(processors());
  machine.memory = number_of(value_of(read(proc, "meminfo"), {"MemTotal"})).value_or(0) * 1024;
  const std::string loads = first_line(proc, "loadavg");
  if (const auto load = parse_decimal(std::string_view(loads).substr(0, decimal_length(loads))))
    machine.load = load->nearest;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) machine.descriptors = limit.rlim_max;
  machine.clock_source = first_line(sys, "devices/system/clocksource/clocksource0/current_clocksource");
  machine.governor = first_line(sys, "devices/system/cpu/cpu0/cpufreq/scaling_governor");
  const std::string flags = value_of(cpuinfo, {"flags"});
  if ((" " + flags + " ").find(" hypervisor ") != std::string::npos) {
    machine.hypervisor = first_line(sys, "class/dmi/id/sys_vendor");
    if (machine.hypervisor.empty()) machine.hypervisor = first_line(sys, "hypervisor/type");
    if (machine.hypervisor.empty()) machine.hypervisor = "a virtual machine";
  }
  machine.program_version = DUOSTAT_VERSION;
  return machine;
}

}  // namespace duostat::bench
