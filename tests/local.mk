# Tests. Every one speaks TAP, so that `make check` counts cases, not programs, and a skip says why.
LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh

if UNIT_TESTS
# Boost.Test with an observer that prints TAP. Each program links only what its folder may know.
check_LIBRARIES += tests/libtap.a
tests_libtap_a_SOURCES = tests/unit_main.cc
tests_libtap_a_CPPFLAGS = $(AM_CPPFLAGS) -DBOOST_TEST_DYN_LINK
unit_cppflags = $(AM_CPPFLAGS) -DBOOST_TEST_DYN_LINK
unit_libs = tests/libtap.a $(BOOST_TEST_LIBS)

unit_tests =

# ---- base ----
unit_tests += tests/base/test_base
tests_base_test_base_CPPFLAGS = $(unit_cppflags)
tests_base_test_base_SOURCES = \
  tests/base/bytes_test.cc \
  tests/base/cursor_test.cc \
  tests/base/environment_test.cc \
  tests/base/line_reader_test.cc \
  tests/base/options_test.cc \
  tests/base/output_test.cc \
  tests/base/proc_dir_test.cc \
  tests/base/scratch.h
tests_base_test_base_LDADD = src/libbase.a $(BOOST_PROGRAM_OPTIONS_LIBS) $(unit_libs)

# ---- names ----
unit_tests += tests/names/test_names
tests_names_test_names_CPPFLAGS = $(unit_cppflags)
tests_names_test_names_SOURCES = \
  tests/names/map_resolver_test.cc \
  tests/names/system_resolver_test.cc
tests_names_test_names_LDADD = src/libnames.a src/libbase.a $(unit_libs)

# ---- query ----

# ---- procfs ----

# ---- diag ----

# ---- collect ----

# ---- render ----
unit_tests += tests/render/test_render
tests_render_test_render_CPPFLAGS = $(unit_cppflags)
tests_render_test_render_SOURCES = \
  tests/render/address_test.cc \
  tests/render/escape_test.cc
tests_render_test_render_LDADD = src/librender.a src/libbase.a $(unit_libs)

# ---- compat/ss ----

# ---- compat/netstat ----
unit_tests += tests/compat/netstat/test_netstat
tests_compat_netstat_test_netstat_CPPFLAGS = $(unit_cppflags)
tests_compat_netstat_test_netstat_SOURCES = \
  tests/compat/netstat/endpoint_test.cc \
  tests/compat/netstat/fakes.h \
  tests/compat/netstat/options_test.cc \
  tests/compat/netstat/run_test.cc \
  tests/compat/netstat/words_test.cc
tests_compat_netstat_test_netstat_LDADD = compat/libnetstat.a compat/libcompat.a $(src_archives) \
  $(BOOST_PROGRAM_OPTIONS_LIBS) $(unit_libs)

# ---- end of unit tests ----
check_PROGRAMS += $(unit_tests)
TESTS += $(unit_tests)
endif

# ---- golden ----
TESTS += tests/golden/netstat/run.sh
EXTRA_DIST += tests/golden/netstat/run.sh tests/golden/netstat/INDEX tests/golden/netstat/expected tests/data/netstat
TESTS += tests/golden/netstat_modes/run.sh
EXTRA_DIST += tests/golden/netstat_modes/run.sh tests/golden/netstat_modes/INDEX tests/golden/netstat_modes/expected

# ---- agree ----
check_PROGRAMS += tests/agree/options_vs_getopt
tests_agree_options_vs_getopt_SOURCES = tests/agree/options_vs_getopt.cc tests/agree/option_tables.h
tests_agree_options_vs_getopt_LDADD = src/libbase.a $(BOOST_PROGRAM_OPTIONS_LIBS)
TESTS += tests/agree/options_vs_getopt

# ---- differential ----

# ---- live ----

# ---- meta ----

# ---- fuzz ----
