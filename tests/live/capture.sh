#!/bin/sh
# duostat capture and --from: what they refuse, what they leave behind, what they print.
#
# SPDX-License-Identifier: GPL-2.0-or-later
. "$top_srcdir/tests/tap.sh"
ln -s "$duostat" "$work/ss"
ln -s "$duostat" "$work/netstat"
tree=$top_srcdir/tests/data/netstat/states
capture=$work/host.capture

# A small host: a proc tree that does not change.
run env PROC_ROOT="$tree" "$duostat" capture "$capture"
check "a capture is made" 0 "$status"
matches "it says what is in it" 'host\.capture: 0 sockets, [0-9]+ processes, [0-9]+ bytes$' "$err"
matches "and that it is not for everybody" 'treat it as confidential$' "$err"
check "only its owner may read it" 600 "$(stat -c %a "$capture")"
check "nothing is left beside it" host.capture "$(cd "$work" && echo host.capture*)"
run env PROC_ROOT="$tree" "$duostat" capture -q "$capture"
check "-q is quiet" "" "$err"
env PROC_ROOT="$tree" "$duostat" capture -q - >"$work/piped" && run "$duostat" --from="$work/piped" netstat -tan
check "- is standard output" 0 "$status"

# The three places for --from, and standard input.
wanted=$(PROC_ROOT=$tree "$work/netstat" -tuan)
[ "$(printf '%s\n' "$wanted" | wc -l)" -gt 4 ] && pass "there is something to see" ||
  fail "there is something to see" "$wanted"
for words in "$work/netstat --from=$capture -tuan" "$work/netstat -tuan --from $capture" \
  "$duostat netstat -tua --from=$capture -n" \
  "$duostat --from=$capture netstat -tuan" "$duostat --from $capture netstat -tuan"; do
  run $words
  check "$(echo "$words" | sed "s|$work/||g; s|$duostat|duostat|; s|$tree|TREE|")" "$wanted" "$out"
done
check "--from=- reads standard input" "$wanted" "$("$work/netstat" --from=- -tuan <"$capture")"
check "PROC_ROOT means this host, and --from wins" "$wanted" \
  "$(PROC_ROOT=/nonexistent "$work/netstat" --from="$capture" -tuan)"
run "$work/ss" -tan --from=/nonexistent --from="$capture"
check "one of two that cannot be read: the other is shown" "1 1" "$status $(printf '%s\n' "$err" | grep -c nonexistent)"

# Operations that are impossible on a recorded host.
for words in "-K dst 127.0.0.1" "-E" "-N other"; do
  run "$work/ss" --from="$capture" $words
  check "ss $words is refused" "2 1" "$status $(printf '%s\n' "$err" | wc -l)"
  matches "ss $words: and why" "^ss: ${words%% *}: " "$err"
done
run "$duostat" --from="$capture" capture "$work/other"
check "a recorded host is not recorded" 2 "$status"
matches "and why" 'cannot use a recorded host' "$err"
for words in "ss -tan --from=$capture" "ss --from $capture -x" "netstat -tan --from=$capture" \
  "ss --from=/nonexistent"; do
  run "$duostat" explain $words
  check "explain ${words%%"$work"*} is refused" "2 1" "$status $(printf '%s\n' "$err" | wc -l)"
  matches "and why" '^(ss|netstat): --from: a recorded host .*; explain takes no --from$' "$err"
done

# Files that are not captures.
refused() {
  run "$work/ss" --from="$2" -a
  check "$1: refused" "2 1" "$status $(printf '%s\n' "$err" | wc -l)"
  matches "$1: the place" "$3" "$err"
}
size=$(stat -c %s "$capture")
head -c $((size / 2)) "$capture" >"$work/half"
refused "half a capture" "$work/half" '^[^ ]*: --from: .*half: byte [0-9]+, record [0-9]+ \([a-z ]+\): truncated'
{ head -c 1000 "$capture"; printf '\377\377'; tail -c +1003 "$capture"; } >"$work/bent"
refused "a bent capture" "$work/bent" 'bent: byte [0-9]+, record [0-9]+ .*wrong checksum'
echo "no capture at all, but a text" >"$work/text"
refused "a text" "$work/text" 'text: byte 0: neither a capture nor a dump of TCP sockets'
: >"$work/empty"
refused "an empty file" "$work/empty" 'empty: byte 0: the file is empty'
# More than 31 bits can count: "Value too large for defined data type" if file offsets have fewer than 64 bits.
if truncate -s 3G "$work/large" 2>/dev/null; then
  refused "a file of 3 GiB" "$work/large" 'large: byte 0: neither a capture nor a dump of TCP sockets'
else
  skip "a file of 3 GiB" "the file system has no such files"
fi
rm -f "$work/large"
refused "no file" "$work/nowhere" '(open|read).*nowhere: No such file'
mkdir "$work/none"
refused "a directory without captures" "$work/none" 'no capture in this directory'

# One of two would be ignored.
for words in "ss -tan" "netstat -tan" states; do
  run "$duostat" --from="$work/host.capture" $words --from="$work/host.capture"
  check "$words: --from before and after the command is refused" \
    "2 ${words%% *}: --from is given before the command and after it" \
    "$status ${err#duostat }"
done

# Destinations.
run "$duostat" capture
check "without FILE" 2 "$status"
matches "without FILE: what is missing" '^duostat capture: FILE is missing; see duostat capture --help$' "$err"
run "$duostat" capture --bogus "$work/x"
check "an unknown option" 2 "$status"
run "$duostat" capture -h
check "-h" "0 Usage: duostat capture [OPTIONS] FILE" "$status $(printf '%s\n' "$out" | head -n 1)"
run "$duostat" capture -q "$work/no/such/place"
check "a place that does not exist" 2 "$status"
matches "a place that does not exist: the message" \
  '^duostat capture: create .*/no/such/place: No such file or directory$' "$err"
if [ -w /dev/full ]; then
  run "$duostat" capture -q /dev/full
  check "a full disk" "2 duostat capture: write /dev/full: No space left on device" "$status $err"
else
  skip "a full disk" "no /dev/full"
fi
if command -v script >/dev/null 2>&1 && script -qec true /dev/null </dev/null >/dev/null 2>&1; then
  said=$(script -qec "'$duostat' capture -" /dev/null </dev/null 2>&1)
  matches "a terminal gets no capture" 'is a terminal; a capture is binary' "$said"
else
  skip "a terminal gets no capture" "no script(1)"
fi

# A signal in the middle: reading a FIFO without a writer never ends.
mkdir -p "$work/slow/net" "$work/place"
mkfifo "$work/slow/stat"
echo before >"$work/place/capture"
# ended SIGNAL WORDS...: prints what a capture leaves in its directory when the signal ends it, and the status. WORDS
# run the program.
ended() {
  number=$1
  shift
  rm -f "$work/pid"
  PROC_ROOT=$work/slow "$@" sh -c \
    'echo $$ >"$1/pid.new" && mv "$1/pid.new" "$1/pid" && exec "$2" capture -q "$1/place/capture"' \
    sh "$work" "$duostat" >"$work/out" 2>"$work/err" &
  child=$!
  until [ -s "$work/pid" ] && ls -l "/proc/$(cat "$work/pid")/fd" 2>/dev/null | grep -qF "$work/place/" ||
    [ $((tries += 1)) -gt 600 ]; do
    sleep 0.05
  done
  beside=$(ls "$work/place" | grep -c 'capture\.')
  kill -s "$number" "$(cat "$work/pid")"
  status=0
  wait $child 2>/dev/null || status=$?
  tries=0
  check "SIG$number: nothing is left" "capture before" "$(ls "$work/place") $(cat "$work/place/capture")"
  [ "$status" -gt 128 ] && pass "SIG$number: the status is the signal's" ||
    fail "SIG$number: the status is the signal's" "$status"
}
tries=0
# nohup makes its children ignore SIGHUP, and a shell cannot undo that.
cat >"$work/default-signals.py" <<'END'
import os, signal, sys
signal.signal(signal.SIGHUP, signal.SIG_DFL)
os.execvp(sys.argv[1], sys.argv[1:])
END
# A shell without job control makes its background processes ignore SIGINT and SIGQUIT.
for number in KILL TERM HUP; do ended $number python3 "$work/default-signals.py"; done
# A file system that cannot make a file without a name.
if command -v strace >/dev/null 2>&1 && ! grep -q __asan_init "$duostat"; then
  for number in TERM HUP; do
    ended $number strace -f -qq -o /dev/null -P "$work/place" -e trace=openat -e inject=openat:error=EOPNOTSUPP \
      python3 "$work/default-signals.py"
    check "SIG$number: it had a name" 1 "$beside"
  done
else
  skip "a named temporary file is removed" "no strace, or a sanitizer"
fi
run env PROC_ROOT="$tree" "$duostat" capture -q "$work/place/capture"
check "an existing file is replaced" "0 capture 600" "$status $(ls "$work/place") $(stat -c %a "$work/place/capture")"
lacks "by a capture" '^before$' "$(head -c 20 "$work/place/capture")"
if command -v strace >/dev/null 2>&1; then
  for place in new capture; do
    run env ASAN_OPTIONS=detect_leaks=0 PROC_ROOT="$tree" strace -f -qq -o /dev/null -P "$work/place" -e trace=openat \
      -e inject=openat:error=EOPNOTSUPP "$duostat" capture -q "$work/place/$place"
    check "without O_TMPFILE: $place" "0 600" "$status $(stat -c %a "$work/place/$place")"
  done
  check "without O_TMPFILE: nothing is left" "capture new" "$(cd "$work/place" && echo *)"
else
  skip "without O_TMPFILE" "no strace"
fi

# A user who may not read others' processes; the summary says so.
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null 2>&1 &&
  setpriv --reuid=65534 --regid=65534 --clear-groups true 2>/dev/null; then
  cp "$duostat" "$work/copy" && chmod 755 "$work" "$work/copy" && mkdir -m 777 "$work/open"
  run setpriv --reuid=65534 --regid=65534 --clear-groups "$work/copy" capture -q "$work/open/capture"
  check "an ordinary user can make one" 0 "$status"
  matches "and reports what it lacks" '[0-9]+ of [0-9]+ processes could not be read' "$err"
else
  skip "an ordinary user can make one" "not root, or no setpriv"
fi
run "$duostat" capture -q --no-processes "$work/plain"
check "without processes" "0 " "$status $err"
run "$work/ss" -xap --from="$work/plain"
lacks "no owner is shown then" 'users:' "$out"
# Names of control groups are the recorded host's, in columns as in the text: here the tree that they came from is
# hidden.
if [ "$(id -u)" = 0 ] && command -v python3 >/dev/null 2>&1 && grep -q ' cgroup2 ' /proc/mounts &&
  unshare -mn true 2>/dev/null; then
  cat >"$work/groups.sh" <<'END'
ss=$1/ss capture=$1/groups.capture
python3 -c 'import socket, sys
s = socket.create_server(("0.0.0.0", 0)); print(flush=True)
sys.stdin.read()' <"$1/hold" >"$1/ready" &
exec 3>"$1/hold"
read -r _ <"$1/ready"
"$2" capture -q "$capture"
"$ss" -tan --json=lines --columns=state,cgroup
while read -r _ point kind _; do [ "$kind" != cgroup2 ] || mount -t tmpfs none "$point"; done </proc/mounts
"$ss" --from="$capture" -tan --json=lines --columns=state,cgroup
END
  mkfifo "$work/hold" "$work/ready"
  said=$(unshare -mn sh "$work/groups.sh" "$work" "$duostat" 2>&1)
  matches "columns have a socket's control group" '"cgroup":"/' "$(printf '%s\n' "$said" | head -n 1)"
  check "and the recorded one from elsewhere" "$(printf '%s\n' "$said" | head -n 1)" \
    "$(printf '%s\n' "$said" | tail -n +2)"
else
  skip "control groups of a recorded host" "not root, or no cgroup2, namespaces or python3"
fi
done_testing
