# SPDX-License-Identifier: BSD-3-Clause
# The extension snoop: its parts, and all of it through its descriptor.
snoop_tests = unit/test-snoop-parse unit/test-snoop-switch \
	unit/test-snoop-table unit/test-snoop-threads
snoop_flags = $(AM_CPPFLAGS) -I$(top_srcdir)/plugins/snoop \
	-I$(top_builddir)/plugins/snoop
snoop_host = unit/snoop-host.c unit/snoop-host.h unit/unit.h
snoop_libs = ../plugins/snoop/libsnoop.a ../core/libpacket.a $(CUNIT_LIBS)
check_PROGRAMS += $(snoop_tests) fuzz/fuzz-snoop
TESTS += $(snoop_tests) fuzz/corpus-snoop.sh test-snoop.sh
check_PROGRAMS += switch-group
switch_group_SOURCES = switch/group.c
EXTRA_DIST += fuzz/corpus/snoop fuzz/corpus-snoop.sh test-snoop.sh
unit_test_snoop_parse_CPPFLAGS = $(snoop_flags)
unit_test_snoop_parse_SOURCES = unit/test-snoop-parse.c $(snoop_host)
unit_test_snoop_parse_LDADD = $(snoop_libs)
unit_test_snoop_switch_CPPFLAGS = $(snoop_flags)
unit_test_snoop_switch_SOURCES = unit/test-snoop-switch.c $(snoop_host)
unit_test_snoop_switch_LDADD = $(snoop_libs)
unit_test_snoop_table_CPPFLAGS = $(snoop_flags)
unit_test_snoop_table_SOURCES = unit/test-snoop-table.c unit/unit.h
unit_test_snoop_table_LDADD = $(snoop_libs) -lpthread
unit_test_snoop_threads_CPPFLAGS = $(snoop_flags)
unit_test_snoop_threads_SOURCES = unit/test-snoop-threads.c $(snoop_host)
unit_test_snoop_threads_LDADD = $(snoop_libs) -lpthread
fuzz_fuzz_snoop_CPPFLAGS = $(snoop_flags)
fuzz_fuzz_snoop_SOURCES = fuzz/fuzz-snoop.c $(snoop_host) $(FUZZ_MAIN)
fuzz_fuzz_snoop_LDADD = ../plugins/snoop/libsnoop.a ../core/libpacket.a
fuzz_fuzz_snoop_LDFLAGS = $(FUZZ_LDFLAGS)
