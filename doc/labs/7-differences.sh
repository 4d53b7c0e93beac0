#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2034
TITLE='7. What one source has and the other lacks'
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname -- "$0")/lab.sh"

hold 's = server(8080, 5); c = client(8080); a = s.accept()[0]'
show 'ss -tln --via=netlink sport = :8080'
see 'LISTEN +0 +5 ' 'From netlink: Send-Q of a listener is its backlog, 5.'
show 'ss -tln --via=procfs sport = :8080'
see 'LISTEN +0 +0 ' 'From the text: 0. The file lacks the backlog, so ss prints 0.'
say "So these columns are absent, and a comparison with an absent value is false:"
show "ss -tlnH --via=procfs --where='backlog > 0' --count"
see '^ *0' 'No row. A zero would have been a lie of another kind.'
show "ss -tlnH --via=netlink --where='backlog > 0' --count"
see '^ *1' 'One row.'
say "The reverse exists, too: only the file has the kernel's count of references to a socket."
show "ss -tlnH --via=procfs --columns=sport,refcount sport = :8080"
see '8080 +[1-9]' 'The text has it.'
show "ss -tlnH --via=netlink --columns=sport,refcount sport = :8080"
see '8080 *-?$' 'Netlink does not: what is absent is shown as -.'
