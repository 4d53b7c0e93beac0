#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2034
TITLE='2. The binary answer: netlink'
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname -- "$0")/lab.sh"

hold 's = server(8080); c = client(8080); a = s.accept()[0]; c.sendall(b"x" * 5000); a.recv(5000)'
say "With netlink a program sends the kernel a request, and gets messages with numbers in them. This is the request, and" \
  "what the program would do, without doing it:"
show 'duostat explain ss -tan'
see 'sock_diag|inet_diag' 'One request asks for a whole table. Each answer has a fixed part, and attributes: those that were asked for, and a few' \
  'that the kernel sends always.'
say "Ask for more, and the answer has more: the internals of TCP are an attribute."
show 'ss -tin state established'
see 'rtt:[0-9.]+/' 'rtt and bytes_sent come from struct tcp_info, which the text file does not have.'
show 'ss -tan state established --columns=local,sport,rtt,bytes_sent,cookie'
see '5000' 'Both ends of the connection, with values where the file has none: compare lesson 1.'
