#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2034
TITLE='Exercise 6: filters'
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname -- "$0")/lab.sh"

hold 's = server(8080); t = server(8443); k = [client(8080) for _ in range(3)] + [client(8443)]
k += [s.accept()[0] for _ in range(3)] + [t.accept()[0]]'
say "Question: only connections to port 8443?"
show 'ss -tnH dport = :8443'
see ':8443' 'dport is the port of the peer. The filter of ss runs in the kernel.'
say "Question: how many connections has each port of the peer?"
show 'ss -tn --by=dport --top=2'
see '8080 +3$|3 +8080$' '--by counts; --top keeps the largest.'
say "Question: listeners and connections of 8080 and 8443, but not 8080's listener?"
show "ss -tan --where='(sport = 8080,8443 or dport = 8080,8443) and not (state = listen and sport = 8080)' --count"
see '^ *9' '4 connections are 8 sockets on this host, and one listener is left: 9.'
