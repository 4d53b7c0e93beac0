dist_man_MANS += doc/duostat.1
if LEGACY_LINKS
dist_man_MANS += doc/ss.8 doc/netstat.8
else
EXTRA_DIST += doc/ss.8 doc/netstat.8
endif
EXTRA_DIST += doc/ARCHITECTURE.md doc/HACKING.md doc/backends.md doc/capture.md doc/filters.md doc/json.md doc/quirks.md
EXTRA_DIST += doc/performance.md doc/performance
EXTRA_DIST += doc/schema
