# Installed by compat/place.sh.
EXTRA_DIST += doc/duostat.1 doc/ss.8 doc/netstat.8 doc/duostat-capture.5 doc/duostat-filters.7 doc/duostat-json.7
EXTRA_DIST += doc/ARCHITECTURE.md doc/HACKING.md doc/audit.md doc/backends.md doc/capture.md doc/filters.md doc/fleet.md \
  doc/json.md \
  doc/metrics.md doc/oncall.md doc/quirks.md doc/reliability.md
EXTRA_DIST += doc/performance.md doc/performance
EXTRA_DIST += doc/labs
EXTRA_DIST += doc/schema
EXTRA_DIST += packaging/prometheus
