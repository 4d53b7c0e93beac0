#!/bin/sh
# duostat bench with programs that misbehave, signals at bad moments, and a low churn rate.
#
# SPDX-License-Identifier: GPL-2.0-or-later
. "$top_srcdir/tests/tap.sh"

mkdir "$work/here" "$work/bin"
cd "$work/here" || exit 99
command -v python3 >/dev/null 2>&1 || skip_all "python3 is not installed"
unshare -n true 2>/dev/null || unshare -r -n true 2>/dev/null || skip_all "no network namespace of its own"

# Every process that a case starts has this word in its environment.
BENCH_TEST=bench-programs-$$
export BENCH_TEST
cat >"$work/left.py" <<'END_OF_PYTHON'
import os
mark = ('BENCH_TEST=' + os.environ['BENCH_TEST']).encode()
own = {os.getpid(), os.getppid()}
for pid in map(int, filter(str.isdigit, os.listdir('/proc'))):
    try:
        if pid not in own and mark in open('/proc/%d/environ' % pid, 'rb').read().split(b'\0'):
            words = open('/proc/%d/cmdline' % pid, 'rb').read().split(b'\0')
            if b'sleep' in words[0] or b'bench' in words:
                print(' '.join(word.decode() for word in words))
    except OSError:
        pass
END_OF_PYTHON
left() { python3 "$work/left.py"; }
# bounded WORDS...: runs a command and kills it, with status 137, after more time than any of these may take.
bounded() { run timeout -s KILL 120 "$@"; }
bench() { bounded env PATH="$work/bin:$PATH" "$duostat" bench --via=netlink --query=tcp --connections=30 --rounds=1 \
  --time=2 "$@"; }
# program NAME: installs a program for the comparison, from standard input.
program() { { echo '#!/bin/sh'; cat; } >"$work/bin/$1"; chmod 755 "$work/bin/$1"; }
# of NAME KEY: prints a value that the report has for a program; empty if it has none.
of() {
  python3 -c 'import json, sys
for p in json.load(open("result.json"))["programs"]:
    if p["name"] == sys.argv[1]: print(p.get(sys.argv[2], ""))' "$@" 2>&1
}

# ---- programs that misbehave ----
program lsof <<'END_OF_PROGRAM'
[ "$1" != -v ] || { echo 'revision: 1.0'; exit; }
sleep 1000
END_OF_PROGRAM
program ss <<'END_OF_PROGRAM'
sleep 1000
END_OF_PROGRAM
program netstat <<'END_OF_PROGRAM'
sleep 1000 &
echo "net-tools 0.1"
END_OF_PROGRAM
program busybox <<'END_OF_PROGRAM'
case $WRAPPED in
  '') WRAPPED=once; export WRAPPED; exec "$0" "$@" ;;
  once) WRAPPED=twice; export WRAPPED; exec "$0" "$@" ;;
esac
echo "BusyBox v1"
END_OF_PROGRAM
program ss2 <<'END_OF_PROGRAM'
echo out
kill -ABRT $$
END_OF_PROGRAM
bench --compare --json=result.json
check "programs that misbehave: the run ends" 0 "$status"
check "  one that hangs is skipped" "did not end within 10 s" "$(of lsof skipped)"
check "  one that hangs in -V is skipped" "-V did not end within 5 s" "$(of 'ss (iproute2)' skipped)"
check "  one that leaves a process with its output open is measured" " 1 1" \
  "$(of 'netstat (net-tools)' skipped) $(of 'netstat (net-tools)' lines) \
$(of 'netstat (net-tools)' samples | grep -c wall_ns)"
check "  a wrapper that uses exec, twice, is measured" " 1 1" \
  "$(of 'netstat (busybox)' skipped) $(of 'netstat (busybox)' lines) \
$(of 'netstat (busybox)' samples | grep -c wall_ns)"
check "  one that a signal ends is skipped" "ended by signal 6" "$(of 'ss2 (pyroute2)' skipped)"
matches "  the text says so too" "^  lsof +did not end within 10 s" "$out"
check "  no process of theirs is left" "" "$(left)"
check "  ours are measured" 1 "$(of 'duostat as ss' samples | grep -c wall_ns)"

# ---- signals ----
cat >"$work/signals.py" <<'END_OF_PYTHON'
# signals.py IGNORED SIGNALS WORDS...: sends the signals, 5 ms apart, once the program has connections, or STARTED
# exists. Prints its status and output.
import os, signal, subprocess, sys, time
ignored, signals, words = sys.argv[1], sys.argv[2].split(','), sys.argv[3:]

def prepare():
    for number in signal.SIGINT, signal.SIGTERM, signal.SIGHUP:
        signal.signal(number, signal.SIG_DFL)
    if ignored:
        signal.signal(getattr(signal, ignored), signal.SIG_IGN)

run = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, preexec_fn=prepare)
def is_pending(number):
    status = open('/proc/%d/status' % run.pid).read()
    return int(status.split('ShdPnd:')[1].split()[0], 16) >> number - 1 & 1
def children():
    return len(open('/proc/%d/task/%d/children' % (run.pid, run.pid)).read().split())
try:
    started = os.environ.get('STARTED')
    while run.poll() is None and not (os.path.exists(started) if started else children() >= 2):
        time.sleep(0.01)
    time.sleep(0.2)
    for position, name in enumerate(signals):
        run.send_signal(getattr(signal, name))
        # Pending signals have no order: the kernel hands out the lowest number first. So the first must be taken first.
        while position == 0 and run.poll() is None and is_pending(getattr(signal, name)):
            time.sleep(0.001)
        time.sleep(0.005)
except OSError:
    pass
out = run.communicate()[0].decode()
print(run.returncode)
print(out)
END_OF_PYTHON
# Meanwhile a program runs that has a child.
rm -f "$work/bin"/*
program lsof <<END_OF_PROGRAM
[ "\$1" != -v ] || { echo 'revision: 1.0'; exit; }
sleep 1000 &
: >'$work/started'
wait
END_OF_PROGRAM
for signal in SIGTERM SIGINT; do
  rm -f "$work/started"
  STARTED=$work/started PATH="$work/bin:$PATH" bounded python3 "$work/signals.py" '' $signal "$duostat" bench \
    --via=netlink \
    --query=tcp --connections=30 --rounds=1 --time=60 --compare
  case $signal in SIGINT) expected=130 ;; *) expected=143 ;; esac
  check "$signal while a program with a child runs: status" $expected "$(printf '%s\n' "$out" | head -n 1)"
  check "  no process is left" "" "$(left)"
done
for signals in SIGINT,SIGTERM SIGTERM,SIGINT SIGINT,SIGINT,SIGHUP; do
  rm -f made.json
  bounded python3 "$work/signals.py" '' $signals "$duostat" bench --connections=300 --rounds=10000 --time=60 \
    --json=made.json
  case $signals in SIGINT*) expected=130 ;; *) expected=143 ;; esac
  check "$signals: the status is the first one's" $expected "$(printf '%s\n' "$out" | head -n 1)"
  matches "  the whole report" 'was interrupted' "$out"
  matches "  and the file's" '"interrupted":true,"complete":false' "$(cat made.json)"
done
rm -f made.json
bounded python3 "$work/signals.py" SIGHUP SIGHUP "$duostat" bench --via=netlink --connections=300 --rounds=3 --time=60
check "nohup: SIGHUP ends nothing" 0 "$(printf '%s\n' "$out" | head -n 1)"
matches "  and all rounds are done" ', 3 of 3 rounds$' "$out"
bounded python3 "$work/signals.py" SIGINT SIGINT,SIGTERM "$duostat" bench --connections=300 --rounds=10000 --time=60
check "SIGINT ignored from the start, SIGTERM not" 143 "$(printf '%s\n' "$out" | head -n 1)"

# ---- reports ----
# refused WORDS...: two reports in one file.
refused() {
  bench "$@"
  if [ "$status" = 2 ] && [ -z "$out" ]; then pass "refused: $*"; else fail "refused: $*" "status $status" "$out" \
    "$err"; fi
  matches "  and says why" "are the same file" "$err"
}
refused --json=made --csv=made
refused --json=made --html=./made
refused --csv=made --csv=made
echo precious >target
ln -s target link
ln target hard
refused --json=target --csv=link
refused --json=target --html=hard
check "  a file that was there is as it was" precious "$(cat target)"
check "  and no other is made" "hard link result.json target" "$(ls | tr '\n' ' ' | sed 's/ $//')"
(timeout -s KILL 120 "$duostat" bench --via=netlink --rounds=1 --json=target >target 2>"$work/err") &&
  fail "standard output as a report's file" || pass "refused: standard output as a report's file"
rm -f target link hard
bench --json=/dev/null --csv=/dev/null
check "a device takes several reports" 0 "$status"

# ---- a backend that refuses ----
# No connections are opened, so only netlink needs sockets.
if command -v strace >/dev/null 2>&1 && strace -o /dev/null true 2>/dev/null; then
  bounded env ASAN_OPTIONS=detect_leaks=0 strace -f -qq -o /dev/null -e trace=socket -e inject=socket:error=EACCES \
    "$duostat" bench --floor --query=tcp --rounds=7 \
    --time=20 --json=refused.json
  cat >"$work/refused.py" <<'END_OF_PYTHON'
import json
result = json.load(open('refused.json'))
[size] = result['bench']
print(result['complete'], [r['phase'] for r in size['ratios']],
      sorted({(m['backend'], m['complete']) for m in size['measurements'] if m['phase'] != 'floor'}))
END_OF_PYTHON
  # The floor of netlink could not even record its requests.
  check "a backend that refuses has no ratio" "False [] [('netlink', False), ('procfs', True)]" \
    "$(python3 "$work/refused.py" 2>&1)"
  lacks "  and nothing is concluded" "times as long|accounts for a factor" "$out"
  matches "  the reason is reported" "netlink: .*Permission denied" "$out"
else
  skip "a backend that refuses has no ratio" "no strace"
fi

# ---- a low churn rate ----
bounded "$duostat" bench --via=netlink --connections=50 --rounds=1 --churn=20 --time=30 --json=churn.json
check "20 connections a second: status" 0 "$status"
cat >"$work/churn.py" <<'END_OF_PYTHON'
import json
result = json.load(open('churn.json'))
[churn] = result['churn']
print(churn['dumps'], churn['closed'] >= 2, 0 < churn['rate_done'] < 2 * churn['rate_asked'],
      [w for w in result['warnings'] if ' 0 connections' in w])
END_OF_PYTHON
check "  connections come and go meanwhile" "10 True True []" "$(python3 "$work/churn.py" 2>&1)"
matches "  and their rate is shown" "sockets, [1-9][0-9.]* connections opened a second" "$out"
bounded "$duostat" bench --via=netlink --connections=50 --rounds=1 --churn=1 --time=8 --json=churn.json
matches "1 a second, and too little time for it: partial" '"complete":false' "$(cat churn.json)"
matches "  one at least has come and gone" '"closed":[1-9]' "$(cat churn.json)"

done_testing
