#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2034
TITLE='6. Whose socket is it?'
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname -- "$0")/lab.sh"

hold 's = server(8080)'
say "The kernel's list of sockets does not say which process holds one. It has an inode number:"
show 'ss -tlne sport = :8080'
see 'ino:[1-9]' 'The number behind ino: is the name of the socket.'
say "A process has a link to it in /proc/PID/fd:"
show 'ino=$(ss -tlneH sport = :8080 | sed "s/.*ino:\([0-9]*\).*/\1/"); find /proc/[0-9]*/fd -lname "socket:?$ino?" -printf "%p -> %l\n" 2>/dev/null'
see '/proc/[0-9]+/fd/[0-9]+ -> socket:\[[0-9]+\]' 'To find the holder, a program must look at every descriptor of every process that it may see.'
show 'ss -tlnp sport = :8080'
see 'python3' 'That is what -p does, and why it costs more than the list itself on a host with many open files.'
show 'duostat explain ss -tlnp sport = :8080'
see '/proc' 'Other users do not see the descriptors of root. ss then says how many sockets have no visible owner.'
