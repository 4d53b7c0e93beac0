# explain_strace.py DUOSTAT: runs commands under strace in a network namespace with a few sockets, and compares what
# they send and open with the plan of "duostat explain --json", byte for byte: every request in the plan was sent, in
# that order, and no other. The same holds for files of /proc, ioctls and mounts.
#
# SPDX-License-Identifier: GPL-2.0-or-later
import json
import os
import re
import socket
import subprocess
import sys
import tempfile

DUOSTAT = sys.argv[1]

COMMANDS = '''
ss
ss -tan
ss -tuln
ss -tlnp
ss -tnpT
ss -tmei
ss -a -A all
ss -xan
ss -xane
ss -0an
ss -f netlink -a
ss -dan
ss -San
ss -Man
ss -wan
ss -uan
ss --tipc -a
ss --vsock -a
ss --xdp -a
ss -4tan
ss -6tan
ss -s
ss -tan sport = :22
ss -tan dst 127.0.0.1 and not sport = :1
ss -t dport = :ssh
ss -t dev lo
ss -tan state listening
ss -tn --via=netlink
ss -tn --via=procfs
ss -uan --via=procfs
ss -xan --via=procfs
ss -Man --via=procfs
ss -tanO --tos --cgroup
ss -B
ss -Kt dport = :1
ss -tan --json
ss -tan --columns=local,peer,process
ss -xan --columns=local,refcount
netstat
netstat -tuln
netstat -tulnp
netstat -tano
netstat -an
netstat -xan
netstat -xanp
netstat -wan
netstat -Un
netstat -Sn
netstat -rn
netstat -rn -6
netstat -rn --via=netlink
netstat -rn --via=netlink -6
netstat -i
netstat -ie
netstat -i --via=netlink
netstat -gn
netstat -gn --via=netlink
netstat -s
netstat -tn --via=netlink
netstat -tn --via=procfs
'''.split('\n')[1:-1]

# Read by the C library, the loader or this program for its own purposes, whatever the command.
OF_THE_LIBRARY = re.compile(r'/proc/(self|\d+)/|/proc/sys/(vm|kernel)/|/proc/(cpuinfo|meminfo|stat)$')
OF_PROCESSES = re.compile(r'/proc/(\d+|self)(/|$)|/proc/?$')


def environment():
    kept = {k: v for k, v in os.environ.items() if not k.startswith('PROC_')
            and k not in ('DUOSTAT_VIA', 'TCPDIAG_FILE')}
    return dict(kept, ASAN_OPTIONS='detect_leaks=0')  # which also works by tracing


def plan_of(words):
    run = subprocess.run([DUOSTAT, 'explain', '--json'] + words, capture_output=True, text=True, env=environment())
    if run.returncode != 0 or run.stderr:
        raise ValueError('explain: status %d: %s' % (run.returncode, run.stderr))
    return json.loads(run.stdout)['explain'][0]


def seen_by_strace(words):
    """Requests (hexadecimal, in order), paths opened, ioctls, and whether the kernel refused a request."""
    with tempfile.NamedTemporaryFile() as log:
        subprocess.run(['strace', '-f', '-qq', '-yy', '-s', '65535', '-e',
                        'trace=sendto,sendmsg,recvmsg,openat,open,ioctl', '-e', 'write=all',
                        '-o', log.name, DUOSTAT] + words,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment(), timeout=120)
        lines = open(log.name, errors='replace').read().split('\n')
    sent, paths, ioctls, dump = [], [], [], None
    for line in lines:
        bytes_of = re.match(r' \| [0-9a-f]{5,}  (.{48,50})', line)
        if bytes_of and dump is not None:
            dump.append(bytes_of.group(1).replace(' ', ''))
            continue
        call = re.match(r'\d+ +(\w+)\((.*)', line)
        if not call:
            continue
        name, rest = call.groups()
        if name in ('sendto', 'sendmsg'):
            # -yy: 3<NETLINK:[SOCK_DIAG:1234]>
            dump = [] if re.match(r'\d+<NETLINK:\[(SOCK_DIAG|ROUTE):', rest) else None
            if dump is not None:
                sent.append(dump)
        elif name in ('openat', 'open'):
            path = re.search(r'"([^"]*)"', rest)
            directory = re.match(r'\d+<([^>]*)>', rest)
            if path:
                full = path.group(1)
                if not full.startswith('/') and directory:
                    full = directory.group(1) + '/' + full
                paths.append(full)
        elif name == 'ioctl':
            what = re.search(r', (SIOC\w+)', rest)
            if what:
                ioctls.append(what.group(1))
    # A single request that finds nothing (-K) is also answered with an error, and so is an acknowledgement.
    refused = any(re.search(r'NLMSG_ERROR.*error=-|NLMSG_DONE.*}, -\d+]', line) for line in lines)
    return [''.join(d) for d in sent], paths, ioctls, refused


def problems_of(words):
    plan = plan_of(words)
    sent, paths, ioctls, refused = seen_by_strace(words)
    problems = []
    hexes = lambda requests: [r['bytes_hex'] for r in requests]
    # In order: the requests of a table, if netlink is asked first.
    certain, possible = [], hexes(plan['netlink_requests_per_row'])
    for table in plan['tables']:
        first = hexes(table['netlink_requests'])
        if refused and table['via'] == 'netlink':  # the remaining requests of a table are then not sent
            certain.append(first[0])
            possible += first[1:]
        else:
            (certain if table['via'] == 'netlink' else possible).extend(first)
        possible += hexes(table['netlink_requests_at_a_row']) + hexes(table['netlink_requests_otherwise'])
    certain += hexes(plan['netlink_requests'])
    rest = list(sent)
    for request in certain:
        if request in rest:
            rest.remove(request)
        else:
            problems.append('said and not sent: ' + request)
    unnumbered = lambda request: request[:16] + request[24:]
    told = {unnumbered(request) for request in possible + certain}
    problems += ['sent and not said: ' + request for request in rest if unnumbered(request) not in told]
    in_order = [request for request in sent if request in certain]
    if in_order != certain:
        problems.append('sent in another order')

    said = {f['path'] for f in plan['files'] + plan['configuration_files'] + plan['other_files']}
    opened = [path for path in paths if path.startswith('/proc') and not OF_THE_LIBRARY.match(path)
              and not OF_PROCESSES.match(path)]
    mounts = [f['path'] for f in plan['other_files'] if 'control groups' in f['for']]
    for table in plan['tables']:
        said |= {f['path'] for f in table['procfs_files']}
    problems += ['opened and not said: ' + path for path in opened if path not in said]
    certain_files = {f['path'] for f in plan['files'] + plan['configuration_files']}
    for table in plan['tables']:
        if table['via'] == 'procfs':
            certain_files |= {f['path'] for f in table['procfs_files']}
    problems += ['said and not opened: ' + path for path in sorted(certain_files) if path.startswith('/proc')
                 and path not in paths]
    problems += ['opened and not said: ' + path for path in paths if path.startswith('/sys') and path not in mounts]
    looked = any(re.match(r'/proc/\d+/(fd|task)', path) for path in paths)
    if looked != plan['processes_scanned']:
        problems.append('processes: said %s, seen %s' % (plan['processes_scanned'], looked))
    names = ' '.join(name['by'] for name in plan['names'])
    problems += ['ioctl and not said: ' + what for what in sorted(set(ioctls)) if what not in plan['ioctls']
                 and what not in names]
    problems += ['ioctl said and not made: ' + what for what in plan['ioctls'] if what not in ioctls]
    return problems


def sockets():
    """One socket of most kinds, so that there are rows."""
    os.system('ip link set lo up 2>/dev/null')
    held = []
    for family, address in (socket.AF_INET, '127.0.0.1'), (socket.AF_INET6, '::1'):
        try:
            listener = socket.socket(family)
            listener.bind((address, 0))
            listener.listen()
            client = socket.create_connection(listener.getsockname()[:2])
            udp = socket.socket(family, socket.SOCK_DGRAM)
            udp.bind((address, 0))
            held += [listener, client, udp, listener.accept()[0]]
        except OSError:
            pass
    held += socket.socketpair()
    for arguments in (socket.AF_INET, socket.SOCK_STREAM, 262), (socket.AF_INET, socket.SOCK_RAW,
                                                                 1), (socket.AF_PACKET, socket.SOCK_RAW, 0):
        try:
            one = socket.socket(*arguments)
            if arguments[2] == 262:
                one.bind(('127.0.0.1', 0))
                one.listen()
            held.append(one)
        except OSError:
            pass
    return held


def main():
    held = sockets()
    effort = os.environ.get('DUOSTAT_TEST_EFFORT', '')
    commands = COMMANDS if effort == 'full' else COMMANDS[::4]
    chosen = os.environ.get('DUOSTAT_TEST_COMMAND')
    if chosen:
        commands = [c for c in COMMANDS if chosen in c]
    print('1..%d' % len(commands))
    for number, command in enumerate(commands, 1):
        try:
            problems = problems_of(command.split())
        except (ValueError, KeyError, subprocess.TimeoutExpired) as problem:
            problems = [repr(problem)]
        print('%s %d - %s' % ('not ok' if problems else 'ok', number, command))
        for problem in problems:
            print('#   ' + problem)
        sys.stdout.flush()
    del held


main()
