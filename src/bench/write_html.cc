// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/bench/write_html.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "src/bench/html_style.h"
#include "src/bench/reading.h"
#include "src/bench/svg.h"

namespace duostat::bench {
namespace {

using svg::escape;

svg::Estimate estimate_of(const Summary& s) { return {s.median, s.low, s.high}; }

std::string interval_text(const Summary& s) {
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
  Page(Output& out, const Result& result) : out_(out), result_(result) {}

  void all() {
    begin();
    reading();
    scaling();
    ratios();
    breakdown();
    figures();
    churn();
    programs();
    machine();
    raw("</body>\n</html>\n");
  }

 private:
  static constexpr std::size_t kLongCell = 24;  ///< cells of at least so many bytes may be folded

  void raw(std::string_view markup) { out_.append(markup); }
  void heading(std::string_view id, std::string_view text) {
    raw(fmt::format("<h2 id=\"{}\">{}</h2>\n", id, escape(text)));
  }
  void soft(std::string_view text) { raw(fmt::format("<p class=\"soft\">{}</p>\n", escape(text))); }
  void figure(const std::string& svg) {
    if (!svg.empty()) raw("<figure>\n" + svg + "</figure>\n");
  }

  void legend(const std::vector<std::pair<std::string, unsigned>>& entries) {
    raw("<ul class=\"legend\">\n");
    for (const auto& [name, colour] : entries)
      raw(
          fmt::format("<li><svg viewBox=\"0 0 10 10\" aria-hidden=\"true\"><rect class=\"s{}\" width=\"10\" "
                      "height=\"10\"/></svg>{}</li>\n",
                      colour, escape(name)));
    raw("</ul>\n");
  }

  void begin_table(std::string_view caption, const std::vector<std::string>& titles) {
    raw(fmt::format("<div class=\"scroll\"><table>\n<caption>{}</caption>\n<thead><tr>", escape(caption)));
    for (const std::string& title : titles) raw(fmt::format("<th scope=\"col\">{}</th>", escape(title)));
    raw("</tr></thead>\n<tbody>\n");
  }
  void row(const std::vector<std::string>& cells) {
    raw("<tr>");
    for (std::size_t i = 0; i < cells.size(); ++i)
      raw(fmt::format("<{}{}>{}</{}>", i == 0 ? "th scope=\"row\"" : "td",
                      cells[i].size() > kLongCell ? " class=\"words\"" : "", escape(cells[i]), i == 0 ? "th" : "td"));
    raw("</tr>\n");
  }
  void end_table() { raw("</tbody>\n</table></div>\n"); }

  void begin() {
    raw("<!DOCTYPE html>\n<html lang=\"en\" xmlns=\"http://www.w3.org/1999/xhtml\">\n<head>\n<meta "
        "charset=\"utf-8\"/>\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
        "<title>duostat bench: procfs and netlink</title>\n<style>");
    raw(kHtmlStyle);
    raw("</style>\n</head>\n<body>\n<h1>What a list of sockets costs, by procfs and by netlink</h1>\n");
    std::string text = fmt::format("{} on {}", result_.time, result_.machine.hostname);
    if (result_.seconds > 0) text += fmt::format(", {:.0f} s of measuring", result_.seconds);
    soft(text);
    if (result_.interrupted || result_.partial)
      raw(fmt::format("<p class=\"notice\" role=\"status\"><strong>{}</strong></p>\n",
                      result_.interrupted
                          ? "This run was interrupted: the page has the measurements until then."
                          : "This run is partial: some requested measurements could not be made."));
  }

  void reading() {
    heading("reading", "The result in words");
    raw("<ul>\n");
    const std::vector<std::string> sentences = reading_of(result_);
    for (const std::string& sentence : sentences) raw(fmt::format("<li>{}</li>\n", escape(sentence)));
    if (sentences.empty()) raw("<li>Nothing was measured.</li>\n");
    raw("</ul>\n");
    if (result_.warnings.empty()) return;
    raw("<div class=\"notice\"><strong>Beware</strong>\n<ul>\n");
    for (const std::string& warning : result_.warnings) raw(fmt::format("<li>{}</li>\n", escape(warning)));
    raw("</ul></div>\n");
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
    heading("growth", "How it grows");
    soft(
        "Both axes are logarithmic: a straight line that rises by one decade in each decade is proportional growth. "
        "Vertical strokes "
        "are 95 % intervals of the medians.");
    legend(entries);
    figure(drawn);
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
    begin_table("Least squares of the relative errors", {"", "fixed", "a socket", "relative error", "exponent"});
    for (const Fit& fit : result_.fits)
      if (fit.phase == phase)
        row({std::string(word_of(fit.backend)), signed_time(fit.fixed), signed_time(fit.each),
             fmt::format("{:.1f} %", 100 * fit.residual), fmt::format("{:.2f}", fit.exponent)});
    end_table();
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
    heading("ratio", "Which is faster");
    soft(
        "Each round's time by procfs divided by the same round's by netlink: the median of these ratios, and its 95 % "
        "interval. Where the "
        "interval includes 1 the comparison is undecided, and the mark is hollow.");
    figure(draw(chart));
    begin_table("procfs / netlink", {"", "ratio", "95 % interval", "verdict"});
    for (const auto& cells : rows) row(cells);
    end_table();
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
    heading("parts", "Where the time goes");
    soft(
        "Each part is what one more step of the work adds to the median time of an answer. A part smaller than the "
        "noise is not drawn.");
    legend(entries);
    for (const auto& [size, chart] : charts) {
      raw(fmt::format("<h3>{}</h3>\n", escape(size_text(*size))));
      figure(draw(chart));
    }
  }

  void figures() {
    for (const Size& size : result_.sizes) {
      if (std::ranges::all_of(size.measurements, [](const Measurement& m) { return m.samples.empty(); })) continue;
      if (&size == &result_.sizes.front()) heading("figures", "The figures");
      begin_table(fmt::format("{}, {} of {} rounds", size_text(size), size.rounds_done, size.rounds_asked),
                  {"", "median", "95 % interval", "CPU", "a socket", "system calls", "bytes read", "peak memory"});
      for (const Measurement& m : size.measurements) {
        if (m.samples.empty()) continue;
        row({fmt::format("{}, {}", word_of(m.backend), row_of(m.phase).id), time_text(m.wall.median),
             interval_text(m.wall), time_text(m.cpu.median), m.ns_per_socket ? time_text(m.ns_per_socket->median) : "-",
             m.system_calls ? count_text(*m.system_calls) : "-",
             m.bytes ? bytes_text(static_cast<double>(*m.bytes)) : "-",
             bytes_text(static_cast<double>(m.peak_memory))});
      }
      end_table();
    }
  }

  void churn() {
    if (result_.churn.empty()) return;
    heading("churn", "Under churn");
    std::vector<std::string> titles{""};
    for (const Churn& c : result_.churn) titles.emplace_back(word_of(c.backend));
    begin_table(fmt::format("{} sockets that stand still beside {} connections a second",
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
      row(cells);
    }
    std::vector<std::string> oldest{"oldest row"}, duration{"time of a dump"};
    for (const Churn& c : result_.churn) {
      oldest.push_back(time_text(c.oldest_row));
      duration.push_back(time_text(c.duration.median));
    }
    row(oldest);
    row(duration);
    end_table();
  }

  void programs() {
    if (result_.programs.empty()) return;
    heading("programs", "Whole programs");
    soft(
        "From fork to exit, with the output discarded. Each program is asked for the same work; the number of lines "
        "shows whether it did it.");
    std::vector<std::optional<std::uint64_t>> sizes;
    for (const Program& p : result_.programs)
      if (std::ranges::find(sizes, p.connections) == sizes.end()) sizes.push_back(p.connections);
    for (std::size_t i = 0; i < sizes.size(); ++i) programs_at(sizes[i], i);
  }

  void programs_at(std::optional<std::uint64_t> connections, std::size_t number) {
    const std::string where = connections ? count_text(*connections) + " connections" : "this host's sockets";
    svg::BarChart chart{{fmt::format("programs{}", number), "Time of whole programs, " + where, ""}, round_time, {}};
    for (const Program& p : result_.programs) {
      if (p.connections != connections || p.samples.empty()) continue;
      chart.bars.push_back({p.name,
                            time_text(p.wall.median),
                            {{p.name, 1, p.wall.median, time_text(p.wall.median)}},
                            estimate_of(p.wall)});
      chart.caption.description += fmt::format("{}: {}. ", p.name, time_text(p.wall.median));
    }
    raw(fmt::format("<h3>{}</h3>\n", escape(where)));
    figure(draw(chart));
    begin_table("Medians with their 95 % intervals", {"", "time", "95 % interval", "peak memory", "lines", "version"});
    for (const Program& p : result_.programs) {
      if (p.connections != connections) continue;
      if (!p.installed)
        row({p.name, "not installed", "", "", "", ""});
      else if (p.samples.empty())
        row({p.name, p.skipped.empty() ? "not measured" : p.skipped, "", "", "", p.version});
      else
        row({p.name, time_text(p.wall.median), interval_text(p.wall), bytes_text(static_cast<double>(p.peak_memory)),
             count_text(p.lines), p.version});
    }
    end_table();
  }

  void machine() {
    const Machine& m = result_.machine;
    heading("machine", "Where and how");
    raw("<dl>\n");
    const auto entry = [&](std::string_view name, std::string_view value) {
      if (!value.empty()) raw(fmt::format("<dt>{}</dt><dd>{}</dd>\n", escape(name), escape(value)));
    };
    entry("Kernel", m.kernel + (m.architecture.empty() ? "" : ", " + m.architecture));
    entry("CPU", m.cpu);
    if (m.cores != 0) entry("Cores for this process", std::to_string(m.cores));
    if (m.memory != 0) entry("Memory", bytes_text(static_cast<double>(m.memory)));
    entry("Hypervisor", m.hypervisor);
    entry("Frequency governor", m.governor);
    entry("Clock source", m.clock_source);
    if (m.load) entry("Load average before", fmt::format("{:.2f}", *m.load));
    if (m.descriptors != 0) entry("Descriptor limit (RLIMIT_NOFILE)", count_text(m.descriptors));
    entry("duostat", m.program_version);
    entry("Command", joined(result_.command));
    const Options& o = result_.options;
    std::string work = o.query;
    for (const auto& [asked, word] : {std::pair{o.processes, "processes"}, {o.info, "details"}, {o.render, "output"}})
      if (asked) work += std::string(", with ") + word;
    entry("Tables", work);
    raw("</dl>\n");
    soft(
        "Every answer runs in its own process; after a warm-up, rounds of the backends alternate. Intervals "
        "come from order "
        "statistics, without assumptions about the distribution.");
  }

  Output& out_;
  const Result& result_;
};

}  // namespace

void write_html(Output& out, const Result& result) { Page(out, result).all(); }

}  // namespace duostat::bench
