#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2034
TITLE='Exercise 1: a first look'
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname -- "$0")/lab.sh"

hold 's = server(8080); t = server(9090); u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); u.bind(("127.0.0.1", 5300))'
say "Question: which ports are open on this host, and which program holds each?"
show 'ss -tulpn'
see 'LISTEN.*:8080' 'TCP: two listeners.'
see 'UNCONN.*:5300' 'UDP has no LISTEN: a socket that is bound and has no peer is UNCONN, and receives from anybody.'
say "Question: the same with netstat?"
show 'netstat -tulpn'
see 'tcp .*8080.*LISTEN' 'The same sockets in another form.'
