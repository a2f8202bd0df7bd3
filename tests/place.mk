# SPDX-License-Identifier: BSD-3-Clause
# Where plugins run: what is tried, described, loaded, and in which process.

place_scripts = test-partition-set.sh
EXTRA_DIST += $(place_scripts)
TESTS += $(place_scripts)

check_PROGRAMS += unit/test-usage
TESTS += unit/test-usage
unit_test_usage_SOURCES = unit/test-usage.c unit/unit.h
unit_test_usage_LDADD = ../core/libstage.a ../core/libbase.a $(CUNIT_LIBS)
