#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2034
TITLE='1. The text: /proc/net/tcp'
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname -- "$0")/lab.sh"

hold 's = server(8080)'
say "The kernel writes its list of TCP sockets as text, one line each. A listener on 127.0.0.1, port 8080:"
show 'cat /proc/net/tcp'
address=$(printf '\177\0\0\1' | od -An -tx4 | tr -d ' ' | tr a-f A-F)  # as a number of this machine
see "$address:1F90" "$address:1F90 is 127.0.0.1:8080. The port is hexadecimal, 0x1F90 = 8080. The address is a" \
  'number in the byte order of the machine, so on a PC its bytes are reversed: 7F.00.00.01 is written 0100007F.'
see ' 0A ' '0A is the state: 10, LISTEN. Only numbers stand here; words are the work of the program that shows' \
  'them.'
say "ss can read the same file. It parses the hexadecimal digits and prints words:"
show 'ss -tan --via=procfs'
see 'LISTEN.*127\.0\.0\.1:8080' 'The same socket. Every value went through text: written by the kernel, and parsed again.'
say "A line has a fixed set of columns. What is not among them cannot be shown from here:"
show 'ss -tan --via=procfs --columns=local,sport,rtt,backlog'
see '127\.0\.0\.1 +8080 +- +-$' 'The columns rtt and backlog are empty: absent is not zero.'
