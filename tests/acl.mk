# SPDX-License-Identifier: BSD-3-Clause
# The extension acl, through its descriptor.
acl_tests = unit/test-acl-classify unit/test-acl-connections \
	unit/test-acl-flows unit/test-acl-rules unit/test-acl-threads
acl_flags = $(AM_CPPFLAGS) -I$(top_srcdir)/plugins/acl \
	-I$(top_builddir)/plugins/acl
acl_host = unit/acl-host.c unit/acl-host.h unit/unit.h
acl_libs = ../plugins/acl/libacl.a ../core/libpacket.a $(CUNIT_LIBS)
check_PROGRAMS += $(acl_tests)
TESTS += $(acl_tests) test-acl.sh
EXTRA_DIST += test-acl.sh
acl_linear = unit/acl-linear.c unit/acl-linear.h
unit_test_acl_classify_CPPFLAGS = $(acl_flags)
unit_test_acl_classify_SOURCES = unit/test-acl-classify.c $(acl_linear) unit/unit.h
unit_test_acl_classify_LDADD = $(acl_libs)
unit_test_acl_connections_CPPFLAGS = $(acl_flags)
unit_test_acl_connections_SOURCES = unit/test-acl-connections.c $(acl_host)
unit_test_acl_connections_LDADD = $(acl_libs)
unit_test_acl_flows_CPPFLAGS = $(acl_flags)
unit_test_acl_flows_SOURCES = unit/test-acl-flows.c $(acl_host)
unit_test_acl_flows_LDADD = $(acl_libs)
unit_test_acl_rules_CPPFLAGS = $(acl_flags)
unit_test_acl_rules_SOURCES = unit/test-acl-rules.c $(acl_host)
unit_test_acl_rules_LDADD = $(acl_libs)
unit_test_acl_threads_CPPFLAGS = $(acl_flags)
unit_test_acl_threads_SOURCES = unit/test-acl-threads.c $(acl_host)
unit_test_acl_threads_LDADD = $(acl_libs) -lpthread
check_PROGRAMS += fuzz/fuzz-acl
TESTS += fuzz/corpus-acl.sh
EXTRA_DIST += fuzz/corpus/acl fuzz/corpus-acl.sh
fuzz_fuzz_acl_CPPFLAGS = $(acl_flags)
fuzz_fuzz_acl_SOURCES = fuzz/fuzz-acl.c $(acl_host) $(acl_linear) $(FUZZ_MAIN)
fuzz_fuzz_acl_LDADD = ../plugins/acl/libacl.a ../core/libpacket.a
fuzz_fuzz_acl_LDFLAGS = $(FUZZ_LDFLAGS)
