#!/bin/sh
# duostat bench on a live kernel: what it refuses, that its phases are cumulative, and that it leaves nothing behind.
#
# SPDX-License-Identifier: GPL-2.0-or-later
. "$top_srcdir/tests/tap.sh"

mkdir "$work/here"
cd "$work/here" || exit 99

# Bad input: one line, status 2, no file, and no time spent measuring.
refused() {
  run "$duostat" bench --json=made.json "$@"
  what="refused: $*"
  lines=$(printf '%s\n' "$err" | wc -l)
  if [ "$status" = 2 ] && [ "$lines" = 1 ] && [ -n "$err" ] && [ -z "$out" ] && [ -z "$(ls -A)" ]; then pass "$what"
  else fail "$what" "status $status, $lines lines" "$err" "$out" "files: $(ls -A)"; fi
}
refused --via=ebpf
refused --via=
refused --query=sctp
refused --query=tcp,
refused --connections=ten
refused --connections=0
refused --connections=1000001
refused --connections=10,,20
refused --connections=99999999999999999999
refused --churn=0
refused --churn=nan
refused --rounds=0
refused --time=-1
refused --bogus
refused operand
refused --csv=
refused --csv=no/such/directory/file.csv
matches "  and it says which file" 'no/such/directory/file\.csv: No such file' "$err"
PROC_ROOT=/proc refused --rounds=1
TCPDIAG_FILE=/dev/null refused --rounds=1
echo precious >kept.csv
run "$duostat" bench --csv=kept.csv --json=no/such/file
check "a file that was there is as it was when another cannot be written" precious "$(cat kept.csv)"
rm -f kept.csv

if [ -w /dev/full ]; then
  run "$duostat" bench --rounds=1 --via=netlink --json=/dev/full
  check "a full disk is a failure" 1 "$status"
fi

# The host's own sockets, one backend: needs no namespace.
run "$duostat" bench --via=netlink --rounds=2 --query=all
check "the host's own sockets" 0 "$status"
matches "  by the one backend that was asked" '^ +model +[0-9.]+ \(of 2\)$' "$out"

if ! command -v python3 >/dev/null 2>&1; then
  skip "the rest" "python3 is not installed"
  done_testing
  exit
fi

# Finds the processes left in a network namespace; a word in the environment distinguishes this test's from others.
cat >"$work/left.py" <<'END'
import json, os, signal as signals, subprocess, sys, time

mark = ('BENCH_TEST=%d' % os.getpid()).encode()

def marked():
    found = {}
    for pid in filter(str.isdigit, os.listdir('/proc')):
        try:
            if mark in open('/proc/%s/environ' % pid, 'rb').read().split(b'\0'):
                found[pid] = os.readlink('/proc/%s/ns/net' % pid)
        except OSError:
            pass
    return found

def namespaces():
    found = set()
    for pid in filter(str.isdigit, os.listdir('/proc')):
        try:
            found.add(os.readlink('/proc/%s/ns/net' % pid))
        except OSError:
            pass
    return found

def default_signals():
    # A background process of a shell ignores SIGINT, and one of nohup ignores SIGHUP.
    for number in signals.SIGINT, signals.SIGTERM, signals.SIGHUP:
        signals.signal(number, signals.SIG_DFL)

def main():
    signal, words = int(sys.argv[1]), sys.argv[2:]
    environment = dict(os.environ, BENCH_TEST=str(os.getpid()), TMPDIR=os.getcwd())
    mine = os.readlink('/proc/self/ns/net')
    run = subprocess.Popen(words, env=environment, stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE, start_new_session=True,
                           preexec_fn=default_signals)
    seen, private, most = 0, set(), 0
    sent = False
    while run.poll() is None:
        now = marked()
        most = max(most, len(now))
        private |= {space for space in now.values() if space != mine}
        # More than the program and one measuring process: the holders of connections are there.
        if signal and not sent and private and len(now) >= 3:
            time.sleep(0.3)
            os.kill(run.pid, signal)
            sent = True
        time.sleep(0.01)
    out, err = run.communicate()
    # Only processes are waited for: the kernel frees the rest later.
    left = marked()
    kept = private & namespaces()
    print(json.dumps({'status': run.returncode, 'processes': len(left), 'private': len(private), 'kept': len(kept),
                      'files': sorted(os.listdir('.')), 'out': out.decode(), 'err': err.decode(), 'most': most}))

main()
END
field() { printf '%s' "$told" | python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"; }
left() { told=$(python3 "$work/left.py" "$@"); }

left 0 "$duostat" bench --connections=20 --rounds=1 --via=netlink
if [ "$(field status)" = 2 ]; then
  matches "no namespace: one clear line" 'network namespace' "$(field err)"
  check "  and no file" "[]" "$(field files)"
  skip "the generator" "no network namespace available"
  done_testing
  exit
fi

# The phases. Times are compared by their minimum, with room for noise; bytes and rows exactly.
run "$duostat" bench --floor --render --connections=400 --rounds=9 --time=4 --json=result.json --csv=result.csv
check "floor, phases and whole: measured" 0 "$status"
cat >"$work/phases.py" <<'END'
import json
result = json.load(open('result.json'))
size = result['bench'][0]
number = 0

def check(what, good, why=''):
    print(('yes ' if good else 'no ') + what + ('' if good else ': %s' % (why,)))

for backend in ('procfs', 'netlink'):
    of = {m['phase']: m for m in size['measurements'] if m['backend'] == backend}
    order = ['floor', 'parse', 'model', 'render']
    check('%s: every phase' % backend, list(of) == order, list(of))
    least = {p: min(s['cpu_ns'] for s in of[p]['samples']) for p in order}
    for low, high in zip(order, order[1:]):
        check('%s: %s costs no less than %s' % (backend, high, low), least[high] >= 0.75 * least[low], least)
    received = {p: of[p].get('received') for p in order}
    # ss also looks at the range of local ports.
    check('%s: every phase received the same bytes' % backend,
          None in received.values() or (received['floor'] == received['parse'] == received['model'] and
                                        0 <= received['render'] - received['model'] < 64), received)
    # 400 connections are 800 sockets and a listener.
    rows = {p: of[p]['sockets'] for p in order[1:]}
    check('%s: every phase saw every socket' % backend, set(rows.values()) == {801}, rows)
    calls = [of[p].get('system_calls') for p in order[:3]]
    check('%s: the same system calls' % backend, None in calls or max(calls) - min(calls) <= 12, calls)
    parts = [p['wall_ns'] for p in size['parts'] if p['backend'] == backend]
    whole = of['render']['wall_ns']['median']
    check('%s: the parts add up to the whole' % backend, abs(sum(parts) - whole) < 1e-6 * whole and len(parts) == 4,
          (parts, whole))
    check('%s: the first socket came within the whole' % backend,
          all(0 < s['first_ns'] <= s['wall_ns'] for s in of['model']['samples']))
    for m in of.values():
        if 'user_ns' in m:
            check('%s %s: user and system are the CPU time' % (backend, m['phase']),
                  abs(m['user_ns'] + m['system_ns'] - m['cpu_ns']['median']) < 1000, m)
check('the run is complete or says that it had no time',
      result['complete'] == (size['rounds_done'] == 9) and size['rounds_done'] > 0)
lines = open('result.csv', newline='').read().split('\r\n')
check('a line of CSV for every sample',
      len(lines) == 2 + sum(len(m['samples']) for m in size['measurements']), len(lines))
END
python3 "$work/phases.py" >"$work/verdicts" 2>&1 ||
  echo "no reading result.json: $(tail -n 1 "$work/verdicts")" >>"$work/verdicts"
while read -r verdict what; do
  if [ "$verdict" = yes ]; then pass "$what"; else fail "$what"; fi
done <"$work/verdicts"
rm -f result.json result.csv

# Whole programs, as far as they are installed; ours always are.
run "$duostat" bench --connections=30 --rounds=1 --via=netlink --query=tcp --time=2 --compare --json=result.json
cat >"$work/programs.py" <<'END'
import json
programs = {p['name']: p for p in json.load(open('result.json'))['programs']}
for name in 'duostat as ss', 'duostat as netstat':
    p = programs.get(name, {})
    good = 'duostat' in p.get('version', '') and p.get('lines', 0) >= 61 and len(p.get('samples', [])) == 1
    print(('yes ' if good else 'no ') + name + ' is timed, counted and named' + ('' if good else ': %s' % p))
for name, p in programs.items():
    good = not p['installed'] or 'skipped' in p or (p['lines'] >= 61 and len(p['samples']) == 1)
    print(('yes ' if good else 'no ') + name + ': not installed, a reason, or every socket' +
          ('' if good else ': %s' % p))
END
python3 "$work/programs.py" >"$work/verdicts" 2>&1 ||
  echo "no reading result.json: $(tail -n 1 "$work/verdicts")" >>"$work/verdicts"
while read -r verdict what; do
  if [ "$verdict" = yes ]; then pass "$what"; else fail "$what"; fi
done <"$work/verdicts"
rm -f result.json

# Nothing is left behind, however the run ends. The limit of descriptors is lowered to get at least two holders.
after() {
  check "$1: no process is left" 0 "$(field processes)"
  check "$1: it had a network namespace" 1 "$(field private)"
  check "$1: and the namespace is gone" 0 "$(field kept)"
}
ulimit -n 256 2>/dev/null
left 0 "$duostat" bench --connections=50,150,300 --rounds=2 --churn=500 --time=2 --json=made.json
check "at its end: status" 0 "$(field status)"
check "at its end: the file that was asked for and no other" "['made.json']" "$(field files)"
after "at its end"
matches "sizes, fit and churn are reported" '[0-9] [num]s a socket, relative error' "$(field out)"
matches "  with every stable socket" '^[0-9,]+ stable sockets, ' "$(field out)"
rm -f made.json

for signal in 2 15; do
  left $signal "$duostat" bench --connections=300 --rounds=10000 --time=60 --json=made.json --csv=made.csv
  check "after signal $signal: status" $((128 + signal)) "$(field status)"
  after "after signal $signal"
  matches "  and says what was measured so far" '^300 connections \(6[0-9]+ sockets\), [0-9]+ of 10000 rounds$' \
    "$(field out)"
  matches "  and that it was interrupted" 'was interrupted' "$(field out)"
  matches "  in JSON" '"interrupted":true,"complete":false' "$(cat made.json)"
  matches "  in CSV" '^interrupted,300,' "$(cat made.csv)"
  rm -f made.json made.csv
done

left 9 "$duostat" bench --connections=300 --rounds=10000 --time=60
check "killed: no process is left" 0 "$(field processes)"

# An ordinary user gets a user namespace around it, if permitted.
if [ "$(id -u)" = 0 ] && command -v runuser >/dev/null 2>&1; then
  cp "$duostat" "$work/duostat" && chmod 755 "$work" "$work/duostat"
  run runuser -u nobody -- "$work/duostat" bench --connections=20 --rounds=1 --via=netlink
  case $status in
    0) matches "an ordinary user" '^20 connections \(41 sockets\), 1 of 1 rounds$' "$out" ;;
    2) matches "an ordinary user, who may not" 'network namespace' "$err" ;;
    *) fail "an ordinary user" "status $status" "$err" ;;
  esac
else
  skip "an ordinary user" "not root, or no runuser"
fi

done_testing
