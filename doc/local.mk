dist_man_MANS += doc/duostat.1
if LEGACY_LINKS
dist_man_MANS += doc/ss.8 doc/netstat.8
else
EXTRA_DIST += doc/ss.8 doc/netstat.8
endif
EXTRA_DIST += doc/capture.md
EXTRA_DIST += doc/ARCHITECTURE.md doc/HACKING.md doc/backends.md doc/json.md doc/quirks.md
EXTRA_DIST += doc/performance.md doc/performance
EXTRA_DIST += \
  doc/schema/groups.json doc/schema/interfaces.json doc/schema/masquerade.json doc/schema/rare_sockets.json \
  doc/schema/routes.json doc/schema/statistics.json doc/schema/statistics_delta.json doc/schema/summary.json
