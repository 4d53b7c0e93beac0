#!/bin/sh
# Messages of ss that no other test triggers, with their exit status. Words and numbers are those of 7.1.0.
#
# SPDX-License-Identifier: GPL-2.0-or-later
. "$top_srcdir/tests/tap.sh"

ss=${DUOSTAT_MESSAGES_OF:-$work/ss}
ln -s "$duostat" "$work/ss"
cd "$work" || exit 99

# says STATUS LINE WORDS...: checks the first line that ss prints, and its exit status.
says() {
  wanted="$1: $2"
  shift 2
  run "$ss" "$@"
  check "ss $*" "$wanted" "$status: $(echo "$err" | head -n 1)"
}

printf 'sport = 22\n' >filter
{ head -c 1100 /dev/zero | tr '\0' x; echo; } >long
says 255 "More than one filter file" -F filter -F filter
says 255 "fopen filter file: No such file or directory" -F nosuch
says 255 "Too long line in filter" -t -F long
says 0 "ss: tcpdiag dump requested and no tcp in filter." -u -D dump
says 255 "fopen dump file: No such file or directory" -t -D nosuch/dump
says 255 "" -E -x
PROC_ROOT=$work says 1 "ss: SELinux is not enabled." -Z
PROC_ROOT=$work says 1 "ss: SELinux is not enabled." -z --nonsense
PROC_ROOT=$work says 255 "$ss: unrecognized option '--nonsense'" --nonsense -Z

# A recorded answer: a refusal, or an incomplete message.
if little_endian; then
  { printf '\044\000\000\000\002\000\000\000\100\342\001\000\000\000\000\000\377\377\377\377'; head -c 16 /dev/zero; } \
    >error.dump
  printf '\024\000\000\000\003\000' >short.dump
  export TCPDIAG_FILE=
  TCPDIAG_FILE=nosuch.dump says 0 'fopen($TCPDIAG_FILE): No such file or directory' -t
  TCPDIAG_FILE=error.dump says 0 "TCPDIAG answered: Operation not permitted" -t
  TCPDIAG_FILE=short.dump says 0 'Unexpected EOF reading $TCPDIAG_FILE' -t
  unset TCPDIAG_FILE
else
  skip "recorded answers" "they are for little-endian machines"
fi
done_testing
