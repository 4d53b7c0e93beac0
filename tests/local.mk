# Tests. Every one speaks TAP, so that `make check` counts cases, not programs, and a skip says why.
count-tests:
	@set x $(TESTS); shift; echo $$#
# What CI's two runs divide (dev/test): the unit tests, which the second takes; those tests of one command each of which
# a third goes to the first; all tests; and the programs that tests other than unit tests call.
list-parts:
	@echo '$(unit_tests)'
	@echo '$(filter-out $(uninstrumented_tests),$(filter tests/live/%,$(TESTS)))'
	@echo '$(TESTS)'
	@echo '$(filter-out $(unit_tests),$(check_PROGRAMS))'
.PHONY: count-tests list-parts
LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh

# `make check` starts tests in this order: the longest first, so that several processors end together.
# What the uninstrumented tests compile, install, read or measure is not the instrumented program, or its run-time
# library makes system calls of its own.
uninstrumented_tests =
if !SANITIZERS
uninstrumented_tests += tests/live/build.sh tests/meta/alone.sh tests/live/install.sh tests/packaging/dist.sh \
  tests/packaging/debian.sh tests/vm/run.sh \
  tests/packaging/installed.py tests/packaging/packages.sh tests/live/service_profile.py tests/live/setup.sh \
  tests/bench/instructions.sh tests/meta/abbreviations.sh tests/meta/arrows.sh tests/meta/clang_json.sh \
  tests/meta/audit_doc.py tests/meta/lines.sh tests/meta/links.py tests/meta/shellcheck.sh \
  tests/meta/listed.sh tests/meta/metrics_doc.py \
  tests/meta/manual.sh tests/meta/pages.sh tests/meta/one_definition.py tests/meta/performance.sh tests/meta/quirks.sh \
  tests/meta/select.sh tests/meta/standard_headers.py
endif
TESTS += $(uninstrumented_tests)
TESTS += tests/live/bench_programs.sh tests/differential/ss.sh tests/differential/netstat.sh \
  tests/differential/columns_json.sh tests/live/owners.sh tests/differential/random.sh \
  tests/differential/netstat_modes.py tests/agree/replay_live.sh tests/differential/json.sh

# The archive and what its option parser needs: a unit of dev/build brings all of its files.
base_libs = src/libbase.a $(BOOST_PROGRAM_OPTIONS_LIBS)

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
  tests/base/decimal_test.cc \
  tests/base/environment_test.cc \
  tests/base/escape_test.cc \
  tests/base/interrupt_test.cc \
  tests/base/line_reader_test.cc \
  tests/base/lines_test.cc \
  tests/base/nearest_test.cc \
  tests/base/options_test.cc \
  tests/base/output_test.cc \
  tests/base/proc_dir_test.cc \
  tests/base/proc_text.h \
  tests/base/proc_text_test.cc \
  tests/base/scratch.h \
  tests/base/terminal_sink_test.cc
tests_base_test_base_LDADD = $(base_libs) $(unit_libs)

# ---- names ----
unit_tests += tests/names/test_names
tests_names_test_names_CPPFLAGS = $(unit_cppflags)
tests_names_test_names_SOURCES = \
  tests/names/common_services_test.cc \
  tests/names/map_resolver_test.cc \
  tests/names/rpc_programs_test.cc \
  tests/names/services_test.cc \
  tests/names/system_resolver_test.cc \
  tests/names/workload_test.cc
tests_names_test_names_LDADD = src/libnames.a $(base_libs) $(unit_libs)
TESTS += tests/names/databases.sh
EXTRA_DIST += tests/names/databases.sh

# ---- query ----
unit_tests += tests/query/test_query
tests_query_test_query_CPPFLAGS = $(unit_cppflags)
tests_query_test_query_SOURCES = \
  tests/query/eval_test.cc \
  tests/query/expr_test.cc \
  tests/query/expr_tree_test.cc \
  tests/query/map_lookup.h \
  tests/query/parser_test.cc \
  tests/query/state_words_test.cc
tests_query_test_query_LDADD = src/libquery.a src/libnames.a $(base_libs) $(unit_libs)

# ---- procfs ----
unit_tests += tests/procfs/test_procfs
tests_procfs_test_procfs_CPPFLAGS = $(unit_cppflags)
tests_procfs_test_procfs_SOURCES = tests/procfs/collected.h \
  tests/procfs/backend_test.cc \
  tests/procfs/descriptors_test.cc \
  tests/procfs/inet_test.cc \
  tests/procfs/net_files_test.cc \
  tests/procfs/other_owners_test.cc tests/procfs/owner_tree.h \
  tests/procfs/owners_test.cc \
  tests/procfs/packet_netlink_test.cc \
  tests/procfs/sctp_tables_test.cc \
  tests/procfs/sockstat_test.cc \
  tests/procfs/task_text_test.cc \
  tests/procfs/unix_test.cc
tests_procfs_test_procfs_LDADD = src/libprocfs.a src/libquery.a src/libnames.a $(base_libs) $(unit_libs)

# ---- bpf ----
unit_tests += tests/bpf/test_bpf
tests_bpf_test_bpf_CPPFLAGS = $(unit_cppflags)
tests_bpf_test_bpf_SOURCES = tests/bpf/wire.h tests/bpf/raw_btf.h tests/bpf/made_kernel.h tests/bpf/interpreter.h \
  tests/bpf/btf_test.cc \
  tests/bpf/iterator_test.cc \
  tests/bpf/kernel_types_test.cc \
  tests/bpf/owner_program_test.cc \
  tests/bpf/program_test.cc \
  tests/bpf/state_program_test.cc
tests_bpf_test_bpf_LDADD = src/libbpf.a $(base_libs) $(unit_libs)

# ---- diag ----
unit_tests += tests/diag/test_diag
tests_diag_test_diag_CPPFLAGS = $(unit_cppflags)
tests_diag_test_diag_SOURCES = tests/query/map_lookup.h \
  tests/diag/attribute_rows_test.cc \
  tests/diag/bit_fields_test.cc \
  tests/diag/bytecode_test.cc \
  tests/diag/dump_writer_test.cc \
  tests/diag/destroy_test.cc \
  tests/diag/disassemble_test.cc \
  tests/diag/hex.h \
  tests/diag/dump_test.cc \
  tests/diag/events_test.cc \
  tests/diag/families_test.cc \
  tests/diag/inet_test.cc \
  tests/diag/live_test.cc \
  tests/diag/message_test.cc \
  tests/diag/read_ahead_test.cc \
  tests/diag/replay_test.cc \
  tests/diag/socket_storage_test.cc tests/bpf/raw_btf.h \
  tests/diag/unix_test.cc \
  tests/diag/wide_protocol_test.cc \
  tests/diag/wire.h \
  tests/recorded_data.h
tests_diag_test_diag_LDADD = src/libdiag.a src/libbpf.a src/libquery.a $(base_libs) $(unit_libs)
EXTRA_DIST += tests/data/btf
EXTRA_DIST += tests/data/netlink/filter.bin tests/data/netlink/synth.bin

# ---- rtnl ----
unit_tests += tests/rtnl/test_rtnl
tests_rtnl_test_rtnl_CPPFLAGS = $(unit_cppflags)
tests_rtnl_test_rtnl_SOURCES = tests/diag/wire.h tests/rtnl/rtnl_test.cc
tests_rtnl_test_rtnl_LDADD = src/librtnl.a src/libdiag.a src/libbpf.a src/libquery.a $(base_libs) $(unit_libs)

# ---- collect ----
unit_tests += tests/collect/test_collect
tests_collect_test_collect_CPPFLAGS = $(unit_cppflags)
tests_collect_test_collect_SOURCES = \
  tests/collect/capture_test.cc \
  tests/collect/closed_sockets_test.cc \
  tests/collect/owners_test.cc tests/bpf/made_kernel.h tests/bpf/raw_btf.h tests/bpf/wire.h \
  tests/collect/collect_test.cc \
  tests/collect/facts_test.cc \
  tests/collect/knows_test.cc \
  tests/collect/namespaces_test.cc \
  tests/collect/recorded_hosts_test.cc \
  tests/collect/sockets_test.cc \
  tests/collect/time_merge_test.cc \
  tests/collect/trace_events_test.cc tests/collect/trace_format_sample.h tests/base/scratch.h \
  tests/collect/unix_counts_test.cc
tests_collect_test_collect_LDADD = src/libcollect.a src/librtnl.a src/libdiag.a src/libbpf.a src/libprocfs.a \
  src/libquery.a src/libnames.a \
  $(base_libs) $(unit_libs)

# ---- insight ----
unit_tests += tests/insight/test_insight
tests_insight_test_insight_CPPFLAGS = $(unit_cppflags)
tests_insight_test_insight_SOURCES = \
  tests/insight/audit_world.h \
  tests/insight/baseline_test.cc \
  tests/insight/changes_test.cc \
  tests/insight/columns_test.cc \
  tests/insight/group_test.cc \
  tests/insight/host_rules_test.cc \
  tests/insight/meanings_test.cc \
  tests/insight/metrics_test.cc \
  tests/insight/rates_test.cc \
  tests/insight/rules_listen_test.cc \
  tests/insight/rules_peer_test.cc \
  tests/insight/rules_queue_test.cc \
  tests/insight/sample.h \
  tests/insight/stored_socket_test.cc \
  tests/insight/totals_test.cc \
  tests/insight/where_test.cc
tests_insight_test_insight_LDADD = src/libinsight.a src/libquery.a src/librender.a src/libnames.a $(base_libs) \
  $(unit_libs)

# ---- render ----
unit_tests += tests/render/test_render
tests_render_test_render_CPPFLAGS = $(unit_cppflags)
tests_render_test_render_SOURCES = \
  tests/render/address_test.cc \
  tests/render/exposition_test.cc \
  tests/render/json_test.cc \
  tests/render/table_test.cc
tests_render_test_render_LDADD = src/librender.a src/libnames.a $(base_libs) $(unit_libs)

# ---- bench ----
unit_tests += tests/bench/test_bench
tests_bench_test_bench_CPPFLAGS = $(unit_cppflags)
tests_bench_test_bench_SOURCES = \
  tests/bench/html_test.cc tests/bench/rich_result.h tests/has.h \
  tests/bench/measure_test.cc \
  tests/bench/reports_test.cc \
  tests/bench/statistics_test.cc
tests_bench_test_bench_LDADD = src/libbench.a src/librender.a src/libcollect.a src/librtnl.a src/libdiag.a \
  src/libbpf.a src/libprocfs.a \
  src/libquery.a src/libnames.a $(base_libs) $(unit_libs)

# ---- view ----
unit_tests += tests/view/test_view
tests_view_test_view_CPPFLAGS = $(unit_cppflags)
tests_view_test_view_SOURCES = tests/collect/fake_world.h tests/view/fail_if_test.cc tests/view/forms_test.cc \
  tests/view/no_rows.h tests/view/ownerless_test.cc tests/view/socket_view_test.cc tests/view/view_rule_test.cc \
  tests/view/watch_screen_test.cc tests/view/watched_rows_test.cc
tests_view_test_view_LDADD = src/libview.a src/libinsight.a src/librender.a src/libcollect.a src/librtnl.a \
  src/libdiag.a src/libbpf.a src/libprocfs.a \
  src/libquery.a src/libnames.a $(base_libs) $(unit_libs)

# ---- command ----
unit_tests += tests/command/test_command
tests_command_test_command_CPPFLAGS = $(unit_cppflags)
tests_command_test_command_SOURCES = tests/base/scratch.h tests/collect/fake_world.h \
  tests/command/audit_test.cc \
  tests/command/changing_proc.h \
  tests/command/events_test.cc tests/diag/wire.h \
  tests/command/inventory_test.cc \
  tests/command/ran.h \
  tests/command/scaffold_test.cc \
  tests/command/text_table_test.cc \
  tests/command/wait_test.cc
tests_command_test_command_LDADD = $(src_archives) $(BOOST_PROGRAM_OPTIONS_LIBS) $(unit_libs)

# ---- compat/ss ----
unit_tests += tests/compat/ss/test_ss
tests_compat_ss_test_ss_CPPFLAGS = $(unit_cppflags)
tests_compat_ss_test_ss_SOURCES = \
  tests/bpf/raw_btf.h tests/bpf/wire.h tests/compat/ss/btf_text_test.cc tests/recorded_data.h \
  tests/compat/ss/filter_errors_test.cc tests/query/map_lookup.h \
  tests/collect/fake_world.h tests/diag/wire.h \
  tests/base/scratch.h tests/compat/ran.h tests/compat/ss/follow_test.cc tests/compat/ss/kill_test.cc \
  tests/has.h \
  tests/compat/ss/layout_test.cc \
  tests/compat/ss/listing_test.cc \
  tests/compat/ss/options_test.cc \
  tests/compat/ss/unknown_owners_test.cc \
  tests/compat/ss/view_test.cc
tests_compat_ss_test_ss_LDADD = compat/libss.a compat/libnetstat.a compat/libcompat.a $(src_archives) \
  $(BOOST_PROGRAM_OPTIONS_LIBS) $(unit_libs)

# ---- compat/netstat ----
unit_tests += tests/compat/netstat/test_netstat
tests_compat_netstat_test_netstat_CPPFLAGS = $(unit_cppflags)
tests_compat_netstat_test_netstat_SOURCES = \
  tests/base/scratch.h tests/compat/netstat/delta_test.cc \
  tests/compat/netstat/endpoint_test.cc \
  tests/collect/fake_world.h tests/compat/ran.h \
  tests/compat/netstat/interfaces_test.cc \
  tests/compat/netstat/modes_test.cc \
  tests/compat/netstat/options_test.cc \
  tests/compat/netstat/run_test.cc \
  tests/compat/netstat/view_rules_test.cc \
  tests/compat/netstat/words_test.cc tests/diag/wire.h
tests_compat_netstat_test_netstat_LDADD = compat/libnetstat.a compat/libcompat.a $(src_archives) \
  $(BOOST_PROGRAM_OPTIONS_LIBS) $(unit_libs)

# ---- compat/native: explain ----
unit_tests += tests/compat/native/test_explain
tests_compat_native_test_explain_CPPFLAGS = $(unit_cppflags)
tests_compat_native_test_explain_SOURCES = tests/compat/native/explain_test.cc tests/collect/fake_world.h
tests_compat_native_test_explain_LDADD = compat/libexplain.a compat/libss.a compat/libnetstat.a compat/libcompat.a \
  $(src_archives) $(BOOST_PROGRAM_OPTIONS_LIBS) $(unit_libs)

# ---- compat/ss2 ----
unit_tests += tests/compat/ss2/test_ss2
tests_compat_ss2_test_ss2_CPPFLAGS = $(unit_cppflags)
tests_compat_ss2_test_ss2_SOURCES = tests/base/scratch.h tests/collect/fake_world.h tests/diag/wire.h tests/has.h \
  tests/compat/ss2/ss2_test.cc
tests_compat_ss2_test_ss2_LDADD = compat/libss2.a compat/libcompat.a $(src_archives) $(BOOST_PROGRAM_OPTIONS_LIBS) \
  $(unit_libs)

# ---- end of unit tests ----
check_PROGRAMS += $(unit_tests)
TESTS += $(unit_tests)
else
TESTS += tests/meta/no_unit_tests.sh
endif
EXTRA_DIST += tests/meta/no_unit_tests.sh

# Captured and hand-written proc trees.
EXTRA_DIST += tests/data/procfs tests/compat/netstat/interfaces

# ---- golden ----
TESTS += tests/golden/ss/run.sh tests/golden/netstat/run.sh tests/golden/netstat_modes/run.sh \
  tests/golden/explain/run.sh
EXTRA_DIST += tests/select.py tests/terminal.py tests/golden/run.sh tests/golden/run.py
EXTRA_DIST += tests/golden/ss/run.sh tests/golden/netstat/run.sh tests/golden/netstat_modes/run.sh \
  tests/golden/explain/run.sh
EXTRA_DIST += tests/golden/ss/cases.tsv tests/golden/ss/expected tests/golden/ss/input
EXTRA_DIST += tests/golden/netstat/cases.tsv tests/golden/netstat/expected tests/data/netstat
EXTRA_DIST += tests/golden/netstat_modes/cases.tsv tests/golden/netstat_modes/expected
EXTRA_DIST += tests/golden/explain/cases.tsv tests/golden/explain/expected

# ---- agree ----
check_PROGRAMS += tests/agree/options_vs_getopt
tests_agree_options_vs_getopt_SOURCES = tests/agree/options_vs_getopt.cc tests/agree/option_tables.h
tests_agree_options_vs_getopt_LDADD = $(base_libs)
TESTS += tests/agree/options_vs_getopt

filter_libs = compat/libss.a compat/libcompat.a $(src_archives) $(BOOST_PROGRAM_OPTIONS_LIBS)
check_PROGRAMS += tests/agree/filters tests/agree/filter_fixture
tests_agree_filters_SOURCES = tests/agree/filters.cc tests/query/bytecode_entry.h tests/query/map_lookup.h
tests_agree_filters_LDADD = $(filter_libs)
tests_agree_filter_fixture_SOURCES = tests/agree/filter_fixture.cc tests/query/map_lookup.h
tests_agree_filter_fixture_LDADD = $(filter_libs)
TESTS += tests/agree/filters tests/agree/filter_fixture
EXTRA_DIST += tests/data/filters/FILTERS.tsv

check_PROGRAMS += tests/agree/backends_live
tests_agree_backends_live_SOURCES = tests/agree/backends_live.cc
tests_agree_backends_live_LDADD = src/libprocfs.a src/libdiag.a src/libbpf.a src/libquery.a src/libnames.a $(base_libs)
TESTS += tests/agree/backends_live

EXTRA_DIST += tests/agree/replay_live.sh tests/agree/replay_live.py
TESTS += tests/live/audit.py tests/live/audit_false_alarms.py tests/live/audit_host.py tests/live/report.py
EXTRA_DIST += tests/live/situation.py tests/live/audit.py tests/live/audit_false_alarms.py tests/live/audit_host.py \
  tests/live/report.py
TESTS += tests/live/fleet.py
EXTRA_DIST += tests/live/fleet.py
TESTS += tests/live/metrics.py tests/live/recorder.py tests/live/csv_stamp.py tests/prometheus/prometheus.py
EXTRA_DIST += tests/live/metrics.py tests/live/recorder.py tests/live/csv_stamp.py tests/prometheus/prometheus.py \
  tests/prometheus/duostat.rules.test.yml
TESTS += tests/live/owners_bpf.py
EXTRA_DIST += tests/live/owners_bpf.py
TESTS += tests/live/hostile_names.py tests/live/churn.py tests/live/continuous.py tests/live/delta.py \
  tests/live/moving.py
EXTRA_DIST += tests/live/hostile_names.py tests/live/service_profile.py tests/live/churn.py \
  tests/live/continuous.py tests/live/delta.py tests/live/moving.py

# Hardware of every kind.
TESTS += tests/differential/netstat_hardware.py
EXTRA_DIST += tests/differential/netstat_hardware.py

# What ansible makes of both tools. Its time is ansible's.
if !SANITIZERS
TESTS += tests/differential/ansible_facts.py
endif
EXTRA_DIST += tests/differential/ansible_facts.py

# netstat on damaged files, beside the original.
TESTS += tests/differential/netstat_damaged.py
EXTRA_DIST += tests/differential/netstat_damaged.py

# Recorded hosts with other kernels, and with the /proc of gVisor and of LXCFS.
TESTS += tests/differential/kernels.py
EXTRA_DIST += tests/differential/kernels.py tests/differential/made_kernels.py tests/differential/capture_file.py \
  tests/differential/gvisor.py tests/differential/lxcfs.py tests/differential/fuse.py tests/data/kernels

# netstat's routes, interfaces and groups from either backend.
TESTS += tests/agree/netstat_backends.py
EXTRA_DIST += tests/agree/netstat_backends.py

# ---- differential ----
check_PROGRAMS += tests/differential/hold
tests_differential_hold_SOURCES = tests/differential/hold.cc
EXTRA_DIST += tests/differential/netstat_modes.py tests/differential/netstat_pairs.py
EXTRA_DIST += \
  tests/differential/ss.sh tests/differential/netstat.sh \
  tests/differential/capture.py \
  tests/differential/case.py \
  tests/differential/main.py \
  tests/differential/namespace.py \
  tests/differential/netstat_cases.py \
  tests/differential/made_dumps.py \
  tests/differential/random.sh \
  tests/differential/random_lines.py \
  tests/differential/rules.py \
  tests/differential/run.py \
  tests/differential/sample.py \
  tests/differential/ss_cases.py \
  tests/differential/ss_pairs.py \
  tests/differential/steady.py \
  tests/differential/tap.py \
  tests/differential/zoo.py

# The time of these is that of pyroute2 and jc. Unit tests and json.sh run the same code instrumented.
if !SANITIZERS
TESTS += tests/differential/ss2.sh tests/differential/jc.py
endif
EXTRA_DIST += tests/differential/ss2.sh tests/differential/ss2.py
EXTRA_DIST += tests/differential/json.sh tests/differential/sockets_json.py tests/differential/pyroute2_dump.py
EXTRA_DIST += tests/differential/columns_json.sh tests/differential/columns_json.py
TESTS += tests/differential/many.py
EXTRA_DIST += tests/differential/jc.py tests/differential/many.py

# ---- live ----
TESTS += \
  tests/live/dispatch.sh \
  tests/live/environment.sh \
  tests/live/hostile_proc.sh \
  tests/live/kill_events.sh \
  tests/live/vanish.sh
EXTRA_DIST += tests/big_endian.py tests/byte_order.sh \
  tests/tap.sh \
  tests/live/build.sh \
  tests/live/dispatch.sh \
  tests/live/environment.sh \
  tests/live/hostile_proc.sh \
  tests/live/install.sh \
  tests/live/kill_events.py \
  tests/live/kill_events.sh \
  tests/live/setup.sh \
  tests/live/vanish.sh

TESTS += tests/live/watch.py tests/live/watch_terminal.py tests/live/rate.py
EXTRA_DIST += tests/live/watch.py tests/live/watch_terminal.py tests/live/rate.py
TESTS += tests/live/completion.py tests/live/examples.py tests/live/labs.sh tests/live/meanings.py tests/live/oncall.py
EXTRA_DIST += tests/live/completion.py tests/live/examples.py tests/live/labs.sh tests/live/meanings.py \
  tests/live/oncall.py
TESTS += tests/live/all_netns.py tests/live/container.py tests/live/since.py
EXTRA_DIST += tests/live/all_netns.py tests/live/container.py tests/live/since.py
TESTS += tests/live/fast_open.py tests/live/listen.py tests/live/states.py tests/live/diff.py tests/live/wait.py \
  tests/live/events.py \
  tests/live/mixed_families.sh tests/live/terminal_text.sh tests/live/unix_names.sh
EXTRA_DIST += tests/live/fast_open.py tests/live/listen.py tests/live/states.py tests/live/diff.py tests/live/wait.py \
  tests/live/events.py \
  tests/live/mixed_families.sh tests/live/unix_names.py tests/live/unix_names.sh
EXTRA_DIST += tests/live/terminal_text.py tests/live/terminal_text.sh
TESTS += tests/live/mode_json.sh
EXTRA_DIST += tests/live/mode_json.sh tests/live/mode_json.py
TESTS += tests/live/out_of_memory.py
EXTRA_DIST += tests/live/out_of_memory.py tests/live/fail_malloc.c
TESTS += tests/live/hostile_capture.py
EXTRA_DIST += tests/live/hostile_capture.py
TESTS += tests/live/broken_dump.sh
EXTRA_DIST += tests/live/broken_dump.sh
TESTS += tests/live/capture.sh
EXTRA_DIST += tests/live/capture.sh tests/live/owners.sh
TESTS += tests/live/record_views.sh
EXTRA_DIST += tests/live/record_views.sh tests/live/record_views.py
TESTS += tests/live/bpf_storages.sh tests/live/messages.sh tests/live/netns.sh tests/live/views.sh
EXTRA_DIST += tests/live/bpf_storages.sh tests/live/bpf_storages.py tests/live/messages.sh tests/live/netns.sh \
  tests/live/views.sh

# Every system call of representative commands made to fail.
check_PROGRAMS += tests/live/inject
tests_live_inject_SOURCES = tests/live/inject.cc
TESTS += tests/live/faults.py
EXTRA_DIST += tests/live/faults.py

# ---- vm ----
# A second kernel, with what the first lacks and without what it has.
EXTRA_DIST += tests/vm/run.sh tests/vm/families.py tests/vm/guest.py tests/vm/guest.sh tests/vm/host_rules.py

# ---- packaging ----
EXTRA_DIST += tests/packaging/debian.sh tests/packaging/dist.sh tests/packaging/installed.py tests/packaging/packages.sh

# ---- meta ----
EXTRA_DIST += tests/meta/audit_doc.py tests/meta/metrics_doc.py tests/meta/one_definition.py \
  tests/meta/lines.sh tests/meta/select.sh tests/meta/shellcheck.sh \
  tests/meta/abbreviations.sh tests/meta/arrows.sh tests/meta/clang_json.sh tests/meta/alone.sh tests/meta/listed.sh \
  tests/meta/links.py tests/meta/manual.sh tests/meta/pages.sh tests/meta/quirks.sh tests/meta/standard_headers.py
EXTRA_DIST += tests/meta/abbreviations.ss tests/meta/abbreviations.netstat

# ---- bench ----
# Run by dev/bench, not by the tests: what they measure depends on the machine.
EXTRA_PROGRAMS += tests/bench/runner tests/bench/kernel
tests_bench_runner_SOURCES = tests/bench/runner.cc
tests_bench_kernel_SOURCES = tests/bench/kernel.cc
tests_bench_kernel_LDADD = src/libdiag.a src/libbpf.a $(base_libs)
EXTRA_DIST += tests/bench/bench.py tests/bench/load.py tests/bench/measure.py tests/bench/works.py
EXTRA_DIST += tests/bench/instructions.sh tests/bench/instructions.tsv tests/bench/inputs.py

# ---- fuzz ----
# tests/fuzz/X_fuzz.cc -> tests/fuzz/fuzz_X. With --enable-fuzzers they have libFuzzer's main (dev/fuzz builds and runs
# them so), otherwise that of driver.cc, which needs no clang++. tests/fuzz/targets names them for dev/fuzz and run.sh,
# and run.sh fails if one is missing there.
fuzz_targets =
if FUZZERS
fuzz_ldflags = $(AM_LDFLAGS) -fsanitize=fuzzer
fuzz_main =
else
fuzz_ldflags = $(AM_LDFLAGS)
fuzz_main = tests/fuzz/driver.cc
endif
fuzz_shared = $(fuzz_main) tests/fuzz/input.h

fuzz_targets += tests/fuzz/fuzz_options
tests_fuzz_fuzz_options_SOURCES = tests/fuzz/options_fuzz.cc $(fuzz_shared)
tests_fuzz_fuzz_options_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_options_LDADD = $(base_libs)

fuzz_targets += tests/fuzz/fuzz_text
tests_fuzz_fuzz_text_SOURCES = tests/fuzz/text_fuzz.cc $(fuzz_shared)
tests_fuzz_fuzz_text_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_text_LDADD = $(base_libs)

fuzz_targets += tests/fuzz/fuzz_filter
tests_fuzz_fuzz_filter_SOURCES = tests/fuzz/filter_fuzz.cc tests/query/bytecode_entry.h tests/query/map_lookup.h \
  $(fuzz_shared)
tests_fuzz_fuzz_filter_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_filter_LDADD = $(filter_libs)

fuzz_targets += tests/fuzz/fuzz_procfs
tests_fuzz_fuzz_procfs_SOURCES = tests/fuzz/procfs_fuzz.cc $(fuzz_shared)
tests_fuzz_fuzz_procfs_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_procfs_LDADD = src/libprocfs.a src/libquery.a src/libnames.a $(base_libs)

fuzz_targets += tests/fuzz/fuzz_diag
tests_fuzz_fuzz_diag_SOURCES = tests/fuzz/diag_fuzz.cc $(fuzz_shared)
tests_fuzz_fuzz_diag_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_diag_LDADD = src/libdiag.a src/libbpf.a src/libquery.a $(base_libs)

fuzz_targets += tests/fuzz/fuzz_capture
tests_fuzz_fuzz_capture_SOURCES = tests/fuzz/capture_fuzz.cc $(fuzz_shared)
tests_fuzz_fuzz_capture_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_capture_LDADD = src/libcollect.a src/librtnl.a src/libdiag.a src/libbpf.a src/libprocfs.a \
  src/libquery.a src/libnames.a \
  $(base_libs)

fuzz_targets += tests/fuzz/fuzz_where
tests_fuzz_fuzz_where_SOURCES = tests/fuzz/where_fuzz.cc tests/insight/sample.h $(fuzz_shared)
tests_fuzz_fuzz_where_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_where_LDADD = src/libinsight.a src/libquery.a src/librender.a src/libnames.a $(base_libs)

fuzz_targets += tests/fuzz/fuzz_names
tests_fuzz_fuzz_names_SOURCES = tests/fuzz/names_fuzz.cc $(fuzz_shared)
tests_fuzz_fuzz_names_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_names_LDADD = $(filter_libs)

fuzz_targets += tests/fuzz/fuzz_files
tests_fuzz_fuzz_files_SOURCES = tests/fuzz/files_fuzz.cc $(fuzz_shared)
tests_fuzz_fuzz_files_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_files_LDADD = src/libcollect.a src/librtnl.a src/libdiag.a src/libbpf.a src/libprocfs.a \
  src/libquery.a src/libnames.a $(base_libs)

fuzz_targets += tests/fuzz/fuzz_netlink
tests_fuzz_fuzz_netlink_SOURCES = tests/fuzz/netlink_fuzz.cc $(fuzz_shared)
tests_fuzz_fuzz_netlink_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_netlink_LDADD = src/libcollect.a src/librtnl.a src/libdiag.a src/libbpf.a src/libprocfs.a \
  src/libquery.a src/libnames.a $(base_libs)

fuzz_targets += tests/fuzz/fuzz_trace
tests_fuzz_fuzz_trace_SOURCES = tests/fuzz/trace_fuzz.cc tests/collect/trace_format_sample.h $(fuzz_shared)
tests_fuzz_fuzz_trace_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_trace_LDADD = src/libcollect.a src/librtnl.a src/libdiag.a src/libbpf.a src/libprocfs.a \
  src/libquery.a src/libnames.a $(base_libs)

fuzz_targets += tests/fuzz/fuzz_writers
tests_fuzz_fuzz_writers_SOURCES = tests/fuzz/writers_fuzz.cc tests/fuzz/output_checks.h $(fuzz_shared)
tests_fuzz_fuzz_writers_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_writers_LDADD = src/librender.a src/libnames.a $(base_libs)

fuzz_targets += tests/fuzz/fuzz_words
tests_fuzz_fuzz_words_SOURCES = tests/fuzz/words_fuzz.cc $(fuzz_shared)
tests_fuzz_fuzz_words_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_words_LDADD = $(src_archives) $(BOOST_PROGRAM_OPTIONS_LIBS)

fuzz_targets += tests/fuzz/fuzz_host
tests_fuzz_fuzz_host_SOURCES = tests/fuzz/host_fuzz.cc tests/fuzz/output_checks.h $(fuzz_shared)
tests_fuzz_fuzz_host_CPPFLAGS = $(AM_CPPFLAGS) -DDUOSTAT_FUZZ_HOST='"$(abs_top_srcdir)/tests/fuzz/host.capture"'
tests_fuzz_fuzz_host_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_host_LDADD = $(front_end_archives)

if FUZZERS
noinst_PROGRAMS += $(fuzz_targets)
else
if SANITIZERS
check_PROGRAMS += $(fuzz_targets)
else
EXTRA_PROGRAMS += $(fuzz_targets)
endif
endif
TESTS += tests/fuzz/run.sh
EXTRA_DIST += tests/fuzz/corpus tests/fuzz/host.capture tests/fuzz/make_corpus.py tests/fuzz/make_host.py
EXTRA_DIST += tests/fuzz/run.sh tests/fuzz/targets

# ---- bench, live ----
TESTS += tests/live/capabilities.py tests/live/explain_strace.sh tests/live/secure.sh tests/live/explain_cost.py
EXTRA_DIST += tests/live/socket_storage.py tests/live/capabilities.py tests/live/explain_strace.py \
  tests/live/explain_strace.sh tests/live/secure.sh tests/live/explain_cost.py
TESTS += tests/live/bench.sh
EXTRA_DIST += tests/live/bench.sh tests/live/bench_programs.sh tests/meta/performance.sh
