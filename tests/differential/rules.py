# Everything in which the two outputs may differ, by name. A rule rewrites one side or both; what differs after the
# rules that apply is a failure. Three kinds:
#   mask     the value changes from one moment to the next
#   version  the installed ss is older than the one that is followed (not used if DUOSTAT_REFERENCE_SS says which to
# use)
#   quirk    a deliberate deviation; doc/quirks.md has an entry of this name
#
# SPDX-License-Identifier: GPL-2.0-or-later
import re
from dataclasses import dataclass, replace
from typing import Callable

import zoo

REFERENCE, OURS = "reference", "ours"


@dataclass(frozen=True)
class Rule:
    name: str
    kind: str
    tool: str
    about: str
    applies: Callable        # (case, programs) -> bool
    rewrite: Callable        # (case, side, Ran) -> Ran
    layout: bool = False     # changes lengths, so that column widths are not comparable afterwards


def on_out(function, sides=(REFERENCE, OURS)):
    """A rewrite of standard output alone."""
    return lambda case, side, ran: replace(ran, out=function(ran.out)) if side in sides else ran


def on_err(function, sides=(REFERENCE, OURS)):
    return lambda case, side, ran: replace(ran, err=function(ran.err)) if side in sides else ran


def substitution(pattern, replacement, flags=0):
    compiled = re.compile(pattern, flags)
    return lambda text: compiled.sub(replacement, text)


def always(case, programs):
    return True


def older_than(*version):
    return lambda case, programs: programs.ss_version < version


def shows_info(case):
    return case.has("oebmipTZz") or "--tipcinfo" in case.args


def drop_lines(pattern):
    compiled = re.compile(pattern)
    return lambda text: b"".join(line for line in text.splitlines(True) if not compiled.search(line))


def drop_rows(pattern):
    """The line and the indented lines that belong to it."""
    return lambda text: re.sub(rb"^(" + pattern + rb").*\n(\t.*\n)*", b"", text, flags=re.M)


# ---- quirks ----

def controls_as_dots(name):
    text = re.sub(rb"\xc2[\x80-\x9f]|[\x01-\x1f\x7f]", b".", name)
    return text


def escape_known(names):
    hostile = [n for n in names if controls_as_dots(n) != n]
    def rewrite(text):
        for name in hostile:
            text = text.replace(name, controls_as_dots(name))
        return text
    return rewrite


UNIX_NAMES = [n.replace(b"\0", b"@") for n in zoo.ABSTRACT_NAMES + zoo.PATH_NAMES]
ARGV_NAMES = [n.encode() for n in zoo.ARGV_NAMES]


MISLEADING = re.compile("[\u202a-\u202e\u2066-\u2069\u2028\u2029]")


def as_on_a_terminal(text):
    """Bytes that are not UTF-8, and characters that turn or end a line, as question marks."""
    decoded = MISLEADING.sub("?", text.decode(errors="surrogateescape"))
    return re.sub("[\udc80-\udcff]", "?", decoded).encode()


def names_foreign_host(case):
    """Whether a filter has a host that is neither inet nor any, which the kernel refuses."""
    return any(word.startswith(("link:", "netlink:", "vsock:", "unix:")) for part in case.args for word in part.split())


def only_of_text(case, side, ran):
    """Without the rows of inet tables that have no file under /proc."""
    if side != OURS:
        return ran
    if case.has("MSd") and not re.search(rb"(?m)^Netid ", ran.out) and not case.has("tuw"):
        return replace(ran, out=b"".join(line for line in ran.out.splitlines(True) if line.startswith(b"State ")))
    return on_out(drop_rows(rb"(mptcp|sctp|dccp) "))(case, side, ran)


def sorted_possibilities(text):
    """Without those that an original without libbpf lacks."""
    def ordered(names):
        return b" ".join(sorted(name for name in names.group().split() if not name.startswith(b"'--bpf-map")))
    return re.sub(rb"(?<=possibilities:).*", ordered, text)


def whole_name(text):
    """The reference's cut name made whole, at the expense of the blanks that follow. None are left at the end of a
    line, because the longest name decides how many."""
    def grow(match):
        blanks = match.group(2)[len(b")se (x"):] or match.group(2)[:1]
        return b'("clo)se (x",' + match.group(1) + blanks
    text = re.sub(rb'\("clo",(pid=\d+,(?:tid=\d+,)?fd=\d+\)+)( *)', grow, text)
    return re.sub(rb'(?m)(\("clo\)se \(x",pid=.*?) +$', rb"\1", text)


def usage_cut(case, side, ran):
    """Keeps what comes before the usage text and our suggestion, and the exit status."""
    if not re.search(rb"(?mi)^usage:", ran.out + ran.err):
        return ran
    if ran.status == 0:
        return replace(ran, out=b"", err=b"")
    lines = ran.err.splitlines(True)
    return replace(ran, out=b"", err=b"".join(lines[:next((i for i, l in enumerate(lines)
                                                           if re.match(rb"usage:|did you mean ", l, re.I)),
                                                           len(lines))]))


def only_first(line):
    """The line once, where it was first."""
    def rewrite(text):
        head, found, rest = text.partition(line)
        return head + found + rest.replace(line, b"")
    return rewrite


def untold_by_netlink(text):
    text = drop_lines(rb"^unix .* CONNECTING ")(text)
    text = re.sub(rb"(?m)(^        inet6 .*\n)+", lambda lines: b"".join(sorted(lines.group().splitlines(True))), text)
    text = substitution(rb"(?m)^(unix  )(-|\d+) *", rb"\1- ")(text)
    text = substitution(rb"(?m)^(\S+/\d+ +\S+ +[!A-Za-z]+ +-?\d+ +)(?:\d+|-)( +\d+ \S+)$", rb"\1-\2")(text)
    return substitution(rb"(?m)^(\S+ +)(?:\d+|-) +((?:\d+\.|ff)\S*)$", rb"\1- \2")(text)


# ---- versions ----

def process_header(case, side, ran):
    """Before 7.0 the last column was always there, and padded."""
    lines = ran.out.splitlines()
    if side == REFERENCE and not case.has("p"):
        header = re.compile(rb"^(.*Peer Address:Port) *Process *$")
        lines = [header.sub(rb"\1", line) for line in lines]
    if case.columns and max(map(len, lines)) >= min(case.columns, 80):  # no room to pad the column before it, either
        lines = [re.sub(rb"^(Netid .*|State .*)Peer Address:Port *Process *$", rb"\1Peer Address:Port Process", line)
                 for line in lines]
    return replace(ran, out=b"".join(line.rstrip(b" ") + b"\n" for line in lines))


def escaped_process_names(text):
    def escape(match):
        return b'("' + re.sub(rb"[\x80-\xff]", b"?", re.sub(rb"[\x01-\x1f\x7f]", b".", match.group(1))) + b'",pid='
    return re.sub(rb'\("([^"]*?(?:quo"te)?)",pid=', escape, text, flags=re.S)


def lists_tcp_by_netlink(case, programs):
    return programs.ss_version < (6, 8) and case.via != "procfs" and not case.environment


def only_tcp(case):
    """Whether the Netid column is hidden because TCP is all there is."""
    words = " ".join(case.args)
    return not re.search(r"(^| )(-\w*[uwx0]|-A (udp|raw|unix|u_|packet|p_|netlink|all|inet)|-f (unix|link|netlink))",
                         words) and \
        bool(re.search(r"(^| )(-\w*t|--tcp|-A tcp|--query=tcp)", words))


def asks_for_syn_recv(case):
    words = " ".join(case.args)
    return case.has("a") or "--all" in words or bool(
        re.search(r"state (syn-re?c?v|connected|synchronized|all|bucket)", words))


MPTCP_COUNTERS = rb" (local_addr_\w+|csum_enabled|retransmits|bytes_\w+|subflows_total|endp_laminar_max|last_\w+):\d+"


def newer_info(case, side, ran):
    if side != OURS:
        return ran
    return replace(ran, out=substitution(rb" (rcv_wnd|rehash|subflows_total):\d+| usec_ts\b", b"")(ran.out))


def squeeze(text):
    """Column widths left out: runs of blanks as one, none at the ends of lines."""
    return b"".join(re.sub(rb" +", b" ", line).rstrip(b" ") + b"\n" for line in text.splitlines())


RULES = [
    # The order is that of application: what names rows first, what blurs the layout last.
    Rule("control-characters", "quirk", "ss", "control bytes in names of UNIX sockets and control groups print as dots",
         always, on_out(escape_known(UNIX_NAMES + zoo.GROUP_NAMES), (REFERENCE,))),
    Rule("control-characters", "quirk", "netstat", "control bytes in UNIX and program names print as dots", always,
         on_out(escape_known(UNIX_NAMES + ARGV_NAMES), (REFERENCE,))),
    Rule("control-characters", "quirk", "ss", "so do those in the words of a message",
         lambda c, p: any(re.search("[\x00-\x1f\x7f]", word) for word in c.args),
         on_err(substitution(rb"[\x00-\x09\x0b-\x1f\x7f]", b"."), (REFERENCE,))),
    Rule("whole-process-name", "quirk", "ss", "a process name is shown up to its last parenthesis",
         lambda c, p: c.has("p"), on_out(whole_name)),
    Rule("cgroup-mount-once", "quirk", "ss", "a missing cgroup2 mount is reported once, not for every row", always,
         on_err(only_first(b"Failed to find cgroup2 mount\n"), (REFERENCE,))),
    Rule("cgroup-mount-once", "quirk", "ss", "so is a control group that is gone, to who may not ask by its ID", always,
         on_err(only_first(b"Failed to open cgroup2 by ID\n"), (REFERENCE,))),
    Rule("malformed-row", "quirk", "ss",
         "a line of /proc that is no row is left out and counted, not shown as a row of zeros",
         lambda c, p: c.via == "procfs" or c.environment or c.fallback,
         lambda case, side, ran: on_out(drop_lines(rb"^(u_dgr +)?(LISTEN +)?(0 +0 +)?\* 0 +\* 0 *$"))(case, side, ran)
         if side == REFERENCE else on_err(drop_lines(rb"malformed rows? left out$"))(case, side, ran), layout=True),
    Rule("backend-says-what-it-lacks", "quirk", "ss", "a backend that was asked for by name says what it cannot list",
         lambda c, p: c.via, on_err(drop_lines(rb"sockets in procfs: (Operation n|N)ot supported$"), (OURS,))),
    Rule("backend-says-what-it-lacks", "quirk", "netstat", "a kernel without raw_diag has no raw sockets in netlink",
         lambda c, p: c.via == "netlink",
         lambda case, side, ran: on_err(drop_lines(rb"^netstat: netlink: sock_diag dump (?:end )?raw: "))(
             case, side, on_out(drop_lines(rb"^raw"))(case, side, ran))),
    Rule("masquerade-conntrack", "quirk", "netstat", "the connection tracker's file may not be read by everybody",
         lambda c, p: any(re.match(r"-\w*M|--masq", word) for word in c.args),
         on_err(drop_lines(rb"^/proc/net/nf_conntrack: Permission denied$"), (OURS,))),
    Rule("netlink-references", "quirk", "netstat", "netlink tells neither references nor what waits to be accepted",
         lambda c, p: c.via == "netlink",
         lambda case, side, ran: on_err(drop_lines(rb"^warning, got bogus unix line"), (REFERENCE,))(
             case, side, on_out(untold_by_netlink)(case, side, ran))),
    Rule("foreign-host-filter", "quirk", "ss",
         "where the kernel refuses a filter, tables without a file are listed all the same",
         lambda c, p: names_foreign_host(c) and not c.via and "PROC_ROOT" not in dict(c.environment), only_of_text,
         layout=True),
    Rule("incomplete-told", "quirk", "ss", "a table without a file that the kernel refuses to list is reported", always,
         on_err(drop_lines(rb"^ss: (sctp|dccp|mptcp): incomplete, 0 rows shown$"), (OURS,))),
    Rule("sctp-association-state", "quirk", "ss", "an association's state beyond the original's table", always,
         on_out(substitution(rb"`- (\(null\)|UNKNOWN) *", b"`- UNKNOWN ")), layout=True),
    Rule("possibilities-order", "quirk", "ss", "the long options that `--=` may mean, in the order of the table",
         lambda c, p: any(word.startswith("--=") for word in c.args), on_err(sorted_possibilities)),
    Rule("terminal-text", "quirk", "*",
         "on a terminal, characters that turn a text and bytes that are not UTF-8 are question marks",
         lambda c, p: c.columns, on_out(as_on_a_terminal, (REFERENCE,))),
    Rule("usage-text", "quirk", "*", "usage texts are our own words", lambda c, p: c.usage, usage_cut),
    Rule("version-text", "quirk", "ss", "-V tells that it is duostat", lambda c, p: c.has("Vv")
         or "--version" in c.args,
         on_out(substitution(rb"iproute2-\S+( \(duostat .*\))?", b"iproute2-VERSION"))),
    Rule("version-text", "quirk", "netstat", "-V tells that it is duostat", lambda c, p: c.has("V")
         or any(w.startswith("--vers") for w in c.args),
         on_out(lambda text: re.sub(rb" \(duostat .*\)", b"", text.splitlines(True)[0] if text else b""))),
    Rule("tcpip-works", "quirk", "netstat", "--tcpip selects IPv4, as -A tcpip does", lambda c, p: "--tcpip" in c.args,
         lambda case, side, ran: on_err(drop_lines(rb"Internal Error `longopts"))(case, side, on_out(
             drop_lines(rb"^tcp6 "))(case, side, ran)) if side == REFERENCE else ran),

    Rule("process-name-escaping-7.0", "version", "ss", "before 7.0 process names were printed raw", older_than(7, 0),
         on_out(escaped_process_names, (REFERENCE,))),
    Rule("process-column-7.0", "version", "ss", "before 7.0 the Process column was always there and padded",
         older_than(7, 0), process_header),
    Rule("process-column-7.0", "version", "ss", "and so the text behind the peer's address stood further away",
         lambda c, p: older_than(7, 0)(c, p) and not c.has("p") and "--cgroup" in c.args,
         on_out(substitution(rb" +(?=cgroup:)", b" "))),
    Rule("bound-inactive-6.8", "version", "ss", "before 6.8 bound, unused TCP sockets were not listed",
         lambda c, p: lists_tcp_by_netlink(c, p) and only_tcp(c), on_out(drop_rows(rb"UNCONN "), (OURS,)), layout=True),
    Rule("bound-inactive-6.8", "version", "ss", "the same, where other tables are listed too",
         lists_tcp_by_netlink, on_out(drop_rows(rb"tcp +UNCONN "), (OURS,)), layout=True),
    Rule("bound-inactive-6.8", "version", "ss", "nor, of DCCP, PARTOPEN, which has the same number",
         lists_tcp_by_netlink, on_out(drop_rows(rb"(dccp +)?UNDEF "), (OURS,)), layout=True),
    Rule("syn-recv-6.8", "version", "ss",
         "since 6.8 the default mask asks the kernel for SYN-RECV under its other number",
         lambda c, p: lists_tcp_by_netlink(c, p) and not asks_for_syn_recv(c),
         on_out(drop_rows(rb"(tcp +)?SYN-RECV "), (OURS,)), layout=True),
    Rule("timer-suffix-6.11", "version", "ss", "before 6.11 a timer's fraction of a second ended in ms",
         older_than(6, 11), on_out(substitution(rb"(timer:\(\w+,(?:\d+min)?\d+\.\d{3})ms,", rb"\1sec,"), (REFERENCE,))),
    Rule("delack-timer-7.1", "version", "ss", "before 7.1 the delayed ACK timer was called unknown",
         older_than(7, 1), on_out(substitution(rb"timer:\(delack,", b"timer:(unknown,"), (OURS,))),
    Rule("info-items-6.8", "version", "ss", "later items of -i", older_than(6, 8), newer_info, layout=True),
    Rule("cgroup-errors-7.0", "version", "ss", "before 7.0 a control group that is not there was reported",
         older_than(7, 0),
         on_err(drop_lines(rb"^Failed to open cgroup2 by ID$"))),
    Rule("netlink-errors-7.0", "version", "ss", "before 7.0 an unknown protocol was reported", older_than(7, 0),
         on_err(drop_lines(rb"^RTNETLINK answers: "), (REFERENCE,))),
    Rule("process-column-6.7", "version", "ss", "before 6.7 netlink details were shown without -p",
         lambda c, p: older_than(6, 7)(c, p) and not c.has("p"),
         on_out(substitution(rb" sk=\S+ cb=\S+ groups=0x\w+|(?<=[^\n])\t skmem:\(\S+", b""), (REFERENCE,)),
         layout=True),
    Rule("threads-6.7", "version", "ss", "-T alone showed the processes",
         lambda c, p: older_than(6, 7)(c, p) and c.has("T") and not c.has("p"),
         on_out(substitution(rb' users:\(\(".*fd=\d+\)\)', b""), (REFERENCE,)), layout=True),
    Rule("process-column-6.7", "version", "ss", "and so were TIPC's",
         lambda c, p: older_than(6, 7)(c, p) and not c.has("p") and "--tipc" in c.args,
         on_out(substitution(rb" (uid:\d+ )?ino:\d+ sk:\w+", b""), (REFERENCE,)), layout=True),
    Rule("mptcp-info-6.5", "version", "ss", "later counters of MPTCP, and decimal sequence numbers", older_than(6, 14),
         on_out(substitution(rb" (write_seq|snd_una|rcv_nxt|seq|sfseq|ssnoff|maplen):\w+|" + MPTCP_COUNTERS
                             + rb"(?=.* token:|$)", b"")), layout=True),

    Rule("own-netlink-socket", "mask", "ss", "the socket that ss asks with lists itself",
         lambda c, p: not c.frozen, on_out(drop_lines(rb"tcpdiag:(ss/)?\d+ |(^| )4:[1-9]\d* |rtnl:ss/\d+ ")),
         layout=True),
    Rule("sockets-used", "mask", "ss", "sockets of the program that ran before, on their way out",
         lambda c, p: c.has("s") and "PROC_ROOT" not in dict(c.environment),
         on_out(substitution(rb"^Total: \d+", b"Total:", re.M))),
    Rule("timer", "mask", "ss", "time left and retransmissions", lambda c, p: c.has("oeb") and not c.frozen,
         on_out(substitution(rb"timer:\(\w+,[^,()]*,\d+\)", b"timer:()")), layout=True),
    Rule("moments", "mask", "ss", "milliseconds since", lambda c, p: c.has("i"),
         on_out(substitution(rb" (lastsnd|lastrcv|lastack|busy|rwnd_limited|sndbuf_limited|"
                              rb"last_data_sent|last_data_recv|"
                             rb"last_ack_recv):[\w.()%]+", b"")), layout=True),
    Rule("timer", "mask", "netstat", "time left and retransmissions",
         lambda c, p: not c.frozen and (c.has("o") or any(word.startswith("--ti") for word in c.args)),
         on_out(substitution(rb"(on|keepalive|timewait|probe|on1|on2|unkn-\d+) \(\d+\.\d\d/\d+/\d+\)", rb"timer"))),
    Rule("layout", "mask", "ss", "column widths, once something of another length was rewritten", always,
         on_out(squeeze)),
]


def named(kind):
    return list({(r.name, r.tool): (r.name, r.tool, r.about) for r in reversed(RULES) if r.kind == kind}.values())


def rewritten(case, programs, sides):
    """Applies the rules that apply. `sides` is {REFERENCE: [Ran...], OURS: [Ran...]}. Yields after each stage
    (names used so far, sides), from the strictest comparison to the most lenient."""
    used, blurred = [], False
    yield tuple(used), sides
    chosen = [r for r in RULES if r.tool in ("*", case.tool) and r.applies(case, programs)]
    for rule in chosen:
        if rule.name == "layout":
            blurs = blurred or (programs.ss_version < (7, 0) and (case.columns or shows_info(case)))
            if not blurs:
                continue
        after = {side: [rule.rewrite(case, side, ran) for ran in runs] for side, runs in sides.items()}
        if after == sides:
            continue
        sides, blurred = after, blurred or rule.layout
        used.append(rule.name)
        yield tuple(used), sides
