#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2034
TITLE='3. System calls: who asks how often'
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname -- "$0")/lab.sh"

command -v strace >/dev/null 2>&1 || { echo "SKIP: strace is not installed"; exit 77; }
hold 's = server(8080, 400); k = [client(8080) for _ in range(300)]; k += [s.accept()[0] for _ in range(300)]'
say "600 sockets of 300 connections. How many calls does it take to read them as text? (Column calls; the other calls are" \
  "those of every program that starts.)"
show "strace -f -c -S calls -o $ready/calls ss -tan --via=procfs >/dev/null; head -n 8 $ready/calls"
see ' read$' 'Text comes in pieces of some kilobytes, with about 150 bytes a socket: read is called again and again.'
say "And as messages?"
show "strace -f -c -S calls -o $ready/calls ss -tan --via=netlink >/dev/null; grep -E 'calls|recv|read' $ready/calls"
see 'recv' 'A datagram has up to 32 kB of messages. But calls are not what costs most: the kernel searches its tables, and' \
  'writes each row. Lesson 4 measures it.'
