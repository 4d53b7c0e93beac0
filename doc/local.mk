dist_man_MANS += doc/duostat.1
if LEGACY_LINKS
dist_man_MANS += doc/ss.8 doc/netstat.8
else
EXTRA_DIST += doc/ss.8 doc/netstat.8
endif
EXTRA_DIST += doc/ARCHITECTURE.md doc/HACKING.md doc/backends.md doc/json.md doc/performance.md doc/quirks.md
