# SPDX-License-Identifier: BSD-3-Clause
# The extension guard, through its descriptor and through the daemons.
guard_tests = unit/test-guard-frames unit/test-guard-state \
	unit/test-guard-threads
guard_flags = $(AM_CPPFLAGS) -I$(top_srcdir)/plugins/guard \
	-I$(top_builddir)/plugins/guard
guard_host = unit/guard-host.c unit/guard-host.h unit/unit.h
guard_libs = ../plugins/guard/libguard.a ../core/libpacket.a $(CUNIT_LIBS)
check_PROGRAMS += $(guard_tests)
TESTS += $(guard_tests) test-guard.sh
EXTRA_DIST += test-guard.sh
unit_test_guard_frames_CPPFLAGS = $(guard_flags)
unit_test_guard_frames_SOURCES = unit/test-guard-frames.c $(guard_host)
unit_test_guard_frames_LDADD = $(guard_libs)
unit_test_guard_state_CPPFLAGS = $(guard_flags)
unit_test_guard_state_SOURCES = unit/test-guard-state.c $(guard_host)
unit_test_guard_state_LDADD = $(guard_libs)
unit_test_guard_threads_CPPFLAGS = $(guard_flags)
unit_test_guard_threads_SOURCES = unit/test-guard-threads.c $(guard_host)
unit_test_guard_threads_LDADD = $(guard_libs) -lpthread
EXTRA_PROGRAMS += bench/bench-guard
bench_bench_guard_CPPFLAGS = $(guard_flags)
bench_bench_guard_SOURCES = bench/bench-guard.c unit/guard-host.c \
	unit/guard-host.h
bench_bench_guard_LDADD = ../plugins/guard/libguard.a ../core/libpacket.a
check_PROGRAMS += fuzz/fuzz-guard
TESTS += fuzz/corpus-guard.sh
EXTRA_DIST += fuzz/corpus/guard fuzz/corpus-guard.sh
fuzz_fuzz_guard_CPPFLAGS = $(guard_flags)
fuzz_fuzz_guard_SOURCES = fuzz/fuzz-guard.c $(guard_host) $(FUZZ_MAIN)
fuzz_fuzz_guard_LDADD = ../plugins/guard/libguard.a ../core/libpacket.a
fuzz_fuzz_guard_LDFLAGS = $(FUZZ_LDFLAGS)
