# SPDX-License-Identifier: BSD-3-Clause
# What a vendor gets: public headers and samples.
samples_tests = unit/test-oid test-headers.sh test-samples.sh
check_PROGRAMS += unit/test-oid
TESTS += $(samples_tests)
unit_test_oid_SOURCES = unit/test-oid.c unit/unit.h
unit_test_oid_LDADD = $(CUNIT_LIBS)
EXTRA_DIST += test-headers.sh test-samples.sh
