# SPDX-License-Identifier: BSD-3-Clause
# Where plugins run: what is tried, described, loaded, and in which process.

place_scripts = test-entry.sh test-partition-set.sh test-plugin-open.sh
EXTRA_DIST += $(place_scripts)
TESTS += $(place_scripts)

check_PROGRAMS += unit/test-usage
TESTS += unit/test-usage
unit_test_usage_SOURCES = unit/test-usage.c unit/unit.h
unit_test_usage_LDADD = ../core/libstage.a ../core/libbase.a $(CUNIT_LIBS)

check_PROGRAMS += unit/test-description fuzz/fuzz-description
TESTS += unit/test-description fuzz/corpus-place.sh
EXTRA_DIST += fuzz/corpus-place.sh fuzz/corpus/description
unit_test_description_SOURCES = unit/test-description.c unit/unit.h
unit_test_description_LDADD = ../core/libstage.a ../core/libcontrol.a \
	../core/libbase.a $(CUNIT_LIBS)
fuzz_fuzz_description_SOURCES = fuzz/fuzz-description.c $(FUZZ_MAIN)
fuzz_fuzz_description_LDADD = ../core/libstage.a ../core/libcontrol.a \
	../core/libbase.a
fuzz_fuzz_description_LDFLAGS = $(FUZZ_LDFLAGS)

check_PROGRAMS += plugins/forger.so plugins/two-faced.so
plugins_forger_so_SOURCES = plugins/forger.c
plugins_forger_so_CFLAGS = $(plugin_cflags)
plugins_forger_so_LDFLAGS = -shared
plugins_two_faced_so_SOURCES = plugins/two-faced.c
plugins_two_faced_so_CFLAGS = $(plugin_cflags)
plugins_two_faced_so_LDFLAGS = -shared
check_PROGRAMS += plugins/told-1.so plugins/told-2.so
plugins_told_1_so_SOURCES = plugins/told.c
plugins_told_1_so_CFLAGS = $(plugin_cflags)
plugins_told_1_so_LDFLAGS = -shared
plugins_told_2_so_SOURCES = plugins/told.c
plugins_told_2_so_CPPFLAGS = $(AM_CPPFLAGS) -DTOLD_VERSION=0x0200
plugins_told_2_so_CFLAGS = $(plugin_cflags)
plugins_told_2_so_LDFLAGS = -shared
