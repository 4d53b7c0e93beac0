# The first process of the guest: file systems, then guest.py, then power off. All that is written goes to memory or to
# the directory of this test: the host's files are mounted for reading only.
#
# usage: guest.sh SOURCE BUILD WORK MODULES [WORD [REFERENCE_SS]]
#
# SPDX-License-Identifier: GPL-2.0-or-later
PATH=/usr/sbin:/usr/bin:/sbin:/bin
export PATH
# Load modules only when the test does, never automatically.
mount -t proc proc /proc && echo >/proc/sys/kernel/modprobe
mount -t sysfs sysfs /sys
mount -t cgroup2 cgroup2 /sys/fs/cgroup
[ -c /dev/null ] || mount -t devtmpfs devtmpfs /dev
[ -d /dev/pts ] || mkdir /dev/pts
[ -e /dev/ptmx ] && mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /run
mkdir -m 755 /run/vm /run/vm/host
mount -t hostfs -o "$3" none /run/vm/host

mkdir -p /run/vm/usr/lib/modules
ln -s usr/lib /run/vm/lib
ln -s "$4/$(uname -r)" "/run/vm/usr/lib/modules/$(uname -r)"

echo "# User Mode Linux $(uname -r), ready after $(cut -d ' ' -f 1 /proc/uptime) seconds" >/run/vm/host/tap
# The console shows each line at once; data written to the host's file may stay in the guest's memory.
DUOSTAT_REFERENCE_SS=${6:-} python3 -u -B "$1/tests/vm/guest.py" "$1" "$2" /run/vm ${5:+"$5"} 2>&1 |
  tee -a /run/vm/host/tap
sync
exec python3 -c 'import ctypes; ctypes.CDLL(None).reboot(0x4321fedc)'
