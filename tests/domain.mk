# SPDX-License-Identifier: BSD-3-Clause

# Protection domains: what may come into them.
domain_unit = unit/test-heap unit/test-image unit/test-scan
check_PROGRAMS += $(domain_unit) fuzz/fuzz-scan
domain_scripts = test-scan.sh test-domain.sh test-domain-matrix.sh \
	test-no-domain.sh
TESTS += $(domain_unit) fuzz/corpus-scan.sh $(domain_scripts)
EXTRA_DIST += fuzz/corpus-scan.sh fuzz/corpus/scan $(domain_scripts) \
	lab/domain.sh
check_PROGRAMS += plugins/fault-open.so
plugins_fault_open_so_SOURCES = plugins/fault.c
plugins_fault_open_so_CFLAGS = $(plugin_cflags) -DFAULT_NAME='"fault-open"' \
	-DFAULT_ID=0x7e570041 -DFAULT_POLICY=XVS_FAIL_OPEN
plugins_fault_open_so_LDFLAGS = -shared
check_PROGRAMS += plugins/fault-last.so
plugins_fault_last_so_SOURCES = plugins/fault.c
plugins_fault_last_so_CFLAGS = $(plugin_cflags) -DFAULT_NAME='"fault-last"' \
	-DFAULT_ID=0x7e57004b -DFAULT_POLICY=XVS_FAIL_OPEN -DFAULT_LAST=1
plugins_fault_last_so_LDFLAGS = -shared
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

# Two signals at once, run in a guest by test-domain-matrix.sh.
check_PROGRAMS += gate-flood
gate_flood_SOURCES = gate-flood.c
gate_flood_LDADD = ../core/libstage.a ../core/libbase.a -lpthread

# Whether the fault matrix finds what it is there to find in domains.
EXTRA_DIST += mutants-domain.sh
.PHONY: mutants-domain
mutants: mutants-domain
mutants-domain: $(check_PROGRAMS)
	compile='$(COMPILE)' link='$(LINK)' \
		switch_libs='$(keep_switch_libs) $(LIBS)' \
		top_srcdir='$(abs_top_srcdir)' \
		top_builddir='$(abs_top_builddir)' $(srcdir)/mutants-domain.sh \
		|| test $$? = 77

# The faults of test-domain.sh again and again, for minutes.
.PHONY: domain-soak
domain-soak: $(check_PROGRAMS)
	top_srcdir=$(top_srcdir) top_builddir=$(abs_top_builddir) \
		DOMAIN_ROUNDS=$${DOMAIN_ROUNDS:-20} sh $(srcdir)/test-domain.sh
