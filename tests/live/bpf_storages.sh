#!/bin/sh
# --bpf-maps and --bpf-map-id on live sockets with values in BPF maps.
#
# SPDX-License-Identifier: GPL-2.0-or-later
. "$top_srcdir/tests/tap.sh"

command -v python3 >/dev/null 2>&1 || skip_all "python3 is not installed"
unshare -n true 2>/dev/null || skip_all "no private network namespace (unshare -n)"
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
cp -L "$duostat" "$work/ss" && chmod 755 "$work/ss"
timeout 60 unshare -n python3 "$top_srcdir/tests/live/bpf_storages.py" "$work/ss"
