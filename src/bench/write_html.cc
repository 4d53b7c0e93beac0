// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/bench/write_html.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "src/bench/reading.h"
#include "src/collect/owners.h"
#include "src/render/html.h"
#include "src/render/svg.h"

namespace duostat::bench {
namespace {

using svg::escape;

svg::Estimate estimate_of(const Summary& s) { return {s.median, s.low, s.high}; }

std::string time_interval(const Summary& s) {
  return s.low && s.high ? fmt::format("{} to {}", time_text(*s.low), time_text(*s.high)) : "too few rounds";
}
std::string ratio_interval(const Summary& s) {
  return s.low && s.high ? fmt::format("{:.2f} to {:.2f}", *s.low, *s.high) : "too few rounds";
}
std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text.append(text.empty() ? "" : " ").append(word);
  return text;
}
std::string short_size(const Size& size) {
  return size.connections ? fmt::format("{} conn.", count_text(*size.connections)) : "this host";
}
/// 1, 10, 1k, 10k, 1M: for an axis.
std::string round_count(double count) {
  if (count >= 1e6) return fmt::format("{:g}M", count / 1e6);
  return count >= 1e3 ? fmt::format("{:g}k", count / 1e3) : fmt::format("{:g}", count);
}
/// Times on an axis, which are round numbers.
std::string round_time(double ns) {
  if (ns == 0) return "0";
  if (ns >= 1e9) return fmt::format("{:g} s", ns / 1e9);
  if (ns >= 1e6) return fmt::format("{:g} ms", ns / 1e6);
  return ns >= 1e3 ? fmt::format("{:g} us", ns / 1e3) : fmt::format("{:g} ns", ns);
}

/// A fit through noisy values can be negative.
std::string signed_time(double ns) { return ns < 0 ? "-" + time_text(-ns) : time_text(ns); }

class Page {
 public:
  Page(Output& out, const Result& result) : page_(out), result_(result) {}

  void all() {
    begin();
    reading();
    scaling();
    ratios();
    breakdown();
    figures();
    owners();
    churn();
    programs();
    machine();
    page_.end();
  }

 private:
  void begin() {
    page_.begin("duostat bench: procfs and netlink", "What a list of sockets costs, by procfs and by netlink");
    std::string text = fmt::format("{} on {}", result_.time, result_.machine.hostname);
    if (result_.seconds > 0) text += fmt::format(", {:.0f} s of measuring", result_.seconds);
    page_.soft(text);
    if (result_.interrupted || result_.partial)
      page_.notice(result_.interrupted ? "This run was interrupted: the page has the measurements until then."
                                       : "This run is partial: some requested measurements could not be made.");
  }

  void reading() {
    page_.heading("reading", "The result in words");
    page_.raw("<ul>\n");
    const std::vector<std::string> sentences = reading_of(result_);
    for (const std::string& sentence : sentences) page_.raw(fmt::format("<li>{}</li>\n", escape(sentence)));
    if (sentences.empty()) page_.raw("<li>Nothing was measured.</li>\n");
    page_.raw("</ul>\n");
    if (result_.warnings.empty()) return;
    page_.raw("<div class=\"notice\"><strong>Beware</strong>\n<ul>\n");
    for (const std::string& warning : result_.warnings) page_.raw(fmt::format("<li>{}</li>\n", escape(warning)));
    page_.raw("</ul></div>\n");
  }

  void scaling() {
    if (result_.sizes.size() < 2) return;
    const auto phase = whole(result_.sizes.front());
    if (!phase) return;
    svg::LineChart chart{{"scaling", "Time of an answer by number of sockets", ""},
                         "sockets in the answer",
                         "time of an answer",
                         round_count,
                         round_time,
                         {}};
    std::vector<std::pair<std::string, unsigned>> entries;
    for (const Via backend : result_.options.backends) {
      const unsigned colour = static_cast<unsigned>(backend);
      svg::LineChart::Series series{std::string(word_of(backend)), colour, {}, {}};
      for (const Size& size : result_.sizes)
        if (const Measurement* m = find(size, backend, *phase); m != nullptr && !m->samples.empty())
          series.points.emplace_back(static_cast<double>(m->sockets.value_or(0)), estimate_of(m->wall));
      add_fit(series, backend, *phase);
      if (!series.points.empty()) {
        chart.caption.description +=
            fmt::format("{}: from {} to {}. ", series.name, time_text(series.points.front().second.value),
                        time_text(series.points.back().second.value));
        entries.emplace_back(series.curve.empty() ? series.name : series.name + " (dashed: the fit)", colour);
      }
      chart.series.push_back(std::move(series));
    }
    const std::string drawn = draw(chart);
    if (drawn.empty()) return;
    page_.heading("growth", "How it grows");
    page_.soft(
        "Both axes are logarithmic: a straight line that rises by one decade in each decade is proportional growth. "
        "Vertical strokes "
        "are 95 % intervals of the medians.");
    page_.legend(entries);
    page_.figure(drawn);
    fits(*phase);
  }

  void add_fit(svg::LineChart::Series& series, Via backend, Phase phase) {
    constexpr int kPoints = 24;
    for (const Fit& fit : result_.fits) {
      if (fit.backend != backend || fit.phase != phase || series.points.size() < 2) continue;
      const double low = series.points.front().first, high = series.points.back().first;
      if (!(low > 0) || !(high > low)) return;
      for (int i = 0; i <= kPoints; ++i) {
        const double x = low * std::pow(high / low, static_cast<double>(i) / kPoints);
        series.curve.emplace_back(x, fit.fixed + fit.each * x);
      }
    }
  }

  void fits(Phase phase) {
    if (std::ranges::none_of(result_.fits, [&](const Fit& f) { return f.phase == phase; })) return;
    page_.begin_table("Least squares of the relative errors", {"", "fixed", "a socket", "relative error", "exponent"});
    for (const Fit& fit : result_.fits)
      if (fit.phase == phase)
        page_.row({std::string(word_of(fit.backend)), signed_time(fit.fixed), signed_time(fit.each),
             fmt::format("{:.1f} %", 100 * fit.residual), fmt::format("{:.2f}", fit.exponent)});
    page_.end_table();
  }

  void ratios() {
    svg::RatioChart chart{
        {"ratio", "Time by procfs divided by time by netlink", ""}, "procfs faster", "netlink faster", {}};
    std::vector<std::vector<std::string>> rows;
    for (const Size& size : result_.sizes)
      for (const Ratio& ratio : size.ratios) {
        const bool last = whole(size) == ratio.phase;
        if ((!last && ratio.phase != Phase::floor) || ratio.value.count == 0) continue;
        const std::string name = short_size(size) + (last ? "" : ", kernel alone");
        const bool decided = ratio.verdict != Verdict::undecided;
        chart.rows.push_back({name, fmt::format("{:.2f}", ratio.value.median), estimate_of(ratio.value), decided});
        const std::string verdict =
            decided ? ratio.verdict == Verdict::slower ? "netlink faster" : "procfs faster" : "undecided";
        chart.caption.description += fmt::format("{}: {:.2f}, {}. ", name, ratio.value.median, verdict);
        rows.push_back({name, fmt::format("{:.2f}", ratio.value.median), ratio_interval(ratio.value), verdict});
      }
    if (rows.empty()) return;
    page_.heading("ratio", "Which is faster");
    page_.soft(
        "Each round's time by procfs divided by the same round's by netlink: the median of these ratios, and its 95 % "
        "interval. Where the "
        "interval includes 1 the comparison is undecided, and the mark is hollow.");
    page_.figure(draw(chart));
    page_.begin_table("procfs / netlink", {"", "ratio", "95 % interval", "verdict"});
    for (const auto& cells : rows) page_.row(cells);
    page_.end_table();
  }

  void breakdown() {
    std::vector<std::pair<std::string, unsigned>> entries;
    std::vector<std::pair<const Size*, svg::BarChart>> charts;
    for (const Size& size : result_.sizes) {
      svg::BarChart chart{
          {fmt::format("parts{}", charts.size()), "Parts of an answer's time, " + size_text(size), ""}, round_time, {}};
      for (const Via backend : result_.options.backends) {
        const std::vector<Part> parts = parts_of(size, backend);
        svg::BarChart::Bar bar{std::string(word_of(backend)), "", {}, std::nullopt};
        double sum = 0;
        for (std::size_t i = 0; i < parts.size(); ++i) {
          const unsigned colour = static_cast<unsigned>(parts[i].phase);
          const std::string name = name_of_part(parts, i);
          bar.parts.push_back({name, colour, parts[i].time, time_text(std::max(parts[i].time, 0.0))});
          sum += parts[i].time;
          chart.caption.description +=
              fmt::format("{} {}: {}. ", bar.name, name, time_text(std::max(parts[i].time, 0.0)));
          if (std::ranges::find(entries, std::pair(name, colour)) == entries.end()) entries.emplace_back(name, colour);
        }
        bar.value = time_text(sum);
        if (!parts.empty()) chart.bars.push_back(std::move(bar));
      }
      if (!chart.bars.empty()) charts.emplace_back(&size, std::move(chart));
    }
    if (charts.empty()) return;
    page_.heading("parts", "Where the time goes");
    page_.soft(
        "Each part is what one more step of the work adds to the median time of an answer. A part smaller than the "
        "noise is not drawn.");
    page_.legend(entries);
    for (const auto& [size, chart] : charts) {
      page_.subheading(size_text(*size));
      page_.figure(draw(chart));
    }
  }

  void figures() {
    for (const Size& size : result_.sizes) {
      if (std::ranges::all_of(size.measurements, [](const Measurement& m) { return m.samples.empty(); })) continue;
      if (&size == &result_.sizes.front()) page_.heading("figures", "The figures");
      page_.begin_table(fmt::format("{}, {} of {} rounds", size_text(size), size.rounds_done, size.rounds_asked),
                  {"", "median", "95 % interval", "CPU", "a socket", "system calls", "bytes read", "peak memory"});
      for (const Measurement& m : size.measurements) {
        if (m.samples.empty()) continue;
        page_.row({fmt::format("{}, {}", word_of(m.backend), row_of(m.phase).id), time_text(m.wall.median),
                   time_interval(m.wall), time_text(m.cpu.median),
                   m.ns_per_socket ? time_text(m.ns_per_socket->median) : "-",
                   m.system_calls ? count_text(*m.system_calls) : "-",
                   m.bytes ? bytes_text(static_cast<double>(*m.bytes)) : "-",
                   bytes_text(static_cast<double>(m.peak_memory))});
      }
      page_.end_table();
    }
  }

  void owners() {
    bool any = false;
    for (const Size& size : result_.sizes) {
      if (size.owners.empty()) continue;
      if (!any) {
        page_.heading("owners", "Who owns a socket");
        page_.soft(
            "The sources of owners without any socket. Each step of the BPF iterator includes those before it: reading "
            "the "
            "kernel's types, loading the program, reading every record, and the index by inode. /proc has the whole "
            "only.");
      }
      any = true;
      page_.begin_table(size_text(size),
                        {"", "median", "95 % interval", "CPU", "descriptors of sockets", "own memory"});
      for (const OwnerCost& o : size.owners)
        page_.row({fmt::format("{}, to {}", word_of(o.source), name_of(o.step)), time_text(o.wall.median),
                   time_interval(o.wall), time_text(o.cpu.median),
                   !o.complete     ? "incomplete"
                   : o.descriptors ? count_text(*o.descriptors)
                                   : "-",
                   bytes_text(static_cast<double>(o.own_memory))});
      page_.end_table();
    }
  }

  void churn() {
    if (result_.churn.empty()) return;
    page_.heading("churn", "Under churn");
    std::vector<HtmlColumn> titles{""};
    for (const Churn& c : result_.churn) titles.emplace_back(std::string(word_of(c.backend)));
    page_.begin_table(fmt::format("{} stable sockets, {} connections opened a second",
                            count_text(result_.churn[0].stable), rate_text(result_.churn[0].rate_done)),
                titles);
    struct Count {
      std::string_view title;
      std::uint64_t Churn::*member;
    };
    constexpr Count kCounts[] = {{"dumps", &Churn::dumps},
                                 {"rows of all dumps", &Churn::rows},
                                 {"stable sockets missed", &Churn::missed},
                                 {"stable sockets seen twice", &Churn::twice},
                                 {"torn rows", &Churn::torn},
                                 {"contradictory rows", &Churn::contradictory},
                                 {"dumps marked NLM_F_DUMP_INTR", &Churn::interrupted},
                                 {"rows of closed connections", &Churn::gone}};
    for (const Count& count : kCounts) {
      std::vector<std::string> cells{std::string(count.title)};
      for (const Churn& c : result_.churn) cells.push_back(count_text(c.*count.member));
      page_.row(cells);
    }
    std::vector<std::string> oldest{"oldest row"}, duration{"time of a dump"};
    for (const Churn& c : result_.churn) {
      oldest.push_back(time_text(c.oldest_row));
      duration.push_back(time_text(c.duration.median));
    }
    page_.row(oldest);
    page_.row(duration);
    page_.end_table();
  }

  void programs() {
    if (result_.programs.empty()) return;
    page_.heading("programs", "Whole programs");
    page_.soft(
        "From fork to exit, with the output discarded. Each program is asked for the same work; the number of lines "
        "shows whether it did it. Programs of duostat are marked \"ours\", and their bars have a colour of their own.");
    std::vector<std::optional<std::uint64_t>> sizes;
    for (const Program& p : result_.programs)
      if (std::ranges::find(sizes, p.connections) == sizes.end()) sizes.push_back(p.connections);
    for (std::size_t i = 0; i < sizes.size(); ++i) programs_at(sizes[i], i);
  }

  static constexpr unsigned kOurColour = 2;
  static bool is_ours(const Program& program) { return program.name.starts_with("duostat"); }
  static std::string marked(const Program& program) { return program.name + (is_ours(program) ? " (ours)" : ""); }

  void programs_at(std::optional<std::uint64_t> connections, std::size_t number) {
    const std::string where = connections ? count_text(*connections) + " connections" : "this host's sockets";
    svg::BarChart chart{{fmt::format("programs{}", number), "Time of whole programs, " + where, ""}, round_time, {}};
    for (const Program& p : result_.programs) {
      if (p.connections != connections || p.samples.empty()) continue;
      chart.bars.push_back({marked(p),
                            time_text(p.wall.median),
                            {{marked(p), is_ours(p) ? kOurColour : 1, p.wall.median, time_text(p.wall.median)}},
                            estimate_of(p.wall)});
      chart.caption.description += fmt::format("{}: {}. ", p.name, time_text(p.wall.median));
    }
    page_.subheading(where);
    page_.figure(draw(chart));
    page_.begin_table("Medians with their 95 % intervals",
                      {"", "time", "95 % interval", "peak memory", "lines", "version"});
    for (const Program& p : result_.programs) {
      if (p.connections != connections) continue;
      if (!p.installed)
        page_.row({marked(p), "not installed", "", "", "", ""});
      else if (p.samples.empty())
        page_.row({marked(p), p.skipped.empty() ? "not measured" : p.skipped, "", "", "", p.version});
      else
        page_.row({marked(p), time_text(p.wall.median), time_interval(p.wall),
                   bytes_text(static_cast<double>(p.peak_memory)), count_text(p.lines), p.version});
    }
    page_.end_table();
  }

  void machine() {
    const Machine& m = result_.machine;
    page_.heading("machine", "Where and how");
    page_.begin_entries();
    page_.entry("Kernel", m.kernel + (m.architecture.empty() ? "" : ", " + m.architecture));
    page_.entry("CPU", m.cpu);
    if (m.cores != 0) page_.entry("Cores for this process", std::to_string(m.cores));
    if (m.memory != 0) page_.entry("Memory", bytes_text(static_cast<double>(m.memory)));
    page_.entry("Hypervisor", m.hypervisor);
    page_.entry("Frequency governor", m.governor);
    page_.entry("Clock source", m.clock_source);
    if (m.load) page_.entry("Load average before", fmt::format("{:.2f}", *m.load));
    if (m.descriptors != 0) page_.entry("Descriptor limit (RLIMIT_NOFILE)", count_text(m.descriptors));
    page_.entry("duostat", m.program_version);
    page_.entry("Command", joined(result_.command));
    const Options& o = result_.options;
    std::string work = o.query;
    for (const auto& [asked, word] : {std::pair{o.processes, "processes"}, {o.info, "details"}, {o.render, "output"}})
      if (asked) work += std::string(", with ") + word;
    page_.entry("Tables", work);
    page_.end_entries();
    page_.soft(
        "Every answer runs in its own process; after a warm-up, rounds of the backends alternate. Intervals "
        "come from order "
        "statistics, without assumptions about the distribution.");
  }

  HtmlPage page_;
  const Result& result_;
};

}  // namespace

void write_html(Output& out, const Result& result) { Page(out, result).all(); }

}  // namespace duostat::bench
