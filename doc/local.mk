EXTRA_DIST += doc/ARCHITECTURE.md doc/backends.md
