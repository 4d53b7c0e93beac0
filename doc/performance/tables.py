#!/usr/bin/env python3
# Writes the tables of doc/performance.md from the JSON beside this file, so that no figure there was typed.
#
# usage: doc/performance/tables.py            rewrites the tables
#        doc/performance/tables.py --check    says whether they are as the JSON has them
#
# SPDX-License-Identifier: GPL-2.0-or-later
import json
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
PAGE = os.path.join(HERE, '..', 'performance.md')
BACKENDS = ('procfs', 'netlink')

# What a course text gives for `netstat` and `ss`, in seconds, by connections; between the two sizes it gives no others.
CLAIMED = {100: (0.05, 0.01), 10000: (3.20, 0.15)}


def time(ns):
    for size, unit in ((1e9, 's'), (1e6, 'ms'), (1e3, 'µs')):
        if ns >= size:
            value = ns / size
            return '%.*f %s' % (2 if value < 9.995 else 1 if value < 99.95 else 0, value, unit)
    return '%.0f ns' % ns


def mib(count):
    return '%.1f MiB' % (count / 2**20)


def interval(summary, form):
    text = form(summary['median'])
    if 'low' in summary:
        text += ' (%s to %s)' % (form(summary['low']), form(summary['high']))
    return text


def plain(value):
    return '%.2f' % value


def table(heading, rows):
    lines = ['| ' + ' | '.join(heading) + ' |', '|' + '---|' * len(heading)]
    return lines + ['| ' + ' | '.join(str(cell) for cell in row) + ' |' for row in rows]


def find(size, backend, phase):
    return next((m for m in size['measurements'] if m['backend'] == backend and m['phase'] == phase), None)


def whole(size):
    return size['measurements'][-1]['phase']


def ratio(size, phase, key='procfs_by_netlink'):
    return next((r for r in size['ratios'] if r['phase'] == phase), {}).get(key)


def command(result):
    return '    duostat ' + ' '.join(word for word in result['command'][1:] if not word.startswith('--json'))


def machine(result):
    host = result['host']
    words = ['Linux %s %s' % (host['kernel'], host['machine']), host.get('cpu', 'unknown CPU'), '%d cores' % host.get('cores', 0),
             mib(host.get('memory', 0)), 'at most %d descriptors a process' % host.get('descriptors', 0)]
    if 'hypervisor' in host:
        words.append('a virtual machine')
    lines = [', '.join(words) + '; load before the run %s; %s.' % (host.get('load', 'unknown'), result['time'][:10]), '', command(result)]
    if not result['complete']:
        lines += ['', 'The run is partial.']
    for warning in result['warnings']:
        lines += ['', 'Warning: ' + warning]
    return lines


def growth(result):
    rows = []
    for size in result['bench']:
        phase = whole(size)
        cells = ['{:,}'.format(size['connections']), '{:,}'.format(find(size, 'netlink', 'model')['sockets'])]
        for backend in BACKENDS:
            cells.append(interval(find(size, backend, phase)['wall_ns'], time))
        cells += [interval(ratio(size, phase), plain), interval(ratio(size, phase, 'procfs_by_netlink_cpu'), plain)]
        rows.append(cells)
    lines = table(['connections', 'sockets', 'procfs', 'netlink', 'procfs / netlink', 'of CPU time'], rows)
    fits = [f for f in result['fits'] if f['phase'] == whole(result['bench'][0])]
    if fits:
        lines += [''] + table(['', 'fixed', 'a socket', 'relative error', 'exponent at the end'],
                              [[f['backend'], time(max(0, f['fixed_ns'])), time(f['each_ns']), '%.1f %%' % (100 * f['residual']),
                                plain(f['exponent'])] for f in fits])
    return lines


def parts(result):
    size = result['bench'][-1]
    names = [p['part'] for p in size['parts'] if p['backend'] == 'netlink']
    sockets = find(size, 'netlink', 'model')['sockets']
    rows = []
    for backend in BACKENDS:
        times = [p['wall_ns'] for p in size['parts'] if p['backend'] == backend]
        # A part is the difference of two medians: noise can make a small one negative.
        least = 0.01 * sum(times)
        rows.append([backend] + ['%s (%.0f ns a socket)' % (time(t), t / sockets) if t > least else 'less than the noise'
                                 for t in times])
    floor = interval(ratio(size, 'floor'), plain)
    return table(['{:,} sockets'.format(sockets)] + names, rows) + ['', 'The kernel alone, procfs / netlink: %s.' % floor]


def work(result):
    rows = []
    for size in result['bench']:
        for backend in BACKENDS:
            m = find(size, backend, 'model')
            rows.append(['{:,}'.format(m['sockets']), backend, '{:,}'.format(m.get('received', 0)),
                         '%.0f' % (m.get('received', 0) / m['sockets']), time(m['first_ns']['median']), mib(m['peak_memory'])])
    return table(['sockets', 'backend', 'bytes', 'a socket', 'first socket after', 'peak memory'], rows)


def calls(result):
    """Counts, which a busy machine does not change: its warnings are about times."""
    rows = []
    for size in result['bench']:
        found = [find(size, backend, 'model') for backend in BACKENDS]
        rows.append(['{:,}'.format(found[0]['sockets'])] + ['{:,}'.format(m['system_calls']) if 'system_calls' in m else '-' for m in found])
    return ['Linux %s, %s:' % (result['host']['kernel'], result['time'][:10]), '', command(result), ''] + table(['sockets'] + list(BACKENDS), rows)


def churn(result):
    rows = []
    for c in result['churn']:
        rows.append([c['backend'], '{:,}'.format(c['dumps']), '{:,}'.format(c['stable'] * c['dumps']), c['missed'], c['twice'], c['torn'],
                     c['contradictory'], '{:,}'.format(c['gone']), time(c['oldest_row_ns']), time(c['duration_ns']['median'])])
    heading = ['', 'dumps', 'stable sockets in them', 'missed', 'twice', 'torn', 'contradictory', 'gone', 'oldest', 'a dump takes']
    return ['%.0f connections a second opened and closed:' % result['churn'][0]['rate_done'], ''] + table(heading, rows)


def programs(result):
    sizes = sorted({p['connections'] for p in result['programs']})
    names = list(dict.fromkeys(p['name'] for p in result['programs']))
    rows = []
    for name in names:
        cells = [name]
        for size in sizes:
            p = next(p for p in result['programs'] if p['name'] == name and p['connections'] == size)
            cells.append(time(p['wall_ns']['median']) if 'wall_ns' in p else 'not installed' if not p['installed'] else p.get('skipped', '-'))
        p = [p for p in result['programs'] if p['name'] == name][-1]
        rows.append(cells + [mib(p['peak_memory']) if 'peak_memory' in p else '-', p.get('version', '-').replace('|', ' ')])
    return table(['program'] + ['{:,}'.format(s) for s in sizes] + ['memory at the end', 'version'], rows)


def claims(result):
    rows = []
    for size in result['bench']:
        connections = size['connections']
        claimed = CLAIMED.get(connections)
        cells = ['{:,}'.format(connections)]
        cells += ['%.2f s' % claimed[0], '%.2f s' % claimed[1], '%.1f' % (claimed[0] / claimed[1])] if claimed else ['-'] * 3
        of = {p['name']: p for p in result['programs'] if p['connections'] == connections and 'wall_ns' in p}
        a, b = of.get('netstat (net-tools)'), of.get('ss (iproute2)')
        cells += [time(p['wall_ns']['median']) if p else '-' for p in (a, b)]
        cells.append('%.1f' % (a['wall_ns']['median'] / b['wall_ns']['median']) if a and b else '-')
        cells.append('%.1f' % ratio(size, whole(size))['median'])
        rows.append(cells)
    return table(['connections', 'netstat, claimed', 'ss, claimed', 'ratio', 'netstat, measured', 'ss, measured', 'ratio',
                  'backends of one program'], rows)


def memory(result):
    first, last = result['bench'][0], result['bench'][-1]
    rows = []

    def row(name, a, b):
        more = (b - a) / (last['connections'] - first['connections']) * 1000 / 2**20
        rows.append([name, mib(a), mib(b), '%.3f MiB' % max(0, more)])

    for backend in BACKENDS:
        row('duostat, ' + backend, *(find(s, backend, whole(s))['peak_memory'] for s in (first, last)))
    for name in ('ss (iproute2)', 'netstat (net-tools)'):
        of = {p['connections']: p.get('peak_memory') for p in result['programs'] if p['name'] == name}
        if of.get(first['connections']) and of.get(last['connections']):
            row(name, of[first['connections']], of[last['connections']])
    return table(['', 'at {:,}'.format(first['connections']), 'at {:,}'.format(last['connections']), 'for each 1,000 connections more'], rows)


BLOCKS = {f.__name__: f for f in (machine, growth, parts, work, calls, churn, programs, claims, memory)}


def fill(match):
    name, file = match.group(1), match.group(2)
    with open(os.path.join(HERE, file), encoding='utf-8') as stream:
        result = json.load(stream)
    return '<!-- %s of %s -->\n%s\n<!-- end -->' % (name, file, '\n'.join(BLOCKS[name](result)))


def main():
    with open(PAGE, encoding='utf-8') as stream:
        page = stream.read()
    filled, count = re.subn(r'<!-- (\w+) of ([\w.-]+) -->.*?<!-- end -->', fill, page, flags=re.S)
    if sys.argv[1:] == ['--check']:
        if filled != page:
            sys.exit('doc/performance.md is not what its JSON says: run doc/performance/tables.py')
        print('%d tables' % count)
        return
    with open(PAGE, 'w', encoding='utf-8') as stream:
        stream.write(filled)


main()
