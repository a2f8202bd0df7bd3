# SPDX-License-Identifier: BSD-3-Clause

# Partitions: stages in processes of their own.
partition_unit = unit/test-copies unit/test-flight unit/test-lanes \
	unit/test-partners
check_PROGRAMS += $(partition_unit)
TESTS += $(partition_unit)
unit_test_copies_SOURCES = unit/test-copies.c unit/unit.h
unit_test_copies_LDADD = $(unit_test_lanes_LDADD)
unit_test_flight_SOURCES = unit/test-flight.c \
	unit/child.h unit/stage-process.c unit/stage-process.h unit/unit.h
unit_test_flight_LDADD = ../core/libswitch.a ../core/libstage.a \
	../core/libtap.a ../core/libport.a ../core/libcontrol.a \
	../core/libmarshal.a ../core/libpacket.a ../core/libbase.a \
	$(URCU_LIBS) $(LIBFFI_LIBS) $(PCAP_LIBS) $(CUNIT_LIBS) -ldl -lpthread
unit_test_lanes_SOURCES = unit/test-lanes.c \
	unit/child.h unit/stage-process.c unit/stage-process.h unit/unit.h
unit_test_lanes_LDADD = ../core/libstage.a ../core/libpacket.a \
	../core/libbase.a $(URCU_LIBS) $(CUNIT_LIBS) -lpthread

unit_test_partners_SOURCES = unit/test-partners.c \
	unit/child.h unit/stage-process.c unit/stage-process.h unit/unit.h
unit_test_partners_LDADD = ../core/libstage.a ../core/libtap.a \
	../core/libcontrol.a ../core/libpacket.a ../core/libbase.a \
	$(URCU_LIBS) $(PCAP_LIBS) \
	$(CUNIT_LIBS) -lpthread

# An extension that tries to break out, and what it is called for.
check_PROGRAMS += plugins/captive.so
plugins_captive_so_SOURCES = plugins/captive.c
nodist_plugins_captive_so_SOURCES = plugins/captive.h
plugins_captive_so_CFLAGS = $(plugin_cflags)
plugins_captive_so_LDFLAGS = -shared
$(plugins_captive_so_OBJECTS): plugins/captive.h
EXTRA_DIST += plugins/captive.mof
CLEANFILES += plugins/captive.h
plugins/captive.h: plugins/captive.mof $(top_builddir)/xvs-mofc
	$(AM_V_GEN)$(MKDIR_P) plugins && $(top_builddir)/xvs-mofc header $< \
		>$@.new && mv $@.new $@

EXTRA_DIST += stream.sh
partition_scripts = test-chaos-checker.sh test-copy.sh \
	test-differential.sh test-failover.sh test-standby.sh test-process.sh \
	test-quarantine.sh \
	test-providers.sh test-providers-set.sh test-real-time.sh \
	test-sandbox.sh
EXTRA_DIST += $(partition_scripts)
TESTS += $(partition_scripts)

# What processes of stages say.
check_PROGRAMS += unit/test-stage-call fuzz/fuzz-stage-call
TESTS += unit/test-stage-call fuzz/corpus-stage-call.sh
EXTRA_DIST += fuzz/corpus-stage-call.sh fuzz/corpus/stage-call
stage_call = unit/call-stage.c unit/call-stage.h unit/marshal-schema.c \
	unit/marshal-schema.h
stage_call_libs = ../core/libstage.a ../core/libtap.a ../core/libport.a \
	../core/libcontrol.a ../core/libmarshal.a ../core/libobject.a \
	../core/libschema.a ../core/libpacket.a ../core/libbase.a $(URCU_LIBS) \
	$(EXPAT_LIBS) $(LIBFFI_LIBS) $(PCAP_LIBS) -ldl -lm -lpthread
unit_test_stage_call_SOURCES = unit/test-stage-call.c $(stage_call)
unit_test_stage_call_LDADD = $(stage_call_libs) $(CUNIT_LIBS)
fuzz_fuzz_stage_call_SOURCES = fuzz/fuzz-stage-call.c $(stage_call) \
	$(FUZZ_MAIN)
fuzz_fuzz_stage_call_LDADD = $(stage_call_libs)
fuzz_fuzz_stage_call_LDFLAGS = $(FUZZ_LDFLAGS)

check_PROGRAMS += plugins/fault.so
plugins_fault_so_SOURCES = plugins/fault.c
plugins_fault_so_CFLAGS = $(plugin_cflags)
plugins_fault_so_LDFLAGS = -shared

# One whose packets wait for a successor, however slow the machine is.
check_PROGRAMS += plugins/fault-hold.so
plugins_fault_hold_so_SOURCES = plugins/fault.c
plugins_fault_hold_so_CFLAGS = $(plugin_cflags) -DFAULT_NAME='"fault-hold"' \
	-DFAULT_ID=0x7e570047 -DFAULT_POLICY=XVS_FAIL_HOLD
plugins_fault_hold_so_LDFLAGS = -shared

check_PROGRAMS += plugins/escape.so
plugins_escape_so_SOURCES = plugins/escape.c
plugins_escape_so_CFLAGS = $(plugin_cflags)
plugins_escape_so_LDFLAGS = -shared

check_PROGRAMS += plugins/scramble.so plugins/scribble.so
plugins_scramble_so_SOURCES = plugins/scramble.c
plugins_scramble_so_CFLAGS = $(plugin_cflags)
plugins_scramble_so_LDFLAGS = -shared
plugins_scribble_so_SOURCES = plugins/scribble.c
plugins_scribble_so_CFLAGS = $(plugin_cflags)
plugins_scribble_so_LDFLAGS = -shared

# Whether the tests of lanes find what they are there to find.
EXTRA_DIST += mutants.sh
.PHONY: mutants
mutants: unit/test-copies unit/test-lanes
	compile='$(COMPILE)' link='$(LINK)' \
		libs='$(unit_test_lanes_LDADD) $(LIBS)' \
		top_srcdir='$(abs_top_srcdir)' \
		top_builddir='$(abs_top_builddir)' $(srcdir)/mutants.sh

# One that lies, the same that keeps memory, two that only count, and who strikes
# them under load.
check_PROGRAMS += plugins/hostile.so plugins/hostile-keeps.so \
	plugins/honest.so plugins/honest-2.so matrix/matrix
hostile_cflags = $(plugin_cflags) -DFAULT_NAME='"hostile"' \
	-DFAULT_ID=0x7e570048 -DFAULT_POLICY=XVS_FAIL_HOLD -DFAULT_LIES \
	-DFAULT_COUNT=17 -DFAULT_LAST=1
plugins_hostile_so_SOURCES = plugins/fault.c plugins/lies.c plugins/lies.h
plugins_hostile_so_CFLAGS = $(hostile_cflags)
plugins_hostile_so_LDFLAGS = -shared
plugins_hostile_keeps_so_SOURCES = plugins/fault.c plugins/lies.c \
	plugins/lies.h
plugins_hostile_keeps_so_CFLAGS = $(hostile_cflags) -DFAULT_KEEPS=1
plugins_hostile_keeps_so_LDFLAGS = -shared
honest_cflags = $(plugin_cflags) -DFAULT_POLICY=XVS_FAIL_HOLD \
	-DFAULT_HONEST -DFAULT_LAST=1
plugins_honest_so_SOURCES = plugins/fault.c
plugins_honest_so_CFLAGS = $(honest_cflags) -DFAULT_NAME='"honest"' \
	-DFAULT_ID=0x7e570049 -DFAULT_COUNT=18
plugins_honest_so_LDFLAGS = -shared
plugins_honest_2_so_SOURCES = plugins/fault.c
plugins_honest_2_so_CFLAGS = $(honest_cflags) -DFAULT_NAME='"honest-2"' \
	-DFAULT_ID=0x7e57004a -DFAULT_COUNT=19
plugins_honest_2_so_LDFLAGS = -shared
matrix_matrix_SOURCES = matrix/children.c matrix/history.c \
	matrix/history.h matrix/kinds.c matrix/kinds-domain.c matrix/main.c \
	matrix/manager.c matrix/matrix.h matrix/nemesis.c matrix/stream.c \
	matrix/whole.c plugins/lies.h
matrix_matrix_LDADD = ../libxvs-pipe.a ../core/libcontrol.a ../core/libbase.a
TESTS += test-hostile.sh
EXTRA_DIST += test-hostile.sh lab/matrix.sh

# Whether the sink notices everything.
check_PROGRAMS += unit/test-history
TESTS += unit/test-history
unit_test_history_SOURCES = unit/test-history.c matrix/history.c \
	matrix/history.h matrix/matrix.h unit/unit.h
unit_test_history_LDADD = ../core/libbase.a $(CUNIT_LIBS)

# Whether the fault matrix finds what it is there to find.
EXTRA_DIST += mutants-matrix.sh
.PHONY: mutants-matrix
mutants: mutants-matrix
mutants-matrix: $(check_PROGRAMS)
	compile='$(COMPILE)' link='$(LINK)' libs='$(CUNIT_LIBS) $(LIBS)' \
		switch_libs='$(keep_switch_libs) $(LIBS)' \
		top_srcdir='$(abs_top_srcdir)' \
		top_builddir='$(abs_top_builddir)' $(srcdir)/mutants-matrix.sh

# Whatever processes of stages write, and call.
check_PROGRAMS += unit/test-filter fuzz/fuzz-lanes
TESTS += unit/test-filter fuzz/corpus-lanes.sh
EXTRA_DIST += fuzz/corpus-lanes.sh fuzz/corpus/lanes
unit_test_filter_SOURCES = unit/test-filter.c unit/unit.h
unit_test_filter_LDADD = ../core/libstage.a ../core/libbase.a \
	$(SECCOMP_LIBS) $(CUNIT_LIBS)
fuzz_fuzz_lanes_SOURCES = fuzz/fuzz-lanes.c $(FUZZ_MAIN)
fuzz_fuzz_lanes_LDADD = $(unit_test_flight_LDADD)
fuzz_fuzz_lanes_LDFLAGS = $(FUZZ_LDFLAGS)
