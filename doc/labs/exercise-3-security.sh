#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2034
TITLE='Exercise 3: who can reach this?'
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname -- "$0")/lab.sh"

hold 's = server(6379); t = socket.socket(); t.bind(("0.0.0.0", 3306)); t.listen(5)'
say "Question: two databases. Which of them can be reached from other hosts?"
show 'ss -tln'
see '127\.0\.0\.1:6379' '127.0.0.1 is this host alone.'
see '0\.0\.0\.0:3306' '0.0.0.0 is every address of the host.'
say "Question: how would you find all such listeners?"
show "ss -tlnH --where='local = 0.0.0.0 or local = ::' --columns=local,sport"
see '3306' 'Write the list down, and compare later: duostat listen --write-baseline=FILE, then --baseline=FILE.'
