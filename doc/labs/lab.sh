# What every lesson shares: a network namespace of its own, programs that hold sockets, and sentences that are checked.
# A lesson sets TITLE and sources this file:
#
#   TITLE='States of a connection'
#   . "$(dirname -- "$0")/lab.sh"
#
# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
set -eu

# Programs: those beside DUOSTAT, or the installed ones.
if [ -n "${DUOSTAT:-}" ] && [ -z "${DUOSTAT_LAB_INSIDE:-}" ]; then
  case $DUOSTAT in /*) ;; *) DUOSTAT=$PWD/$DUOSTAT ;; esac
  programs=$(mktemp -d)
  trap 'rm -rf "$programs"' EXIT
  for name in ss netstat duostat; do ln -s "$DUOSTAT" "$programs/$name"; done
  PATH=$programs:$PATH
fi
export PATH

for name in ss netstat duostat; do
  command -v $name >/dev/null 2>&1 ||
    { echo "SKIP: $name is not installed; DUOSTAT=/path/to/duostat names the program"; exit 77; }
done
if ! ss --columns=help >/dev/null 2>&1 || ! netstat --columns=help >/dev/null 2>&1; then
  echo "SKIP: ss and netstat are not those of duostat; DUOSTAT=/path/to/duostat names the program"
  exit 77
fi

# The lesson begins again inside a namespace.
if [ -z "${DUOSTAT_LAB_INSIDE:-}" ]; then
  DUOSTAT_LAB_INSIDE=yes
  export DUOSTAT_LAB_INSIDE
  status=0
  if unshare -n true 2>/dev/null; then unshare -n -- sh "$0" || status=$?
  elif unshare -rn true 2>/dev/null; then unshare -rn -- sh "$0" || status=$?
  else
    echo "SKIP: this lesson needs a network namespace of its own: run it as root"
    exit 77
  fi
  exit $status
fi
for tool in python3 ip; do
  command -v $tool >/dev/null 2>&1 || { echo "SKIP: $tool is not installed"; exit 77; }
done
ip link set lo up

kept=
end_programs() {
  for pid in $kept; do kill "$pid" 2>/dev/null || :; done
  [ -z "${ready:-}" ] || rm -rf "$ready"
}
trap end_programs EXIT
ready=$(mktemp -d)

# hold PYTHON: a program that runs these lines of Python and then waits. Returns when they are done.
hold() {
  python3 -c "import os, signal, socket, sys, time
def server(port, backlog=8):
    s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(('127.0.0.1', port)); s.listen(backlog); return s
def client(port):
    return socket.create_connection(('127.0.0.1', port))
$1
open('$ready/done', 'w').close()
signal.pause()" &
  kept="$kept $!"
  waited=0
  until [ -e "$ready/done" ]; do
    sleep 0.1
    waited=$((waited + 1))
    [ $waited -lt 600 ] || { echo "the program did not begin"; exit 1; }
  done
  rm -f "$ready/done"
}

say() { printf '\n%s\n' "$*" | fold -s -w 78 | sed 's/ *$//'; }

# show COMMAND: prints the command and its output, and keeps the output for `see`.
show() {
  printf '\n    $ %s\n' "$1"
  sh -c "$1" >"$ready/output" 2>&1 || :
  sed 's/^/    /; s/ *$//' "$ready/output"
}

# see PATTERN WORDS: the output has this extended regular expression; WORDS say what to look at, and why it is so.
see() {
  pattern=$1
  shift
  if grep -Eq -- "$pattern" "$ready/output"; then
    say "-> $*"
  else
    say "NOT SEEN: $*"
    echo "   (looked for: $pattern)"
    exit 1
  fi
}
see_not() {
  pattern=$1
  shift
  if grep -Eq -- "$pattern" "$ready/output"; then
    say "NOT EXPECTED: $*"
    echo "   (looked for: $pattern)"
    exit 1
  fi
  say "-> $*"
}

printf '%s\n' "$TITLE" "$TITLE" | sed '2s/./=/g'
