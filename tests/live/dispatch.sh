#!/bin/sh
# The name that the program is invoked by selects the front end.
#
# SPDX-License-Identifier: GPL-2.0-or-later
. "$top_srcdir/tests/tap.sh"

is_ss='^ss utility, iproute2-7\.1\.0 \(duostat [0-9.]+\)$'
is_netstat='^net-tools 2\.10 \(duostat [0-9.]+\)$'
is_itself='^duostat [0-9.]+$'

# as NAME: makes a link of that name in a directory of its own
as() { ln -sf "$duostat" "$work/$1"; }

for name in ss ss-duostat ss.orig ss_7 duo-ss my.ss.7 netstat netstat.old netstat-2.10 duo-netstat; do
  as "$name"
  run "$work/$name" -V
  case $name in *netstat*) wanted=$is_netstat ;; *) wanted=$is_ss ;; esac
  matches "called by path as $name" "$wanted" "$out"
  check "  and says so with success" 0 "$status"
done

for name in ssh ss3 sss netstatx mynetstat my-ssh duostat duostat-7; do
  as "$name"
  run "$work/$name" -V
  matches "called $name it is neither" "$is_itself" "$out"
done

for word in ss netstat; do
  run "$duostat" $word -V
  case $word in ss) wanted=$is_ss ;; *) wanted=$is_netstat ;; esac
  matches "the word $word after duostat" "$wanted" "$out"
done

# exec -a is not in every sh; python3 can set argv[0] to anything.
if command -v python3 >/dev/null 2>&1; then
  called() { run python3 -c 'import os, sys; os.execv(sys.argv[1], sys.argv[2:])' "$duostat" "$@"; }
  called -ss -V
  matches "a login shell's dash" "$is_ss" "$out"
  called -netstat -V
  matches "the same for netstat" "$is_netstat" "$out"
  called /usr/local/sbin/ss -V
  matches "a path in argv[0] that is not where the program is" "$is_ss" "$out"
  called ./dir.with.dots/netstat -V
  matches "a relative path with dots" "$is_netstat" "$out"
  called /opt/ss/duostat -V
  matches "a directory called ss says nothing" "$is_itself" "$out"
  exactly() { run python3 -c 'import ctypes, os, sys
words = [os.fsencode(word) for word in sys.argv[2:]]
ctypes.CDLL(None).execv(os.fsencode(sys.argv[1]), (ctypes.c_char_p * (len(words) + 1))(*words))' "$duostat" "$@"; }
  exactly "" version
  matches "an empty argv[0]" "$is_itself" "$out"
  exactly
  if [ "$status" -le 128 ]; then pass "no argv at all is no crash"; else fail "no argv at all is no crash" \
    "status $status"; fi
  called /path/to/ss --bogus
  matches "messages begin with the name as called" '^/path/to/ss: unrecognized option' "$err"
  called ss --bogus
  matches "  and without a path with the plain name" "^ss: unrecognized option '--bogus'" "$err"
else
  skip "argv[0] with a dash, a path, empty, missing" "python3 is not installed"
fi

run "$duostat"
check "without a word: status 2" 2 "$status"
matches "  and the usage" '^Usage: duostat' "$out"
run "$duostat" bogus
check "an unknown word: status 2" 2 "$status"
matches "  naming the word" '"bogus"' "$err"
run "$duostat" help
check "help succeeds" 0 "$status"

for word in $("$duostat" help | sed -n '/^Commands:/,/^$/s/^  \([a-z0-9]*\) .*/\1/p'); do
  case $word in help | version) continue ;; esac
  run "$duostat" "$word" --help
  by_itself=$out
  run "$duostat" help "$word"
  check "help $word is what $word --help prints" "0 $by_itself" "$status $out"
done
run "$duostat" help bnech
check "help with an unknown command: status 2" 2 "$status"
matches "  with the one that was meant" 'help: "bnech" is not a command; did you mean bench' "$err"
run "$duostat" help bench me
check "help with two words: status 2" 2 "$status"
matches "  naming the second" 'unexpected argument "me"' "$err"
run "$duostat" --from
check "--from without a file: status 2" 2 "$status"
matches "  says what is missing" "option '--from' requires an argument" "$err"
run "$duostat" --from=/nonexistent
check "--from without a command: status 2" 2 "$status"
matches "  says what is missing" 'from: the command is missing, as in: duostat --from=FILE ss' "$err"

done_testing
