#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2034
TITLE='Exercise 2: the life of a connection'
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname -- "$0")/lab.sh"

hold 's = server(8080)
c = client(8080); a = s.accept()[0]
d = client(8080); b = s.accept()[0]; d.close()
e = client(8080); f = s.accept()[0]; e.close(); time.sleep(0.2); f.close()'
say "Three connections: one is open, of one the client has closed, of one both have. Question: which row is which?"
show 'ss -tan --meanings'
see 'ESTAB' 'Open: ESTAB, on both ends. Each end is a socket, so it counts twice on this host.'
see 'CLOSE-WAIT' 'The client has closed and the server has not: CLOSE-WAIT here, FIN-WAIT-2 there.'
see 'TIME-WAIT' 'Both have closed: TIME-WAIT, on the side that closed first. No process holds it.'
say "Question: in which state does a connection stay if a program forgets to close it?"
