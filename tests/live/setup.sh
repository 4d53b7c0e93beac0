#!/bin/sh
# dev/setup with fake package managers and compilers: what it finds, what it requests, what it leaves behind.
#
# SPDX-License-Identifier: GPL-2.0-or-later
. "$top_srcdir/tests/tap.sh"

setup=$top_srcdir/dev/setup
for tool in c++ make autoconf automake python3 ss netstat; do
  PATH=$PATH:/usr/sbin:/sbin command -v $tool >/dev/null || skip_all "$tool is missing here"
done

# A fake package manager: records its arguments, and does nothing.
mkdir "$work/bin" "$work/tmp"
cat >"$work/bin/apt-get" <<END
#!/bin/sh
echo "\$@" >>'$work/asked'
[ ! -e '$work/slow' ] || exec sleep 60
END
# A fake ccache for CXX="ccache g++".
cat >"$work/bin/launcher" <<'END'
#!/bin/sh
exec "$@"
END
# A compiler whose linker lacks the library in $LACKS; the headers exist.
cat >"$work/bin/lacking" <<'END'
#!/bin/sh
for word; do [ "$word" != "-l$LACKS" ] || { echo "cannot find $word" >&2; exit 1; }; done
exec c++ "$@"
END
chmod 755 "$work/bin"/*
PATH=$work/bin:$PATH
TMPDIR=$work/tmp
export PATH TMPDIR
unset CXX CPPFLAGS CXXFLAGS LDFLAGS
setup_with() { rm -f "$work/asked"; run env "$@"; }

setup_with "$setup" build
if [ "$status" != 0 ]; then skip_all "the build's own needs are not all here: $err"; fi
check "nothing is missing, nothing is asked for" "" "$(cat "$work/asked" 2>/dev/null)$err"

setup_with CXX="launcher c++ -O1" "$setup" build
check "CXX may be several words" "0 " "$status $err"

setup_with CXX="no-such-compiler -O1" "$setup" build
check "CXX that is no command: fails" 1 "$status"
matches "  and is named" "no-such-compiler|missing: c\+\+" "$err"

for library in boost_program_options boost_unit_test_framework; do
  setup_with LACKS=$library CXX=lacking "$setup" test
  check "headers without lib$library: fails" 1 "$status"
  if [ "$(id -u)" = 0 ]; then
    matches "  asks for its package" "install.* lib$(echo $library | sed 's/_unit.*//; s/_/-/g')[a-z-]*-dev" \
      "$(cat "$work/asked" 2>/dev/null)"
  else
    matches "  names it" "lib$library" "$err"
  fi
done

LC_ALL=C.UTF-8 "$setup" test --list >"$work/list"
for package in netbase kmod libboost-test-dev iproute2 net-tools; do
  matches "--list has $package" "^$package\$" "$(cat "$work/list")"
done

check "no temporary file is left" "" "$(ls "$work/tmp")"
if [ "$(id -u)" = 0 ] && command -v setsid >/dev/null 2>&1; then
  : >"$work/slow"
  rm -f "$work/asked"
  LACKS=boost_program_options CXX=lacking setsid "$setup" build >/dev/null 2>&1 </dev/null &
  leader=$!
  until [ -e "$work/asked" ]; do sleep 0.1; done
  before=$(ls "$work/tmp")
  kill -TERM "-$leader"
  wait "$leader"
  check "stopped by a signal while it installs: says so" 143 $?
  if [ -n "$before" ]; then pass "  it had a temporary directory"; else fail "  it had a temporary directory"; fi
  check "  and removed it" "" "$(ls "$work/tmp")"
else
  skip "stopped by a signal while it installs" "not root, or no setsid"
fi

done_testing
