#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2034
TITLE='4. The cost of a socket'
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname -- "$0")/lab.sh"

say "The same list, from both sources, many times: medians with their 95 % intervals. The benchmark makes its own" \
  "connections, in a namespace of its own."
show 'duostat bench --connections=500 --rounds=7 --time=10 --floor'
see 'procfs' 'The part "floor" is the kernel alone, bytes that nobody reads; "parse" is splitting them; "model" is making' \
  'sockets of them.'
see 'netlink' 'Read the interval before the ratio: if it contains 1, nothing was shown. On a busy machine it is wide.'
say "Try sizes: duostat bench --connections=1000,10000,100000. Which part grows, and which does not?"
