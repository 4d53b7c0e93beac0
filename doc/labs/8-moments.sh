#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2034
TITLE='8. A list is not a moment'
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname -- "$0")/lab.sh"

say "While a list is read, sockets come and go. The benchmark opens and closes connections meanwhile, and counts" \
  "what each source got wrong about sockets that stood still the whole time."
show 'duostat bench --connections=200 --churn=200 --rounds=6 --time=8'
see 'missed [0-9]+ and repeated [0-9]+ of [0-9,]+ stable' 'Sockets that existed the whole time should be in each answer exactly once. Connections that were closed' \
  'before the end may still be listed: the answer is as old as its first row.'
say "What lives for less than an answer takes is in none. duostat events follows what begins and ends, and says how many" \
  "events were lost when they came faster than it read; ss -E shows ends only."
