#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2034
TITLE='Exercise 4: why is it slow?'
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname -- "$0")/lab.sh"

hold 's = server(8080); c = client(8080); a = s.accept()[0]; c.setblocking(False)
try:
    while True: c.send(b"x" * 65536)
except BlockingIOError: pass'
sleep 1
say "A program sends, and the other end does not read. Question: which end is to blame?"
show 'ss -tnoi --meanings state established'
see 'Recv-Q [1-9][0-9]*: bytes that arrived and that the program has not read' \
  'The data has arrived at the reader, Recv-Q, and its program does not take it.'
see 'Send-Q [1-9]|persist' 'So the sender waits: Send-Q, and the timer persist, which asks whether there is room.'
say "Question: what would you see if the path lost packets? (the timer on, lost, and retrans that grows; no rwnd_limited)"
say "The probes of the timer persist are sent again as well, so backoff and the second number of retrans say little alone."
