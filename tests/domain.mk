# SPDX-License-Identifier: BSD-3-Clause

# Protection domains: what may come into them.
domain_unit = unit/test-heap unit/test-image unit/test-scan
check_PROGRAMS += $(domain_unit) fuzz/fuzz-scan
TESTS += $(domain_unit) fuzz/corpus-scan.sh test-scan.sh test-domain.sh \
	test-no-domain.sh
EXTRA_DIST += fuzz/corpus-scan.sh fuzz/corpus/scan test-scan.sh \
	test-domain.sh test-no-domain.sh lab/domain.sh
check_PROGRAMS += plugins/fault-open.so
plugins_fault_open_so_SOURCES = plugins/fault.c
plugins_fault_open_so_CFLAGS = $(plugin_cflags) -DFAULT_NAME='"fault-open"' \
	-DFAULT_ID=0x7e570041 -DFAULT_POLICY=XVS_FAIL_OPEN
plugins_fault_open_so_LDFLAGS = -shared
domain_scan = unit/elf-file.c unit/elf-file.h
unit_test_heap_SOURCES = unit/test-heap.c unit/unit.h
unit_test_heap_LDADD = ../core/libstage.a ../core/libbase.a $(CUNIT_LIBS) \
	-lpthread
unit_test_image_SOURCES = unit/test-image.c unit/unit.h
unit_test_image_LDADD = ../core/libstage.a ../core/libtap.a ../core/libport.a \
	../core/libcontrol.a ../core/libmarshal.a ../core/libpacket.a \
	../core/libbase.a $(URCU_LIBS) $(LIBFFI_LIBS) $(PCAP_LIBS) \
	$(CUNIT_LIBS) -ldl -lpthread
unit_test_scan_SOURCES = unit/test-scan.c $(domain_scan) unit/unit.h
unit_test_scan_LDADD = ../core/libstage.a ../core/libbase.a $(CUNIT_LIBS)
fuzz_fuzz_scan_SOURCES = fuzz/fuzz-scan.c $(FUZZ_MAIN)
fuzz_fuzz_scan_LDADD = ../core/libstage.a ../core/libbase.a
fuzz_fuzz_scan_LDFLAGS = $(FUZZ_LDFLAGS)

# The faults of test-domain.sh again and again, for minutes.
.PHONY: domain-soak
domain-soak: $(check_PROGRAMS)
	top_srcdir=$(top_srcdir) top_builddir=$(abs_top_builddir) \
		DOMAIN_ROUNDS=$${DOMAIN_ROUNDS:-20} sh $(srcdir)/test-domain.sh
