#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2034
TITLE='Exercise 3: who can reach this?'
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname -- "$0")/lab.sh"

ip addr add 192.0.2.7/32 dev lo
hold 's = server(6379)
for address, port in ("0.0.0.0", 3306), ("192.0.2.7", 5432):
    t = socket.socket(); t.bind((address, port)); t.listen(5); globals()[f"kept{port}"] = t'
say "Question: three databases. Which of them can be reached from other hosts?"
show 'ss -tln'
see '127\.0\.0\.1:6379' '127.0.0.1 is this host alone.'
see '0\.0\.0\.0:3306' '0.0.0.0 is every address of the host.'
see '192\.0\.2\.7:5432' 'An address of an interface: whoever can send to it.'
say "Question: how would you find all such listeners? Whether a firewall lets anybody through, no list of sockets says."
show "ss -tlnH --where='not (local = 127.0.0.0/8 or local = ::1)' --columns=local,sport"
see '3306' 'Every address.'
see '5432' 'And the one that a search for 0.0.0.0 does not find.'
say "UDP sockets are listeners of their own: ss -uln. Write the list down, and compare later:"
say "duostat listen --write-baseline=FILE, then --baseline=FILE."
