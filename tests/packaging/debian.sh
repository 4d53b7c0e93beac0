#!/bin/sh
# Debian's packages: built, installed into a minimal system, removed and purged. The files of iproute2, net-tools and
# bash-completion come back untouched. Takes minutes, so it runs only with DUOSTAT_TEST_EFFORT=full.
#
# DUOSTAT_TEST_PACKAGES    a directory with packages that dev/package built, instead of building them
# DUOSTAT_FRESH_MIRROR, DUOSTAT_FRESH_CACHE    as for dev/fresh
#
# SPDX-License-Identifier: GPL-2.0-or-later
. "$top_srcdir/tests/tap.sh"

[ "${DUOSTAT_TEST_EFFORT:-}" = full ] || skip_all "builds packages and a system: only with DUOSTAT_TEST_EFFORT=full"
[ "$(id -u)" = 0 ] || skip_all "must be root"
PATH=$PATH:/usr/sbin:/sbin
for tool in debootstrap unshare chroot dpkg git; do
  command -v $tool >/dev/null 2>&1 || skip_all "no $tool"
done

# ---- packages ----

packages=${DUOSTAT_TEST_PACKAGES:-}
if [ -z "$packages" ]; then
  for tool in dpkg-buildpackage dh; do
    command -v $tool >/dev/null 2>&1 || skip_all "no $tool"
  done
  git -C "$top_srcdir" rev-parse -q --verify HEAD >/dev/null 2>&1 || skip_all "not a checkout"
  packages=$work/packages
  run "$top_srcdir/dev/package" debian "$packages"
  check "dev/package debian" "0" "$status$err"
fi
check "the packages" "duostat-legacy_ duostat_ duostat_ duostat_ duostat_" "$(cd "$packages" &&
  for file in duostat-legacy_*_all.deb duostat_*.deb duostat_*.dsc duostat_*.orig.tar.xz duostat_*.debian.tar.xz; do
    [ -f "$file" ] && echo "${file%%_*}_"
  done | tr '\n' ' ' | sed 's/ $//')"
if command -v lintian >/dev/null 2>&1; then
  run lintian --allow-root --fail-on error,warning "$packages"/duostat*.changes
  check "lintian has no errors and no warnings" "0" "$status$(printf '%s\n' "$out" | grep '^[EW]:')"
else
  skip "lintian has no errors and no warnings" "no lintian"
fi

# ---- a minimal system ----

# shellcheck disable=SC1091  # of this system
suite=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
root=$work/system
mkdir -p ${DUOSTAT_FRESH_CACHE:+"$DUOSTAT_FRESH_CACHE"} "$root"
debootstrap --variant=minbase --include=iproute2,net-tools,bash-completion,python3-minimal \
  ${DUOSTAT_FRESH_CACHE:+--cache-dir="$DUOSTAT_FRESH_CACHE"} "$suite" "$root" \
  ${DUOSTAT_FRESH_MIRROR:+"$DUOSTAT_FRESH_MIRROR"} >"$work/debootstrap.log" 2>&1 || {
  skip "installation" "debootstrap: $(tail -n 1 "$work/debootstrap.log")"
  done_testing
  exit
}
mkdir "$root/packages"
cp "$packages"/duostat*.deb "$root/packages/"
rm -f "$root"/packages/*dbgsym*
cp "$root"/var/cache/apt/archives/iproute2_*.deb "$root"/var/cache/apt/archives/net-tools_*.deb "$root/packages/"
cp -r "$top_srcdir/packaging/debian/tests" "$root/packages/"

# inside COMMAND: runs a shell command in the system, with a /proc and with namespaces that end with it.
inside() {
  # shellcheck disable=SC2016  # expanded by the inner shell
  run unshare --mount --pid --fork --kill-child --propagation private sh -ec '
    mount -t proc proc "$1/proc"
    exec chroot "$1" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C DEBIAN_FRONTEND=noninteractive sh -c "$2"
  ' sh "$root" "$1"
}
# succeeds ABOUT COMMAND
succeeds() {
  inside "$2"
  if [ "$status" = 0 ]; then pass "$1"; else fail "$1" "$out" "$err"; fi
}
# What the system consists of, without the records of packages and what dpkg's triggers cache.
sums() {
  (cd "$root" && find . \( -path ./proc -o -path ./packages -o -path ./var/lib/dpkg -o -path ./var/log -o \
    -path ./var/cache \) -prune -o \( -type f -exec cksum {} + \) -o -type l -printf '%p -> %l\n' | sort)
}
is_ours() { check "  ss and netstat are $1" "$2" "$(cd "$root" && for name in ss netstat; do
  [ "$(readlink usr/bin/$name)" = duostat ] && echo ours || echo theirs
done | sort -u)"; }

sums >"$work/before"
[ "$(wc -l <"$work/before")" -gt 1000 ] || fail "the system has files" "$(cat "$work/before")"
# unchanged: every file of before is what it was. restored: and there is no other.
unchanged() { sums >"$work/after" && comm -23 "$work/before" "$work/after"; }
restored() { sums >"$work/after" && diff "$work/before" "$work/after"; }
succeeds "duostat installs" 'dpkg -i /packages/duostat_*.deb'
check "  changes no file of others" "" "$(unchanged)"
is_ours "the originals" theirs
succeeds "  its smoke test" /packages/tests/smoke
sh -c 'exec "$1" "$2" /usr' sh "$top_srcdir/tests/packaging/installed.py" "$root" >"$work/installed" 2>&1
check "  what it installs points to nothing else" "0" "$?$(grep -A9 '^not' "$work/installed")"

succeeds "duostat-legacy installs" 'dpkg -i /packages/duostat-legacy_*.deb'
is_ours ours ours
matches "  the original ss is elsewhere" '/usr/bin/ss\.iproute2$' "$(unchanged; cat "$work/after")"
matches "  and that is a change" "/usr/bin/ss$" "$(unchanged)"
succeeds "  its test" /packages/tests/legacy
succeeds "  its page is ours" 'zcat /usr/share/man/man8/ss.8.gz | grep -q "^.TH .* duostat "'
succeeds "  bash completes ss by it" \
  'bash -c ". /usr/share/bash-completion/completions/ss; complete -p ss" | grep -q _duostat_bash'
succeeds "iproute2 and net-tools are installed again" 'dpkg -i /packages/iproute2_*.deb /packages/net-tools_*.deb'
is_ours "still ours" ours
succeeds "duostat-legacy is installed again" 'dpkg -i /packages/duostat-legacy_*.deb'
is_ours "still ours" ours
succeeds "duostat-legacy is removed" 'dpkg -r duostat-legacy'
is_ours "the originals" theirs
check "  every file of them is what it was" "" "$(unchanged)"
succeeds "  and they run" 'ss -tan >/dev/null && netstat -tan >/dev/null && ! ss --columns=help 2>/dev/null'
succeeds "all is purged" 'dpkg -P duostat-legacy duostat'
check "  nothing is left, nothing is changed" "" "$(restored)"
# shellcheck disable=SC2016  # expanded in the system
succeeds "  no diversion either" '[ -z "$(dpkg-divert --list "*ss*" | grep duostat)" ]'

succeeds "without net-tools" 'dpkg -r net-tools && dpkg -i /packages/duostat_*.deb /packages/duostat-legacy_*.deb'
is_ours ours ours
succeeds "  net-tools comes later" 'dpkg -i /packages/net-tools_*.deb && netstat.net-tools -tan >/dev/null'
is_ours "still ours" ours
succeeds "  and all goes at once" 'dpkg -P duostat-legacy duostat'
check "  nothing is left, nothing is changed" "" "$(restored)"
done_testing
