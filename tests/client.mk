# SPDX-License-Identifier: BSD-3-Clause
client_libs = ../core/libclient.a ../core/libstage.a ../core/libtap.a \
	../core/libobject.a \
	../core/libschema.a ../core/libbase.a $(EXPAT_LIBS) -ldl -lm

check_PROGRAMS += unit/test-args unit/test-cim-reply unit/test-class-cache \
	unit/test-flatten unit/test-gate unit/test-http-reader unit/test-table unit/test-words
TESTS += unit/test-args unit/test-cim-reply unit/test-class-cache \
	unit/test-flatten unit/test-gate unit/test-http-reader unit/test-table unit/test-words

unit_test_args_SOURCES = unit/test-args.c
unit_test_args_LDADD = $(client_libs) $(CUNIT_LIBS)
unit_test_cim_reply_SOURCES = unit/test-cim-reply.c
unit_test_cim_reply_CFLAGS = $(AM_CFLAGS) $(EXPAT_CFLAGS)
unit_test_cim_reply_LDADD = $(client_libs) $(CUNIT_LIBS)
unit_test_class_cache_SOURCES = unit/test-class-cache.c
unit_test_class_cache_LDADD = $(client_libs) $(CUNIT_LIBS)
unit_test_flatten_SOURCES = unit/test-flatten.c
unit_test_flatten_LDADD = $(client_libs) $(CUNIT_LIBS)
unit_test_gate_SOURCES = unit/test-gate.c unit/unit.h
unit_test_gate_LDADD = $(client_libs) $(CUNIT_LIBS)
unit_test_http_reader_SOURCES = unit/test-http-reader.c
unit_test_http_reader_LDADD = $(client_libs) $(CUNIT_LIBS)
unit_test_table_SOURCES = unit/test-table.c
unit_test_table_LDADD = $(client_libs) $(CUNIT_LIBS)
unit_test_words_SOURCES = unit/test-words.c
unit_test_words_CFLAGS = $(AM_CFLAGS) $(EXPAT_CFLAGS)
unit_test_words_LDADD = $(client_libs) $(CUNIT_LIBS)

check_PROGRAMS += fuzz/fuzz-answer
TESTS += fuzz/corpus-answer.sh
fuzz_fuzz_answer_SOURCES = fuzz/fuzz-answer.c $(FUZZ_MAIN)
fuzz_fuzz_answer_CFLAGS = $(AM_CFLAGS) $(EXPAT_CFLAGS)
fuzz_fuzz_answer_LDFLAGS = $(FUZZ_LDFLAGS)
fuzz_fuzz_answer_LDADD = $(client_libs)
EXTRA_DIST += fuzz/corpus-answer.sh fuzz/corpus/answer fuzz/corpus/gate \
	fuzz/corpus/records
check_PROGRAMS += fuzz/fuzz-gate
fuzz_fuzz_gate_SOURCES = fuzz/fuzz-gate.c $(FUZZ_MAIN)
fuzz_fuzz_gate_LDFLAGS = $(FUZZ_LDFLAGS)
fuzz_fuzz_gate_LDADD = $(client_libs)
check_PROGRAMS += fuzz/fuzz-records
fuzz_fuzz_records_SOURCES = fuzz/fuzz-records.c $(FUZZ_MAIN)
fuzz_fuzz_records_LDFLAGS = $(FUZZ_LDFLAGS)
fuzz_fuzz_records_LDADD = $(client_libs)

client_scripts = test-xvsctl-usage.sh test-xvsctl-output.sh \
	test-xvsctl-shell.sh test-xvsctl-events.sh test-xvsctl-remote.sh test-xvsctl-host.sh
TESTS += $(client_scripts)
EXTRA_DIST += $(client_scripts) bench/bench-xvsctl.sh
