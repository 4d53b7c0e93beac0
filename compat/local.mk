# The program. compat may include everything in src; src never includes compat.

# The names that --program-prefix and --program-suffix make of ours.
installed_names = -DDUOSTAT_INSTALLED_AS="\"`echo duostat | sed '$(transform)'`\"" \
  -DDUOSTAT_SS_INSTALLED_AS="\"`echo ss | sed '$(transform)'`\"" \
  -DDUOSTAT_NETSTAT_INSTALLED_AS="\"`echo netstat | sed '$(transform)'`\"" \
  -DDUOSTAT_LEGACY_LINKS=$(LEGACY_LINKS_NUMBER)

# Shared by the front ends.
noinst_LIBRARIES += compat/libcompat.a
compat_libcompat_a_SOURCES = \
  compat/frontend.cc compat/frontend.h \
  compat/view_rules.cc compat/view_rules.h

noinst_LIBRARIES += compat/libss.a
compat_libss_a_SOURCES = \
  compat/ss/bpf_storages.cc compat/ss/bpf_storages.h \
  compat/ss/btf_declaration.cc compat/ss/btf_declaration.h \
  compat/ss/btf_text.cc compat/ss/btf_text.h \
  compat/ss/details.cc compat/ss/details.h \
  compat/ss/events.cc compat/ss/events.h \
  compat/ss/filter_errors.cc compat/ss/filter_errors.h \
  compat/ss/filter_file.cc compat/ss/filter_file.h \
  compat/ss/screen.cc compat/ss/screen.h \
  compat/ss/kill.cc compat/ss/kill.h \
  compat/ss/labels.cc compat/ss/labels.h \
  compat/ss/layout.cc compat/ss/layout.h \
  compat/ss/host_view.cc compat/ss/host_view.h \
  compat/ss/listing.cc compat/ss/listing.h \
  compat/ss/local_details.cc \
  compat/ss/preparation.cc compat/ss/preparation.h \
  compat/ss/number_word.h \
  compat/ss/operands.cc compat/ss/operands.h \
  compat/ss/options.cc compat/ss/options.h \
  compat/ss/piece.h \
  compat/ss/report.cc compat/ss/report.h \
  compat/ss/row.cc compat/ss/row.h \
  compat/ss/ss.cc \
  compat/ss/statuses.h \
  compat/ss/summary.cc compat/ss/summary.h \
  compat/ss/tables.h \
  compat/ss/tcp_details.cc \
  compat/ss/transport_details.cc \
  compat/ss/ulp.cc compat/ss/ulp.h \
  compat/ss/view.h

noinst_LIBRARIES += compat/libnetstat.a
compat_libnetstat_a_CXXFLAGS = $(cold_cxxflags)
compat_libnetstat_a_SOURCES = \
  compat/netstat/bogus.cc compat/netstat/bogus.h \
  compat/netstat/cells.h \
  compat/netstat/delta.cc compat/netstat/delta.h \
  compat/netstat/endpoint.cc compat/netstat/endpoint.h \
  compat/netstat/everywhere.cc compat/netstat/everywhere.h \
  compat/netstat/groups.cc compat/netstat/groups.h \
  compat/netstat/interface_details.cc compat/netstat/interface_details.h \
  compat/netstat/interfaces.cc compat/netstat/interfaces.h \
  compat/netstat/listing.cc compat/netstat/listing.h \
  compat/netstat/either_source.h \
  compat/netstat/mode_view.cc compat/netstat/mode_view.h \
  compat/netstat/route_source.cc compat/netstat/route_source.h \
  compat/netstat/masquerade.cc compat/netstat/masquerade.h \
  compat/netstat/netstat.cc \
  compat/netstat/lazy_programs.h compat/netstat/place_cells.h \
  compat/netstat/options.cc compat/netstat/options.h \
  compat/netstat/programs.cc compat/netstat/programs.h \
  compat/netstat/rare_families.cc compat/netstat/rare_families.h \
  compat/netstat/rare_routes.cc compat/netstat/rare_routes.h \
  compat/netstat/rare_tables.cc compat/netstat/rare_tables.h \
  compat/netstat/routes.cc compat/netstat/routes.h \
  compat/netstat/row.h \
  compat/netstat/sctp_table.cc compat/netstat/sctp_table.h \
  compat/netstat/selection.cc compat/netstat/selection.h \
  compat/netstat/sockets_table.cc compat/netstat/sockets_table.h \
  compat/netstat/statistics.cc compat/netstat/statistics.h \
  compat/netstat/statistics_labels.cc compat/netstat/statistics_labels.h \
  compat/netstat/statuses.h \
  compat/netstat/unix_table.cc compat/netstat/unix_table.h \
  compat/netstat/words.cc compat/netstat/words.h

# Commands of ours that run a front end.
noinst_LIBRARIES += compat/libexplain.a
compat_libexplain_a_CXXFLAGS = $(cold_cxxflags)
compat_libexplain_a_SOURCES = compat/native/commands.h \
  compat/native/conclusions.cc \
  compat/native/cost.cc \
  compat/native/explain.cc compat/native/explain.h \
  compat/native/explain_json.cc \
  compat/native/explain_text.cc \
  compat/native/page.cc compat/native/page.h \
  compat/native/plan.h \
  compat/native/plan_recorder.cc compat/native/plan_recorder.h \
  compat/native/request_terms.cc compat/native/request_terms.h \
  compat/native/shell_words.h \
  compat/native/samples.cc compat/native/samples.h

noinst_LIBRARIES += compat/libbench.a
compat_libbench_a_CXXFLAGS = $(cold_cxxflags)
compat_libbench_a_SOURCES = \
  compat/native/bench.cc \
  compat/native/bench_options.cc compat/native/bench_options.h

# Reads the tables of options of every front end.
noinst_LIBRARIES += compat/libcompletion.a
compat_libcompletion_a_CXXFLAGS = $(cold_cxxflags)
compat_libcompletion_a_SOURCES = \
  compat/native/commands.cc \
  compat/native/completion.cc compat/native/completion_fish.cc compat/native/completion_scripts.cc \
  compat/native/completion_words.cc compat/native/completion_words.h
compat_libcompletion_a_CPPFLAGS = $(AM_CPPFLAGS) $(installed_names)

noinst_LIBRARIES += compat/libss2.a
compat_libss2_a_CXXFLAGS = $(cold_cxxflags)
compat_libss2_a_SOURCES = \
  compat/ss2/document.cc compat/ss2/document.h \
  compat/ss2/user_contexts.cc compat/ss2/user_contexts.h \
  compat/ss2/options.cc compat/ss2/options.h \
  compat/ss2/ss2.cc \
  compat/ss2/tcp_info.cc compat/ss2/tcp_info.h

# In the order in which the linker needs them: a folder before those it may include.
src_archives = src/libcommand.a src/libview.a src/libbench.a src/libinsight.a src/librender.a src/libcollect.a \
  src/librtnl.a src/libdiag.a src/libbpf.a src/libprocfs.a src/libquery.a src/libnames.a src/libbase.a

# Installed by the rules below, which look before they replace.
noinst_PROGRAMS += duostat
duostat_SOURCES = compat/main.cc
duostat_CPPFLAGS = $(AM_CPPFLAGS) -DDUOSTAT_OWNERS_DEFAULT='"$(OWNERS_DEFAULT)"' \
  -DDUOSTAT_BUILTIN_SERVICES=$(BUILTIN_SERVICES) \
  $(installed_names)
front_end_archives = compat/libcompletion.a compat/libexplain.a compat/libbench.a compat/libss.a compat/libnetstat.a \
  compat/libss2.a \
  compat/libcompat.a $(src_archives) $(BOOST_PROGRAM_OPTIONS_LIBS)
duostat_LDADD = $(front_end_archives)
duostat_LDFLAGS = $(AM_LDFLAGS) $(PROGRAM_LDFLAGS)

if LEGACY_LINKS
legacy = yes
else
legacy = no
endif
# Where these shells look for completion scripts of packages; packages may set them.
bashcompdir = $(datadir)/bash-completion/completions
zshcompdir = $(datadir)/zsh/site-functions
fishcompdir = $(datadir)/fish/vendor_completions.d
place = DESTDIR='$(DESTDIR)' bindir='$(bindir)' mandir='$(mandir)' docdir='$(docdir)' bashcompdir='$(bashcompdir)' \
  zshcompdir='$(zshcompdir)' fishcompdir='$(fishcompdir)' transform='$(transform)' legacy=$(legacy) \
  top_srcdir='$(srcdir)' EXEEXT='$(EXEEXT)' INSTALL_PROGRAM='$(INSTALL_PROGRAM)' INSTALL_DATA='$(INSTALL_DATA)' \
  MKDIR_P='$(MKDIR_P)' $(SHELL) '$(srcdir)/compat/place.sh'

# Before the first file is copied, in parallel runs too.
check-install-places:
	@$(place) check
.PHONY: check-install-places

install-exec-local: duostat$(EXEEXT) check-install-places
	$(place) program
install-data-local: duostat$(EXEEXT) check-install-places
	$(place) pages
	$(place) completions
	$(place) documents
uninstall-local:
	$(place) uninstall
installdirs-local:
	$(MKDIR_P) '$(DESTDIR)$(bindir)' '$(DESTDIR)$(mandir)/man1' '$(DESTDIR)$(mandir)/man8'

EXTRA_DIST += compat/place.sh
EXTRA_DIST += compat/README.md
