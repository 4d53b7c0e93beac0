# One archive a folder: what a program or a test links is what it may know (doc/ARCHITECTURE.md, "Arrows").

noinst_LIBRARIES += src/libbase.a
src_libbase_a_SOURCES = \
  src/base/bytes.h \
  src/base/callers_rights.cc src/base/callers_rights.h \
  src/base/clock.cc src/base/clock.h \
  src/base/count.cc src/base/count.h \
  src/base/crc32.h \
  src/base/cursor.h \
  src/base/decimal.cc src/base/decimal.h \
  src/base/duration.cc src/base/duration.h \
  src/base/directory.cc src/base/directory.h \
  src/base/display_width.h \
  src/base/error.cc src/base/error.h \
  src/base/escape.h \
  src/base/fd.h \
  src/base/format.cc \
  src/base/function_ref.h \
  src/base/hex.h \
  src/base/interrupt.cc src/base/interrupt.h \
  src/base/lines.h \
  src/base/line_reader.cc src/base/line_reader.h \
  src/base/nearest.cc src/base/nearest.h \
  src/base/option_table.cc src/base/option_table.h \
  src/base/options.cc src/base/options.h \
  src/base/overloaded.h \
  src/base/output.cc src/base/output.h \
  src/base/processors.h \
  src/base/proc_dir.cc src/base/proc_dir.h \
  src/base/proc_image.cc src/base/proc_image.h \
  src/base/shared_counter.h \
  src/base/terminal_sink.cc src/base/terminal_sink.h \
  src/base/variables.cc src/base/variables.h \
  src/base/warn.cc src/base/warn.h

# model: headers only.
model_headers = \
  src/model/address.h \
  src/model/change.h \
  src/model/closed_sockets.h \
  src/model/counters.h \
  src/model/descriptor_use.h \
  src/model/fact.h \
  src/model/field.h \
  src/model/interface.h \
  src/model/listener.h \
  src/model/masquerade.h \
  src/model/network_namespace.h \
  src/model/multicast_group.h \
  src/model/owner.h \
  src/model/port_range.h \
  src/model/protocol.h \
  src/model/route.h \
  src/model/sctp_addresses.h \
  src/model/snapshot.h \
  src/model/socket.h \
  src/model/socket_event.h \
  src/model/state.h \
  src/model/state_count.h \
  src/model/subflows.h \
  src/model/summary.h \
  src/model/tcp_info.h \
  src/model/unix_name.h \
  src/model/workload.h \
  src/model/process.h

noinst_LIBRARIES += src/libnames.a
src_libnames_a_CXXFLAGS = $(cold_cxxflags)
src_libnames_a_SOURCES = $(model_headers) \
  src/names/cgroup_paths.cc src/names/cgroup_paths.h \
  src/names/common_services.cc src/names/common_services.h \
  src/names/ethertypes.h \
  src/names/lookup.cc src/names/lookup.h \
  src/names/netlink_protocols.cc src/names/netlink_protocols.h \
  src/names/map_resolver.h \
  src/names/resolver.h \
  src/names/rpc_programs.cc src/names/rpc_programs.h \
  src/names/services.cc src/names/services.h \
  src/names/users.cc src/names/users.h \
  src/names/workload.cc src/names/workload.h \
  src/names/system_resolver.cc src/names/system_resolver.h

noinst_LIBRARIES += src/libquery.a
src_libquery_a_SOURCES = \
  src/query/backend.h \
  src/query/operation.h \
  src/query/eval.cc src/query/eval.h \
  src/query/expr.cc src/query/expr.h \
  src/query/expr_tree.cc src/query/expr_tree.h \
  src/query/filter_message.cc src/query/filter_message.h \
  src/query/host_word.cc src/query/host_word.h \
  src/query/number.h \
  src/query/parser.cc src/query/parser.h \
  src/query/query.cc src/query/query.h \
  src/query/state_words.cc src/query/state_words.h \
  src/query/token.cc src/query/token.h

noinst_LIBRARIES += src/libprocfs.a
src_libprocfs_a_SOURCES = \
  src/procfs/batch.h \
  src/procfs/descriptors.cc src/procfs/descriptors.h \
  src/procfs/dev.cc src/procfs/dev.h \
  src/procfs/if_inet6.cc src/procfs/if_inet6.h \
  src/procfs/igmp.cc src/procfs/igmp.h \
  src/procfs/inet.cc src/procfs/inet.h \
  src/procfs/inode_set.h \
  src/procfs/ipv6_route.cc src/procfs/ipv6_route.h \
  src/procfs/masquerade.cc src/procfs/masquerade.h \
  src/procfs/netlink.cc src/procfs/netlink.h \
  src/procfs/owner_scanner.cc src/procfs/owner_scanner.h src/procfs/owner_table.h \
  src/procfs/owners.cc src/procfs/owners.h \
  src/procfs/packet.cc src/procfs/packet.h \
  src/procfs/process.cc src/procfs/process.h \
  src/procfs/procfs_backend.cc src/procfs/procfs_backend.h \
  src/procfs/route.cc src/procfs/route.h \
  src/procfs/sctp_tables.cc src/procfs/sctp_tables.h \
  src/procfs/snmp.cc src/procfs/snmp.h \
  src/procfs/sockstat.cc src/procfs/sockstat.h \
  src/procfs/table.cc src/procfs/table.h \
  src/procfs/task_text.cc src/procfs/task_text.h \
  src/procfs/text_file.cc src/procfs/text_file.h \
  src/procfs/unix.cc src/procfs/unix.h

noinst_LIBRARIES += src/libbpf.a
src_libbpf_a_CXXFLAGS = $(cold_cxxflags)
src_libbpf_a_SOURCES = \
  src/bpf/abi.h \
  src/bpf/btf.cc src/bpf/btf.h \
  src/bpf/call.cc src/bpf/call.h \
  src/bpf/iterator.cc src/bpf/iterator.h \
  src/bpf/kernel_types.cc src/bpf/kernel_types.h \
  src/bpf/owner_program.cc src/bpf/owner_program.h \
  src/bpf/program.cc src/bpf/program.h \
  src/bpf/ring_buffer.cc src/bpf/ring_buffer.h \
  src/bpf/state_program.cc src/bpf/state_program.h

noinst_LIBRARIES += src/libdiag.a
src_libdiag_a_SOURCES = \
  src/diag/abi.h \
  src/diag/bit_fields.h \
  src/diag/attribute_table.h \
  src/diag/bytecode.cc src/diag/bytecode.h \
  src/diag/dump_writer.cc src/diag/dump_writer.h \
  src/diag/destroy.cc src/diag/destroy.h \
  src/diag/disassemble.cc src/diag/disassemble.h \
  src/diag/diag_backend.cc src/diag/diag_backend.h \
  src/diag/dump.cc src/diag/dump.h \
  src/diag/events.cc src/diag/events.h \
  src/diag/held_answer.cc src/diag/held_answer.h \
  src/diag/inet.cc src/diag/inet.h \
  src/diag/inet_attributes.cc \
  src/diag/inet_dump.cc \
  src/diag/inet_reader.cc src/diag/inet_reader.h \
  src/diag/inet_requests.cc src/diag/inet_requests.h \
  src/diag/message.cc src/diag/message.h \
  src/diag/netlink.cc src/diag/netlink.h \
  src/diag/packet.cc src/diag/packet.h \
  src/diag/bench_dump.cc src/diag/bench_dump.h \
  src/diag/read_ahead.cc src/diag/read_ahead.h \
  src/diag/replay.cc src/diag/replay.h \
  src/diag/socket_storage.cc src/diag/socket_storage.h src/diag/storage_abi.h \
  src/diag/tipc.cc src/diag/tipc.h \
  src/diag/transport.cc src/diag/transport.h \
  src/diag/unix.cc src/diag/unix.h \
  src/diag/vsock.cc src/diag/vsock.h \
  src/diag/wide_protocol.cc src/diag/wide_protocol.h \
  src/diag/xdp.cc src/diag/xdp.h

noinst_LIBRARIES += src/librtnl.a
src_librtnl_a_CXXFLAGS = $(cold_cxxflags)
src_librtnl_a_SOURCES = \
  src/rtnl/abi.h \
  src/rtnl/dump.cc src/rtnl/dump.h \
  src/rtnl/interface_query.cc src/rtnl/interface_query.h \
  src/rtnl/links.cc src/rtnl/links.h \
  src/rtnl/namespace_ids.cc src/rtnl/namespace_ids.h \
  src/rtnl/routes.cc src/rtnl/routes.h

noinst_LIBRARIES += src/libcollect.a
src_libcollect_a_CXXFLAGS = $(cold_cxxflags)
src_libcollect_a_SOURCES = \
  src/collect/backends.cc src/collect/backends.h \
  src/collect/closed_sockets.cc src/collect/closed_sockets.h \
  src/collect/collect.cc src/collect/collect.h \
  src/collect/environment.h \
  src/collect/facts.cc src/collect/facts.h \
  src/collect/follow.cc src/collect/follow.h \
  src/collect/follow_bpf.cc \
  src/collect/follow_destroy.cc \
  src/collect/follow_perf.cc src/collect/perf_abi.h \
  src/collect/follow_poll.cc \
  src/collect/follow_tracefs.cc \
  src/collect/perf_records.cc src/collect/perf_records.h \
  src/collect/state_tracker.cc src/collect/state_tracker.h \
  src/collect/host.cc src/collect/host.h \
  src/collect/listeners.cc src/collect/listeners.h \
  src/collect/owners.cc src/collect/owners.h \
  src/collect/namespaces.cc src/collect/namespaces.h src/collect/namespaces_found.cc \
  src/collect/namespaces_named.cc src/collect/each_namespace.cc src/collect/each_namespace.h \
  src/collect/each_place.cc src/collect/each_place.h src/collect/each_host.cc src/collect/each_host.h \
  src/collect/recorded_hosts.cc src/collect/recorded_hosts.h \
  src/collect/seen_rows.cc src/collect/seen_rows.h \
  src/collect/time_merge.h \
  src/collect/trace_format.cc src/collect/trace_format.h \
  src/collect/trace_fs.cc src/collect/trace_fs.h \
  src/collect/trace_instance.cc src/collect/trace_instance.h \
  src/collect/trace_page.cc src/collect/trace_page.h \
  src/collect/trace_source.h \
  src/collect/unix_counts.cc src/collect/unix_counts.h \
  src/collect/derived_environment.h src/collect/dry_run.h

# Captures: recording a host, and showing a recorded one.
src_libcollect_a_SOURCES += \
  src/collect/capture_directory.cc src/collect/capture_directory.h \
  src/collect/capture_format.cc src/collect/capture_format.h \
  src/collect/capture_host.cc src/collect/capture_host.h \
  src/collect/capture_names.cc \
  src/collect/capture_summary.h \
  src/collect/capture_netlink.cc \
  src/collect/capture_proc.cc \
  src/collect/recorded_host.cc src/collect/recorded_host.h \
  src/collect/recorded_names.cc \
  src/collect/recorded_request.cc src/collect/recorded_request.h \
  src/collect/recorded_transport.cc \
  src/collect/capture_parts.h \
  src/collect/recording.cc src/collect/recording.h \
  src/collect/shown_host.cc src/collect/shown_host.h \
  src/collect/snapshot.cc src/collect/snapshot.h \
  src/collect/sockets.cc src/collect/sockets.h \
  src/collect/state_counts.cc src/collect/state_counts.h \
  src/collect/dump_reader.cc

noinst_LIBRARIES += src/librender.a
src_librender_a_SOURCES = \
  src/render/address.cc src/render/address.h \
  src/render/exposition.cc src/render/exposition.h \
  src/render/html.cc src/render/html.h src/render/html_style.h \
  src/render/json.cc src/render/json.h \
  src/render/interface_columns.cc \
  src/render/listener_columns.cc \
  src/render/namespace_json.cc src/render/namespace_json.h \
  src/render/placed.h \
  src/render/record.h src/render/record_parts.h \
  src/render/record_columns.cc \
  src/render/record_json.cc src/render/record_json.h \
  src/render/route_columns.cc \
  src/render/state_columns.cc \
  src/render/column.cc src/render/column.h src/render/column_parts.h \
  src/render/change_columns.cc \
  src/render/event_columns.cc \
  src/render/family_columns.cc src/render/tcp_columns.cc src/render/transport_columns.cc \
  src/render/svg.cc src/render/svg.h \
  src/render/table.cc src/render/table.h \
  src/render/value.cc src/render/value.h

noinst_LIBRARIES += src/libinsight.a
src_libinsight_a_CXXFLAGS = $(cold_cxxflags)
src_libinsight_a_SOURCES = \
  src/insight/address_text.cc src/insight/address_text.h \
  src/insight/audit.cc src/insight/audit.h \
  src/insight/baseline.cc src/insight/baseline.h \
  src/insight/changes.cc src/insight/changes.h \
  src/insight/fact_check.h \
  src/insight/finding.cc src/insight/finding.h \
  src/insight/group.cc src/insight/group.h \
  src/insight/look_observer.h \
  src/insight/meanings.cc src/insight/meanings.h src/insight/number_meanings.cc \
  src/insight/metrics.cc src/insight/metrics.h \
  src/insight/order.cc src/insight/order.h \
  src/insight/port_use.cc src/insight/port_use.h \
  src/insight/rates.cc src/insight/rates.h \
  src/insight/rule.cc src/insight/rule.h \
  src/insight/rules.cc src/insight/rules.h \
  src/insight/rule_parts.cc src/insight/rule_parts.h \
  src/insight/rules_accept.cc \
  src/insight/rules_counters.cc \
  src/insight/rules_host.cc \
  src/insight/rules_listen.cc \
  src/insight/rules_loss.cc \
  src/insight/rules_ports.cc \
  src/insight/rules_process.cc \
  src/insight/rules_tcp_peer.cc \
  src/insight/rules_tcp_queue.cc \
  src/insight/socket_tally.cc src/insight/socket_tally.h \
  src/insight/stored_socket.cc src/insight/stored_socket.h \
  src/insight/totals.cc src/insight/totals.h \
  src/insight/value_words.cc src/insight/value_words.h \
  src/insight/where.cc src/insight/where.h \
  src/insight/where_lexer.cc src/insight/where_lexer.h \
  src/insight/where_parser.cc \
  src/insight/where_values.cc src/insight/where_values.h

noinst_LIBRARIES += src/libview.a
src_libview_a_SOURCES = \
  src/view/ended_connections.cc src/view/ended_connections.h \
  src/view/fail_if.cc src/view/fail_if.h \
  src/view/finding_columns.cc src/view/finding_columns.h \
  src/view/group_view.cc src/view/group_view.h \
  src/view/json_document.cc src/view/json_document.h \
  src/view/json_lines.cc src/view/json_lines.h \
  src/view/ownerless.cc src/view/ownerless.h \
  src/view/process_holders.h \
  src/view/record_view.cc src/view/record_view.h \
  src/view/row_keys.cc src/view/row_keys.h \
  src/view/since.cc src/view/since.h \
  src/view/row_sink.h \
  src/view/host_context.cc src/view/host_context.h \
  src/view/socket_view.cc src/view/socket_view.h \
  src/view/unknown_owners.cc src/view/unknown_owners.h \
  src/view/view_plan.cc src/view/view_plan.h \
  src/view/view_request.h \
  src/view/view_rule.cc src/view/view_rule.h \
  src/view/watch.cc src/view/watch.h \
  src/view/watch_keys.cc src/view/watch_keys.h \
  src/view/watch_screen.cc src/view/watch_screen.h \
  src/view/watch_session.cc src/view/watch_session.h \
  src/view/watch_terminal.cc src/view/watch_terminal.h \
  src/view/watched_rows.cc src/view/watched_rows.h

noinst_LIBRARIES += src/libcommand.a
src_libcommand_a_CXXFLAGS = $(cold_cxxflags)
src_libcommand_a_SOURCES = \
  src/command/audit.cc src/command/audit.h \
  src/command/audit_run.cc src/command/audit_run.h \
  src/command/audit_settings.cc src/command/audit_settings.h \
  src/command/audit_text.cc src/command/audit_text.h \
  src/command/baseline_file.cc src/command/baseline_file.h \
  src/command/capture.cc src/command/capture.h \
  src/command/capture_ring.cc src/command/capture_ring.h \
  src/command/closed_report.cc src/command/closed_report.h \
  src/command/command.cc src/command/command.h \
  src/command/everywhere.cc src/command/everywhere.h \
  src/command/diff.cc src/command/diff.h \
  src/command/events.cc src/command/events.h \
  src/command/event_output.cc src/command/event_output.h \
  src/command/guard.cc src/command/guard.h \
  src/command/listen.cc src/command/listen.h \
  src/command/listener_text.cc src/command/listener_text.h \
  src/command/metrics.cc src/command/metrics.h \
  src/command/new_file.cc src/command/new_file.h \
  src/command/report.cc src/command/report.h \
  src/command/report_data.cc src/command/report_data.h \
  src/command/report_html.cc \
  src/command/report_text.cc src/command/report_text.h \
  src/command/scaffold.cc src/command/scaffold.h \
  src/command/socket_choice.cc src/command/socket_choice.h \
  src/command/state_rows.cc src/command/state_rows.h \
  src/command/schema.cc src/command/schema.h \
  src/command/states.cc src/command/states.h \
  src/command/text_table.cc src/command/text_table.h \
  src/command/user_file.cc src/command/user_file.h \
  src/command/wait.cc src/command/wait.h

noinst_LIBRARIES += src/libbench.a
src_libbench_a_CXXFLAGS = $(cold_cxxflags)
src_libbench_a_SOURCES = \
  src/bench/bench.cc src/bench/bench.h \
  src/bench/child.cc src/bench/child.h \
  src/bench/churn.cc src/bench/churn.h \
  src/bench/generator.cc src/bench/generator.h \
  src/bench/loopback.h \
  src/bench/machine.cc src/bench/machine.h \
  src/bench/measure.cc src/bench/measure.h \
  src/bench/processor_time.h \
  src/bench/programs.cc src/bench/programs.h \
  src/bench/reading.cc src/bench/reading.h \
  src/bench/result.h \
  src/bench/statistics.cc src/bench/statistics.h \
  src/bench/text.cc src/bench/text.h \
  src/bench/work.cc src/bench/work.h \
  src/bench/write_html.cc src/bench/write_html.h \
  src/bench/write.h src/bench/write_csv.cc src/bench/write_json.cc
