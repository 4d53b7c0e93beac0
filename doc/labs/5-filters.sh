#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2034
TITLE='5. Does the kernel filter, or the program?'
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname -- "$0")/lab.sh"

hold 's = server(8080); t = server(9090); k = [client(8080) for _ in range(5)]; k += [s.accept()[0] for _ in range(5)]'
say "A filter of ss becomes a small program, which the kernel runs for each socket:"
show 'duostat explain ss -tan sport = :9090'
see '9090' 'The comparison with the port is in the request. Sockets that do not match never leave the kernel.'
show 'ss -tanH sport = :9090'
see ':9090' 'One row.'
say "The text file has no such thing: all of it is read, and the program throws rows away."
show 'duostat explain ss -tan --via=procfs sport = :9090'
see 'net/tcp' 'The file is read whole. A filter makes this answer shorter, not cheaper.'
say "--where compares columns in the program, whatever the source is:"
show "duostat explain ss -tan --where='rtt > 100'"
see 'where' 'It can compare everything that can be shown, and costs a whole list.'
