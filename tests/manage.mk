# SPDX-License-Identifier: BSD-3-Clause
manage_libs = ../core/libmanage.a ../core/libobject.a ../core/libschema.a \
	../core/libbase.a $(LIBXML_LIBS) $(GNUTLS_LIBS) $(LIBS) -lpthread -lm
manage_fake = unit/fake-service.c unit/fake-service.h
manage_talk = unit/talk.c unit/talk.h $(manage_fake)

manage_tests = \
	unit/test-auth \
	unit/test-http-parse \
	unit/test-operation
check_PROGRAMS += $(manage_tests) unit/fake-host
TESTS += $(manage_tests)
unit_test_auth_SOURCES = unit/test-auth.c unit/unit.h
unit_test_auth_LDADD = $(manage_libs) $(CUNIT_LIBS)
unit_test_http_parse_SOURCES = unit/test-http-parse.c unit/unit.h
unit_test_http_parse_LDADD = $(manage_libs) $(CUNIT_LIBS)
unit_test_operation_SOURCES = unit/test-operation.c unit/unit.h $(manage_talk)
unit_test_operation_LDADD = $(manage_libs) $(CUNIT_LIBS)
unit_fake_host_SOURCES = unit/fake-host.c $(manage_fake)
unit_fake_host_LDADD = $(manage_libs)

EXTRA_PROGRAMS += bench/bench-cim
bench_bench_cim_SOURCES = bench/bench-cim.c
bench_bench_cim_LDADD = -lpthread
