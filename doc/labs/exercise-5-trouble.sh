#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2034
TITLE='Exercise 5: trouble'
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname -- "$0")/lab.sh"

hold 's = server(8080, 2)
k = []
for _ in range(5):
    c = socket.socket(); c.setblocking(False); c.connect_ex(("127.0.0.1", 8080)); k.append(c)'
sleep 1
say "Clients report time-outs on port 8080. Question: is the program there, and does it work?"
show 'ss -tln --meanings sport = :8080'
see 'Recv-Q 3: the queue is full' 'It listens, and does not accept: more connections wait than may wait.'
show 'ss -tn --meanings state syn-sent'
see 'SYN-SENT' 'The clients that found no place ask again and again.'
show 'duostat audit --only=accept-queue'
see 'accept-queue' 'The rule says what it means, and what to do. Its status is for alerts.'
