// The options of ss and netstat as the tokenizer sees them, in the originals' order; for tests of the tokenizer.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "src/base/options.h"

namespace duostat::test {

inline constexpr OptionRow kSsRows[] = {
    {'n', "numeric", ""},    {'r', "resolve", ""},    {'o', "options", ""},     {'e', "extended", ""},
    {'m', "memory", ""},     {'i', "info", ""},       {'p', "processes", ""},   {'T', "threads", ""},
    {'b', "bpf", ""},        {'E', "events", ""},     {'d', "dccp", ""},        {'t', "tcp", ""},
    {'S', "sctp", ""},       {'u', "udp", ""},        {'w', "raw", ""},         {'x', "unix", ""},
    {0, "tipc", ""},         {0, "vsock", ""},        {'a', "all", ""},         {'l', "listening", ""},
    {'B', "bound-inactive", ""}, {'4', "ipv4", ""},   {'6', "ipv6", ""},        {'0', "packet", ""},
    {'f', "family", "FAM"},  {'A', "query,socket", "LIST"}, {'s', "summary", ""}, {'D', "diag", "FILE"},
    {'F', "filter", "FILE"}, {'V', "version", ""},    {'v', "", ""},            {'h', "help", ""},
    {'Z', "context", ""},    {'z', "contexts", ""},   {'N', "net", "NAME"},     {0, "tipcinfo", ""},
    {'K', "kill", ""},       {'H', "no-header", ""},  {0, "xdp", ""},           {'M', "mptcp", ""},
    {'O', "oneline", ""},    {'Q', "no-queues", ""},  {0, "tos", ""},           {0, "cgroup", ""},
    {0, "inet-sockopt", ""}, {0, "bpf-maps", ""},     {0, "bpf-map-id", "ID"},
};

inline constexpr OptionRow kNetstatRows[] = {
    {0, "ax25", "", false, 1},      {0, "x25", "", false, 1},     {0, "ip", "", false, 1},
    {0, "ipx", "", false, 1},       {0, "appletalk", "", false, 1}, {0, "netrom", "", false, 1},
    {0, "inet", "", false, 1},      {0, "inet6", "", false, 1},   {0, "ddp", "", false, 1},
    {0, "rose", "", false, 1},      {0, "unix", "", false, 1},    {0, "bluetooth", "", false, 1},
    {0, "tcpip", "", false, 1},     {'V', "version", ""},         {'i', "interfaces", ""},
    {'h', "help", ""},              {'r', "route", ""},           {'M', "masquerade", ""},
    {'A', "protocol", "FAM"},       {'t', "tcp", ""},             {'S', "sctp", ""},
    {'u', "udp", ""},               {'U', "udplite", ""},         {'w', "raw", ""},
    {'x', "unix", ""},              {'2', "l2cap", ""},           {'f', "rfcomm", ""},
    {'l', "listening", ""},         {'a', "all", ""},             {'o', "timers", ""},
    {'c', "continuous", ""},        {'e', "extend", ""},          {'p', "programs", ""},
    {'v', "verbose", ""},           {'s', "statistics", ""},      {'W', "wide", ""},
    {'n', "numeric", ""},           {0, "numeric-hosts", ""},     {0, "numeric-ports", ""},
    {0, "numeric-users", ""},       {'N', "symbolic", ""},        {'C', "cache", ""},
    {'F', "fib", ""},               {'g', "groups", ""},          {'Z', "context", ""},
    {'4', "", ""},                  {'6', "", ""},                {'d', "", ""},
    {'?', "", ""},
};

}  // namespace duostat::test
