# SPDX-License-Identifier: BSD-3-Clause
marshal_libs = ../core/libmarshal.a ../core/libobject.a ../core/libschema.a \
	../core/libbase.a $(EXPAT_LIBS) $(LIBFFI_LIBS) -lm
marshal_schema = unit/marshal-schema.c unit/marshal-schema.h
marshal_tests = \
	unit/test-marshal-block \
	unit/test-marshal-call \
	unit/test-marshal-layout \
	unit/test-marshal-oid \
	unit/test-marshal-random
check_PROGRAMS += $(marshal_tests)
TESTS += $(marshal_tests)
unit_test_marshal_block_SOURCES = unit/test-marshal-block.c $(marshal_schema)
unit_test_marshal_block_LDADD = $(marshal_libs) $(CUNIT_LIBS)
unit_test_marshal_call_SOURCES = unit/test-marshal-call.c $(marshal_schema)
unit_test_marshal_call_LDADD = $(marshal_libs) $(CUNIT_LIBS)
unit_test_marshal_layout_SOURCES = unit/test-marshal-layout.c \
	$(marshal_schema)
unit_test_marshal_layout_LDADD = $(marshal_libs) $(CUNIT_LIBS)
unit_test_marshal_oid_SOURCES = unit/test-marshal-oid.c unit/unit.h
unit_test_marshal_oid_LDADD = ../core/libmarshal.a ../core/libbase.a \
	$(CUNIT_LIBS)
unit_test_marshal_random_SOURCES = unit/test-marshal-random.c \
	$(marshal_schema)
unit_test_marshal_random_LDADD = $(marshal_libs) $(CUNIT_LIBS)

marshal_fuzz = fuzz/fuzz-block fuzz/fuzz-layout fuzz/fuzz-oid
check_PROGRAMS += $(marshal_fuzz)
TESTS += fuzz/corpus-marshal.sh
EXTRA_DIST += fuzz/corpus-marshal.sh fuzz/corpus/block fuzz/corpus/layout \
	fuzz/corpus/oid
fuzz_fuzz_block_SOURCES = fuzz/fuzz-block.c $(marshal_schema) $(FUZZ_MAIN)
fuzz_fuzz_block_LDADD = $(marshal_libs)
fuzz_fuzz_block_LDFLAGS = $(FUZZ_LDFLAGS)
# These two run in xvs-switch, which has neither schemas nor objects.
fuzz_fuzz_layout_SOURCES = fuzz/fuzz-layout.c $(FUZZ_MAIN)
fuzz_fuzz_layout_LDADD = ../core/libmarshal.a ../core/libbase.a
fuzz_fuzz_layout_LDFLAGS = $(FUZZ_LDFLAGS)
fuzz_fuzz_oid_SOURCES = fuzz/fuzz-oid.c $(FUZZ_MAIN)
fuzz_fuzz_oid_LDADD = ../core/libmarshal.a ../core/libbase.a
fuzz_fuzz_oid_LDFLAGS = $(FUZZ_LDFLAGS)

# "make bench"; the other half of the comparison only where it is installed.
EXTRA_PROGRAMS += bench/bench-marshal
EXTRA_DIST += bench/marshal.proto
bench_bench_marshal_SOURCES = bench/bench-marshal.c $(marshal_schema)
bench_bench_marshal_CPPFLAGS = $(AM_CPPFLAGS)
bench_bench_marshal_LDADD = $(marshal_libs)
if HAVE_PROTOBUF_C
nodist_bench_bench_marshal_SOURCES = bench/marshal.pb-c.c bench/marshal.pb-c.h
bench_bench_marshal_CPPFLAGS += -DHAVE_PROTOBUF_C -I. $(PROTOBUF_C_CFLAGS)
bench_bench_marshal_LDADD += $(PROTOBUF_C_LIBS)
CLEANFILES += bench/marshal.pb-c.c bench/marshal.pb-c.h
bench/marshal.pb-c.c: $(srcdir)/bench/marshal.proto
	$(AM_V_GEN)$(MKDIR_P) bench && $(PROTOC_C) -I $(srcdir) \
		--c_out=. bench/marshal.proto
bench/marshal.pb-c.h: bench/marshal.pb-c.c
bench/bench_marshal-bench-marshal.$(OBJEXT): bench/marshal.pb-c.h
endif
