# SPDX-License-Identifier: BSD-3-Clause

# Protection domains: what may come into them.
domain_unit = unit/test-heap unit/test-scan
check_PROGRAMS += $(domain_unit) fuzz/fuzz-scan
TESTS += $(domain_unit) fuzz/corpus-scan.sh test-scan.sh
EXTRA_DIST += fuzz/corpus-scan.sh fuzz/corpus/scan test-scan.sh
domain_scan = unit/elf-file.c unit/elf-file.h
unit_test_heap_SOURCES = unit/test-heap.c unit/unit.h
unit_test_heap_LDADD = ../core/libstage.a ../core/libbase.a $(CUNIT_LIBS) \
	-lpthread
unit_test_scan_SOURCES = unit/test-scan.c $(domain_scan) unit/unit.h
unit_test_scan_LDADD = ../core/libstage.a ../core/libbase.a $(CUNIT_LIBS)
fuzz_fuzz_scan_SOURCES = fuzz/fuzz-scan.c $(FUZZ_MAIN)
fuzz_fuzz_scan_LDADD = ../core/libstage.a ../core/libbase.a
fuzz_fuzz_scan_LDFLAGS = $(FUZZ_LDFLAGS)
