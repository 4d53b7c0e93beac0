// Prometheus' text format and OpenMetrics: headings, numbers, and labels that other processes chose.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/render/exposition.h"

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

namespace duostat {
namespace {

constexpr std::string_view kUnitState[] = {"unit", "state"};

std::string written(const std::vector<MetricFamily>& families, Exposition format) {
  StringSink sink;
  Output out(sink);
  write_exposition(out, families, format);
  out.flush();
  return sink.text;
}

std::vector<MetricFamily> made() {
  return {{"x_sockets", MetricType::gauge, "", "Sockets \\ \"held\".", kUnitState, {{{"a\"b\\c\nd", "listen"}, 3}}},
          {"x_drops_total", MetricType::counter, "", "Drops.", {}, {{{}, 18446744073709551615.0}}},
          {"x_rtt_seconds", MetricType::gauge, "seconds", "Time.", {}, {{{}, 0.00015}}},
          {"x_build_info", MetricType::info, "", "Version.", std::span(kUnitState, 1), {{{"0.1"}, 1}}},
          {"x_absent", MetricType::gauge, "", "Nothing.", {}, {}}};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(exposition)

BOOST_AUTO_TEST_CASE(prometheus_text) {
  BOOST_TEST(written(made(), Exposition::prometheus) ==
             "# HELP x_sockets Sockets \\\\ \"held\".\n"
             "# TYPE x_sockets gauge\n"
             "x_sockets{unit=\"a\\\"b\\\\c\\nd\",state=\"listen\"} 3\n"
             "# HELP x_drops_total Drops.\n"
             "# TYPE x_drops_total counter\n"
             "x_drops_total 1.8446744073709552e+19\n"
             "# HELP x_rtt_seconds Time.\n"
             "# TYPE x_rtt_seconds gauge\n"
             "x_rtt_seconds 0.00015\n"
             "# HELP x_build_info Version.\n"
             "# TYPE x_build_info gauge\n"
             "x_build_info{unit=\"0.1\"} 1\n");
}

BOOST_AUTO_TEST_CASE(openmetrics_text) {
  BOOST_TEST(written(made(), Exposition::openmetrics) ==
             "# TYPE x_sockets gauge\n"
             "# HELP x_sockets Sockets \\\\ \\\"held\\\".\n"
             "x_sockets{unit=\"a\\\"b\\\\c\\nd\",state=\"listen\"} 3\n"
             "# TYPE x_drops counter\n"
             "# HELP x_drops Drops.\n"
             "x_drops_total 1.8446744073709552e+19\n"
             "# TYPE x_rtt_seconds gauge\n"
             "# UNIT x_rtt_seconds seconds\n"
             "# HELP x_rtt_seconds Time.\n"
             "x_rtt_seconds 0.00015\n"
             "# TYPE x_build info\n"
             "# HELP x_build Version.\n"
             "x_build_info{unit=\"0.1\"} 1\n"
             "# EOF\n");
}

BOOST_AUTO_TEST_CASE(labels_are_text_without_surprises) {
  BOOST_TEST(label_text("nginx.service") == "nginx.service");
  BOOST_TEST(label_text("caf\xc3\xa9") == "caf\xc3\xa9");
  BOOST_TEST(label_text("a\nb\x1b[31m\x7f") == "a.b.[31m.");
  BOOST_TEST(label_text("\xc2\x9b") == ".");            // an encoded C1 control
  BOOST_TEST(label_text("x\xe2\x80\xaey") == "x.y");    // RIGHT-TO-LEFT OVERRIDE
  BOOST_TEST(label_text("\xff\xc3(\x9b") == "?\?(?");   // not UTF-8
  BOOST_TEST(label_text(std::string_view("a\0b", 3)) == "a.b");
}

BOOST_AUTO_TEST_CASE(names) {
  BOOST_TEST(is_metric_name("a:b_1"));
  BOOST_TEST(!is_metric_name("a:b", true));
  BOOST_TEST(!is_metric_name("1a"));
  BOOST_TEST(!is_metric_name(""));
  BOOST_TEST(!is_metric_name("a-b"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace duostat
