// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/bench/text.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "src/base/escape.h"
#include "src/bench/reading.h"
#include "src/bench/statistics.h"
#include "src/collect/owners.h"

namespace duostat::bench {
namespace {

/// The appearance of a part in the breakdown.
struct Ink {
  Phase phase;
  std::string_view block, letter, colour;
};
constexpr Ink kInks[] = {
    {Phase::floor, "\u2588", "#", "\033[34m"},  {Phase::parse, "\u2593", "=", "\033[36m"},
    {Phase::model, "\u2592", "+", "\033[32m"},  {Phase::owners, "\u2591", "-", "\033[35m"},
    {Phase::render, "\u2580", ":", "\033[33m"},
};
constexpr std::string_view kPlain = "\033[0m";

/// A unit that all numbers of a column share.
struct Scale {
  double size;
  std::string_view name;
};
Scale scale_for(double nanoseconds) {
  for (const Scale scale : {Scale{1e9, "s"}, Scale{1e6, "ms"}, Scale{1e3, "us"}})
    if (nanoseconds >= scale.size) return scale;
  return {1, "ns"};
}

/// Three significant digits.
std::string digits(double value) {
  const double size = std::abs(value);
  return fmt::format("{:.{}f}", value, size < 9.995 ? 2 : size < 99.95 ? 1 : 0);
}

std::string estimate(const Summary& s, double unit) {
  if (s.count == 0) return "-";
  if (!s.low) return fmt::format("{} (of {})", digits(s.median / unit), s.count);
  return fmt::format("{} ({}..{})", digits(s.median / unit), digits(*s.low / unit), digits(*s.high / unit));
}

class Writer {
 public:
  Writer(Output& out, const Result& result, const Style& style) : out_(out), result_(result), style_(style) {}

  void all() {
    machine();
    for (const Size& size : result_.sizes) one_size(size);
    scaling();
    churn();
    programs();
    if (std::ranges::any_of(result_.sizes, [](const Size& s) { return !s.measurements.empty(); }) ||
        !result_.churn.empty() || result_.partial)
      list("Reading", reading_of(result_));
    list("Beware", result_.warnings);
  }

 private:
  void line(std::string_view text) {
    out_.append(text);
    out_.append('\n');
  }
  void line_trimmed(std::string_view row) { line(row.substr(0, row.find_last_not_of(' ') + 1)); }
  void heading(std::string_view text) {
    out_.append('\n');
    line(text);
  }

  void machine() {
    const Machine& m = result_.machine;
    std::string scratch, text = fmt::format("Linux {} {}", without_controls(m.kernel, scratch), m.architecture);
    if (!m.cpu.empty()) text += fmt::format(", {}", without_controls(m.cpu, scratch));
    text += fmt::format(", {} core{}", m.cores, m.cores == 1 ? "" : "s");
    if (m.memory != 0) text += ", " + bytes_text(static_cast<double>(m.memory));
    if (!m.hypervisor.empty()) text += fmt::format(", on {}", without_controls(m.hypervisor, scratch));
    wrap(text, "");
    const Options& o = result_.options;
    text = fmt::format("tables {}", o.query);
    for (const auto& [asked, word] : {std::pair{o.processes, "processes"}, {o.info, "details"}, {o.render, "output"}})
      if (asked) text += fmt::format(", with {}", word);
    text += "; medians of the rounds with their 95 % interval (order statistics)";
    wrap(text, "");
  }

  /// The backends' measurements in one table, the whole in another, the parts as bars.
  void one_size(const Size& size) {
    const auto last = whole(size);
    heading(fmt::format("{}, {} of {} rounds", size_text(size), size.rounds_done, size.rounds_asked));
    if (!last || size.rounds_done == 0) return line("  nothing was measured");
    double greatest = 0;
    for (const Measurement& m : size.measurements) greatest = std::max(greatest, m.wall.median);
    const Scale scale = scale_for(greatest);
    std::string row = fmt::format("  {:<8}", "");
    for (const Via backend : result_.options.backends)
      row += fmt::format("{:<22}", fmt::format("{} {}", word_of(backend), scale.name));
    if (!size.ratios.empty()) row += is_busy(size) ? "procfs / netlink, CPU" : "procfs / netlink";
    line_trimmed(row);
    for (const PhaseRow& phase : kPhases) phase_row(size, phase, scale);
    whole_rows(size, *last);
    bars(size, greatest);
    owner_rows(size);
  }

  /// The sources of owners, each step with those before it.
  void owner_rows(const Size& size) {
    if (size.owners.empty()) return;
    out_.append('\n');
    line_trimmed(fmt::format("  {:<16}{:<26}{:<26}{:>12}", "owners, to", "wall ms", "CPU ms", "descriptors"));
    for (const OwnerCost& o : size.owners)
      line_trimmed(fmt::format("  {:<16}{:<26}{:<26}{:>12}", fmt::format("{} {}", word_of(o.source), name_of(o.step)),
                               estimate(o.wall, 1e6), estimate(o.cpu, 1e6),
                               o.complete && o.descriptors ? count_text(*o.descriptors) : "-"));
  }

  void phase_row(const Size& size, const PhaseRow& phase, const Scale& scale) {
    std::string row = fmt::format("  {:<8}", phase.id);
    bool any = false;
    for (const Via backend : result_.options.backends) {
      const Measurement* m = find(size, backend, phase.phase);
      any = any || m != nullptr;
      row += fmt::format("{:<22}", m != nullptr ? estimate(m->wall, scale.size) : "-");
    }
    if (!any) return;
    const auto ratio = std::ranges::find(size.ratios, phase.phase, &Ratio::phase);
    if (ratio != size.ratios.end()) {
      const bool busy = is_busy(size);
      row += estimate(busy ? ratio->cpu : ratio->value, 1);
      if ((busy ? verdict_of(ratio->cpu) : ratio->verdict) == Verdict::undecided) row += " undecided";
    }
    line_trimmed(row);
  }

  /// A row in the table of the whole: `cell` returns the text for a measurement.
  template <class Cell>
  void whole_row(const Size& size, Phase phase, std::string_view title, Cell&& cell) {
    std::string row = fmt::format("  {:<30}", title);
    bool any = false;
    for (const Via backend : result_.options.backends) {
      const Measurement* m = find(size, backend, phase);
      const std::string text = m != nullptr ? cell(*m) : "";
      any = any || !text.empty();
      row += fmt::format("{:<22}", text);
    }
    if (any) line_trimmed(row);
  }

  void whole_rows(const Size& size, Phase phase) {
    out_.append('\n');
    whole_row(size, phase, fmt::format("the whole, to \"{}\"", row_of(phase).id),
              [](const Measurement& m) { return std::string(word_of(m.backend)); });
    whole_row(size, phase, "  least .. most", [](const Measurement& m) {
      return fmt::format("{} .. {}", time_text(m.wall.minimum), time_text(m.wall.maximum));
    });
    whole_row(size, phase, "  CPU time", [](const Measurement& m) { return time_text(m.cpu.median); });
    const auto ratio = std::ranges::find(size.ratios, phase, &Ratio::phase);
    if (ratio != size.ratios.end()) line(fmt::format("    {:<28}{}", "procfs / netlink", estimate(ratio->cpu, 1)));
    whole_row(size, phase, "  of it user, system", [](const Measurement& m) {
      const auto part = [](double ns) { return ns == 0 ? "about 0" : time_text(ns); };
      return m.user && m.system ? fmt::format("{}, {}", part(*m.user), part(*m.system)) : std::string();
    });
    // From the model phase: a printed answer is passed on in large pieces.
    whole_row(size, Phase::model, "  time to the first socket",
              [](const Measurement& m) { return m.first ? time_text(m.first->median) : std::string(); });
    whole_row(size, phase, "  sockets seen",
              [](const Measurement& m) { return m.sockets ? count_text(*m.sockets) : std::string(); });
    whole_row(size, phase, "  a socket", [](const Measurement& m) {
      return m.ns_per_socket ? time_text(m.ns_per_socket->median) : std::string();
    });
    whole_row(size, phase, "  system calls",
              [](const Measurement& m) { return m.system_calls ? count_text(*m.system_calls) : std::string(); });
    whole_row(size, phase, "  bytes from the kernel",
              [](const Measurement& m) { return m.bytes ? count_text(*m.bytes) : std::string(); });
    whole_row(size, phase, "  peak memory, for the answer", [](const Measurement& m) {
      return fmt::format("{}, {}", bytes_text(static_cast<double>(m.peak_memory)),
                         bytes_text(static_cast<double>(m.own_memory)));
    });
  }

  std::string_view ink(const Ink& i) const { return style_.utf8 ? i.block : i.letter; }
  std::string painted(Phase phase, std::size_t count) const {
    const Ink& i = kInks[static_cast<unsigned>(phase)];
    std::string text;
    for (std::size_t n = 0; n < count; ++n) text += ink(i);
    return style_.colour && count != 0 ? std::string(i.colour) + text + std::string(kPlain) : text;
  }

  void bars(const Size& size, double greatest) {
    constexpr int kLeft = 11, kRight = 9;
    const auto width = static_cast<double>(std::max(style_.columns - kLeft - kRight, 10));
    std::vector<Part> legend;
    out_.append('\n');
    for (const Via backend : result_.options.backends) {
      const auto parts = parts_of(size, backend);
      if (parts.empty()) continue;
      std::string bar;
      double all = 0, total = 0;
      for (const Part& part : parts) all += part.time;
      long drawn = 0;
      for (const Part& part : parts) {
        total += part.time;
        // Noise can make a phase longer than one that includes it: draw nothing beyond the whole.
        const long end = std::lround(std::min(total, all) / greatest * width);
        if (end <= drawn) continue;
        bar += painted(part.phase, static_cast<std::size_t>(end - drawn));
        drawn = end;
      }
      line(fmt::format("  {:<8} {} {}", word_of(backend), bar, time_text(total)));
      legend = parts;
    }
    if (legend.empty()) return;
    std::string text = "          ";
    for (std::size_t i = 0; i < legend.size(); ++i)
      text += fmt::format(" {} {} ", painted(legend[i].phase, 1), name_of_part(legend, i));
    text.pop_back();
    line(text);
  }

  void scaling() {
    if (result_.sizes.size() < 2) return;
    const auto phase = whole(result_.sizes.front());
    if (!phase) return;
    heading(fmt::format("Growth of the whole (to \"{}\")", row_of(*phase).id));
    std::string row = fmt::format("  {:>12}", "sockets");
    for (const Via backend : result_.options.backends)
      row += fmt::format("  {:>11} {:>9}", word_of(backend), "a socket");
    const bool busy = std::ranges::any_of(result_.sizes, is_busy);
    if (result_.options.backends.size() == 2) row += busy ? "  procfs / netlink, CPU" : "  procfs / netlink";
    line(row);
    for (const Size& size : result_.sizes) {
      row.clear();
      for (const Via backend : result_.options.backends) {
        const Measurement* m = find(size, backend, *phase);
        if (m == nullptr || m->samples.empty()) continue;
        if (row.empty()) row = fmt::format("  {:>12}", m->sockets ? count_text(*m->sockets) : "-");
        row += fmt::format("  {:>11} {:>9}", time_text(m->wall.median),
                           m->ns_per_socket ? time_text(m->ns_per_socket->median) : "-");
      }
      const auto ratio = std::ranges::find(size.ratios, *phase, &Ratio::phase);
      if (ratio != size.ratios.end()) {
        const Verdict verdict = busy ? verdict_of(ratio->cpu) : ratio->verdict;
        row += fmt::format("  {}{}", estimate(busy ? ratio->cpu : ratio->value, 1),
                           verdict == Verdict::undecided ? "?" : "");
      }
      if (!row.empty()) line(row);
    }
    for (const Fit& fit : result_.fits)
      if (fit.phase == *phase)
        line(fmt::format("  {}: {} + {} a socket, relative error {:.1f} %, exponent {:.2f}", word_of(fit.backend),
                         time_text(fit.fixed), time_text(fit.each), 100 * fit.residual, fit.exponent));
  }

  void churn() {
    if (result_.churn.empty()) return;
    const Churn& first = result_.churn.front();
    heading(fmt::format("{} stable sockets, {} connections opened a second", count_text(first.stable),
                        rate_text(first.rate_done)));
    struct Row {
      std::string_view title;
      std::uint64_t Churn::*count;
    };
    constexpr Row kRows[] = {{"dumps", &Churn::dumps},   {"rows", &Churn::rows},
                             {"missed", &Churn::missed}, {"seen twice", &Churn::twice},
                             {"torn rows", &Churn::torn}, {"contradictory rows", &Churn::contradictory},
                             {"marked by the kernel", &Churn::interrupted}, {"rows of sockets gone", &Churn::gone}};
    std::string row = fmt::format("  {:<28}", "");
    for (const Churn& c : result_.churn) row += fmt::format("{:>14}", word_of(c.backend));
    line(row);
    for (const Row& r : kRows) {
      row = fmt::format("  {:<28}", r.title);
      for (const Churn& c : result_.churn) row += fmt::format("{:>14}", count_text(c.*r.count));
      line(row);
    }
    std::string oldest = fmt::format("  {:<28}", "oldest row, gone for"),
                dump = fmt::format("  {:<28}", "a dump takes");
    for (const Churn& c : result_.churn) {
      oldest += fmt::format("{:>14}", time_text(c.oldest_row));
      dump += fmt::format("{:>14}", time_text(c.duration.median));
    }
    line(oldest);
    line(dump);
  }

  void programs() {
    if (result_.programs.empty()) return;
    heading("Whole programs, from fork to exit");
    std::optional<std::uint64_t> shown;
    bool first = true;
    std::string scratch;
    for (const Program& p : result_.programs) {
      if (std::exchange(first, false) || shown != p.connections) {
        shown = p.connections;
        if (shown) line(fmt::format("  at {} connections", count_text(*shown)));
        line(fmt::format("  {:<20}{:>10}  {:<19}{:>10}{:>9}", "", "wall", "95 % interval", "memory", "lines"));
      }
      if (!p.installed) {
        line(fmt::format("  {:<20}not installed", p.name));
        continue;
      }
      if (!p.skipped.empty() || p.samples.empty()) {
        line(fmt::format("  {:<20}{}", p.name, p.skipped.empty() ? "not measured" : p.skipped));
        continue;
      }
      line(fmt::format("  {:<20}{:>10}  {:<19}{:>10}{:>9}", p.name, time_text(p.wall.median),
                       p.wall.low ? fmt::format("{}..{}", time_text(*p.wall.low), time_text(*p.wall.high))
                                  : fmt::format("(of {})", p.wall.count),
                       p.peak_memory != 0 ? bytes_text(static_cast<double>(p.peak_memory)) : "-", p.lines));
      if (!p.version.empty()) line(fmt::format("    {}", without_controls(p.version, scratch)));
    }
  }

  void list(std::string_view title, const std::vector<std::string>& sentences) {
    if (sentences.empty()) return;
    heading(title);
    for (const std::string& sentence : sentences) wrap(sentence, "  - ");
  }

  /// Wraps `text` to the terminal's width, the first line after `bullet`.
  void wrap(std::string_view text, std::string_view bullet) {
    const auto width = static_cast<std::size_t>(std::clamp(style_.columns, 40, 120));
    std::string scratch, row(bullet);
    text = without_controls(text, scratch);
    bool empty = true;
    while (!text.empty()) {
      const auto end = text.find(' ');
      const std::string_view word = text.substr(0, end);
      if (!empty && row.size() + 1 + word.size() > width) {
        line(row);
        row.assign(bullet.size(), ' ');
        empty = true;
      }
      if (!empty) row += ' ';
      row += word;
      empty = false;
      text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    }
    line(row);
  }

  Output& out_;
  const Result& result_;
  const Style& style_;
};

}  // namespace

bool wants_utf8(const Variables& variables) {
  for (const std::string_view name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    std::string value(variables.get(name).value_or(""));
    if (value.empty()) continue;
    for (char& c : value) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return value.find("utf-8") != std::string::npos || value.find("utf8") != std::string::npos;
  }
  return false;
}

void write_text(Output& out, const Result& result, const Style& style) { Writer(out, result, style).all(); }

}  // namespace duostat::bench
