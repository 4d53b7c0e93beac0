// The style sheet of HTML reports: light and dark, screen and paper, narrow and wide.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>

namespace duostat {

inline constexpr std::string_view kHtmlStyle = R"css(
:root { color-scheme: light dark; --text: #1b1f24; --soft: #57606a; --page: #ffffff; --rule: #d0d7de; --grid: #e4e8ec;
  --s0: #b3541e; --s1: #1f6feb; --s2: #2da44e; --s3: #8250df; --s4: #bf8700; --warn: #fff8c5; --warn-rule: #d4a72c; }
@media (prefers-color-scheme: dark) { :root { --text: #e6edf3; --soft: #9ba5b0; --page: #0d1117; --rule: #30363d;
  --grid: #262c34; --s0: #f0883e; --s1: #6cb6ff; --s2: #56d364; --s3: #c297ff; --s4: #e3b341; --warn: #2d2603;
  --warn-rule: #9e6a03; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 46rem; background: var(--page); color: var(--text);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: break-word; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: .5rem 0; }
h1[id] { font-size: 1.4rem; margin-top: 3rem; padding-top: 1rem; border-top: 2px solid var(--rule); }
h2 { font-size: 1.2rem; margin: 2rem 0 .5rem; border-bottom: 1px solid var(--rule); }
h3 { font-size: 1rem; margin: 1.2rem 0 .3rem; }
code { font-family: ui-monospace, monospace; font-size: .9em; }
.soft, caption { color: var(--soft); font-size: .9rem; }
.notice { background: var(--warn); border: 1px solid var(--warn-rule); border-radius: 6px; padding: .5rem .8rem; }
.badge { padding: .1rem .5rem; border-radius: 6px; font-size: .85rem; color: #ffffff; background: var(--badge); }
.badge.critical { --badge: #b62324; } .badge.warning { --badge: #9a5b00; } .badge.note { --badge: #57606a; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; padding: .2rem 0; }
th, td { padding: .2rem .8rem .2rem 0; text-align: right; white-space: nowrap; vertical-align: top;
  border-top: 1px solid var(--grid); }
th:first-child, td:first-child { text-align: left; }
th.left, td.left { text-align: left; }
tbody th { font-weight: 500; } th.words, td.words { white-space: normal; text-align: left; min-width: 10rem; }
thead th { border-top: none; white-space: normal; vertical-align: bottom; } table { margin-bottom: 1rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: 0; }
dt { color: var(--soft); } dd { margin: 0; min-width: 0; }
figure { margin: .5rem 0 1rem; }
svg { display: block; width: 100%; height: auto; max-width: 40rem; }
svg text { font: 12px system-ui, sans-serif; fill: var(--text); }
svg text.title { fill: var(--soft); }
.grid { stroke: var(--grid); } .one { stroke: var(--text); stroke-width: 1.5; }
.line { fill: none; stroke-width: 2; } .fit { fill: none; stroke-width: 1.2; stroke-dasharray: 5 4; opacity: .8; }
.whisker { stroke-width: 1.5; } .interval { stroke: var(--text); stroke-width: 2; }
.decided { fill: var(--text); stroke: var(--text); } .undecided { fill: var(--page); stroke: var(--text);
  stroke-width: 2; }
.s0 { stroke: var(--s0); fill: var(--s0); } .s1 { stroke: var(--s1); fill: var(--s1); } .s2 { stroke: var(--s2);
  fill: var(--s2); }
.s3 { stroke: var(--s3); fill: var(--s3); } .s4 { stroke: var(--s4); fill: var(--s4); }
.line, .fit { fill: none; } .part { stroke: var(--page); stroke-width: 1; }
ul.legend { list-style: none; display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; margin: .2rem 0; padding: 0;
  font-size: .9rem; }
ul.legend svg { display: inline-block; width: .9em; height: .9em; margin-right: .4em; vertical-align: -.1em; }
@media (max-width: 30rem) { body { padding: .6rem; } dl { grid-template-columns: 1fr; } dt { margin-top: .4rem; }
  table { font-size: .75rem; } th, td { padding-right: .35rem; } ul { padding-left: 1.2rem; } }
@media print { body { max-width: none; padding: 0; font-size: 10pt; } h2, h3 { break-after: avoid; }
  figure, tr, dl { break-inside: avoid; }
  .scroll { overflow: visible; } th, td { white-space: normal; } svg { max-width: 14cm; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
)css";

}  // namespace duostat
