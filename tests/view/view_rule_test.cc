// A rule accepts an option or refuses it by name, with the options that it accepts.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/view/view_rule.h"

#include <boost/test/unit_test.hpp>
#include <string>

#include "src/base/error.h"

namespace duostat {
namespace {

std::string refusal(const ViewRule& rule, const ViewRequest& request) {
  try {
    require_accepted(rule, request);
    return {};
  } catch (const UsageError& error) {
    BOOST_TEST(error.status() == kUsageStatus);
    return error.what();
  }
}

BOOST_AUTO_TEST_SUITE(view_rule)

BOOST_AUTO_TEST_CASE(a_refusal_names_the_option_and_what_would_do) {
  ViewRequest request;
  request.top = "3";
  const ViewOptions two = ViewOptions().with(ViewOption::json).with(ViewOption::count);
  BOOST_TEST(refusal({"this view", ViewOptions::all()}, request) == "");
  BOOST_TEST(refusal({"this view", ViewOptions::all().without(ViewOption::proc)}, request) == "");
  BOOST_TEST(refusal({"this view", two}, request) == "--top does not go with this view; these do: --json, --count");
  BOOST_TEST(refusal({"this view", ViewOptions()}, request) ==
             "--top does not go with this view; none of these options does");
  BOOST_TEST(refusal({"this view", ViewOptions()}, {}) == "");
}

BOOST_AUTO_TEST_CASE(every_option_is_noticed_if_given) {
  ViewRequest requests[kViewOptions];
  const auto with = [&](ViewOption option) -> ViewRequest& { return requests[static_cast<std::size_t>(option)]; };
  with(ViewOption::json).json = JsonStyle::lines;
  with(ViewOption::columns).columns = with(ViewOption::where).where = with(ViewOption::sort).sort = "x";
  with(ViewOption::top).top = with(ViewOption::by).by = with(ViewOption::sum).sum = "x";
  with(ViewOption::having).having = with(ViewOption::fail_if).fail_if = "x";
  with(ViewOption::count).count = with(ViewOption::fail_if_any).fail_if_any = true;
  with(ViewOption::fail_if_none).fail_if_none = true;
  with(ViewOption::proc).processes = "exe";
  with(ViewOption::owners).owners = "bpf";
  with(ViewOption::stamp).stamp = with(ViewOption::csv).csv = true;
  with(ViewOption::meanings).meanings = true;
  with(ViewOption::all_netns).all_netns = true;
  with(ViewOption::since).since = "x";
  with(ViewOption::watch).watch = "";
  with(ViewOption::rate).rate = true;
  for (std::size_t i = 0; i < kViewOptions; ++i)
    for (std::size_t k = 0; k < kViewOptions; ++k)
      BOOST_TEST(requests[i].given(static_cast<ViewOption>(k)) == (i == k), name_of(static_cast<ViewOption>(i)));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace duostat
