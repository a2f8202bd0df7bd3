# SPDX-License-Identifier: BSD-3-Clause
# What a vendor gets: public headers and samples.
samples_tests = unit/test-oid test-headers.sh test-reference.sh \
	test-samples.sh
check_PROGRAMS += unit/test-oid
TESTS += $(samples_tests)
unit_test_oid_SOURCES = unit/test-oid.c unit/unit.h
unit_test_oid_LDADD = $(CUNIT_LIBS)
EXTRA_DIST += test-headers.sh test-reference.sh test-samples.sh

# The conformance suite, in short; "exttest" runs all of it.
TESTS += test-exttest.sh test-init.sh test-abi.sh test-tutorial.sh
EXTRA_DIST += test-exttest.sh test-init.sh test-abi.sh test-tutorial.sh \
	old-plugins plugins/naughty.c plugins/naughty.mof \
	check-abi.sh abi/contract.c check-claims.sh claims.txt
.PHONY: exttest
exttest: $(check_PROGRAMS)
	for script in exttest samples; do \
		EXTTEST_MODE= top_builddir='$(abs_top_builddir)' CC='$(CC)' \
			top_srcdir='$(abs_top_srcdir)' \
			$(SHELL) $(srcdir)/test-$$script.sh || exit 1; \
	done
