# SPDX-License-Identifier: BSD-3-Clause
manage_libs = ../core/libmanage.a ../core/libobject.a ../core/libschema.a \
	../core/libbase.a $(EXPAT_LIBS) $(GNUTLS_LIBS) $(LIBS) -lpthread -lm
manage_fake = unit/fake-service.c unit/fake-service.h
manage_talk = unit/talk.c unit/talk.h $(manage_fake)

manage_tests = \
	unit/test-auth \
	unit/test-http-parse \
	unit/test-metric \
	unit/test-operation \
	unit/test-pull \
	unit/test-replay \
	unit/test-resource \
	unit/test-rights \
	unit/test-stream
check_PROGRAMS += $(manage_tests) unit/fake-host
TESTS += $(manage_tests) test-wbemcli.sh test-http-hostile.sh \
	test-metrics.sh
EXTRA_DIST += test-wbemcli.sh test-http-hostile.sh test-metrics.sh

TESTS += test-web-page.sh test-web-page-vms.sh
EXTRA_DIST += test-web-page.sh test-web-page-vms.sh page/browser.py \
	page/check.py page/host.sh page/long.sh page/vms.py
# The page in a browser, more of it; with pictures=FOLDER it makes those of the
# documents.
.PHONY: page
page: $(check_PROGRAMS)
	top_srcdir=$(abs_top_srcdir) top_builddir=$(abs_top_builddir) \
		pictures=$(pictures) $(SHELL) $(srcdir)/page/long.sh
unit_test_auth_SOURCES = unit/test-auth.c unit/unit.h
unit_test_auth_LDADD = $(manage_libs) $(CUNIT_LIBS)
unit_test_http_parse_SOURCES = unit/test-http-parse.c unit/unit.h
unit_test_http_parse_LDADD = $(manage_libs) $(CUNIT_LIBS)
unit_test_metric_SOURCES = unit/test-metric.c unit/unit.h
unit_test_metric_LDADD = $(manage_libs) $(CUNIT_LIBS)
unit_test_operation_SOURCES = unit/test-operation.c unit/unit.h $(manage_talk)
unit_test_operation_LDADD = $(manage_libs) $(CUNIT_LIBS)
unit_test_pull_SOURCES = unit/test-pull.c unit/unit.h $(manage_talk)
unit_test_pull_LDADD = $(manage_libs) $(CUNIT_LIBS)
unit_test_replay_SOURCES = unit/test-replay.c unit/unit.h $(manage_talk)
unit_test_replay_LDADD = $(manage_libs) $(CUNIT_LIBS)
unit_test_resource_SOURCES = unit/test-resource.c unit/unit.h $(manage_talk)
unit_test_resource_LDADD = $(manage_libs) $(CUNIT_LIBS)
unit_test_rights_SOURCES = unit/test-rights.c unit/unit.h $(manage_talk)
unit_test_rights_LDADD = $(manage_libs) $(CUNIT_LIBS)
unit_test_stream_SOURCES = unit/test-stream.c unit/unit.h $(manage_talk)
unit_test_stream_LDADD = $(manage_libs) $(CUNIT_LIBS)
unit_fake_host_SOURCES = unit/fake-host.c $(manage_fake)
unit_fake_host_LDADD = $(manage_libs)

EXTRA_PROGRAMS += bench/bench-cim
bench_bench_cim_SOURCES = bench/bench-cim.c
bench_bench_cim_LDADD = -lpthread

check_PROGRAMS += fuzz/fuzz-http
TESTS += fuzz/corpus-http.sh
EXTRA_DIST += fuzz/corpus/http fuzz/corpus-http.sh
fuzz_fuzz_http_SOURCES = fuzz/fuzz-http.c $(manage_talk) $(FUZZ_MAIN)
fuzz_fuzz_http_LDADD = $(manage_libs)
fuzz_fuzz_http_LDFLAGS = $(FUZZ_LDFLAGS)
