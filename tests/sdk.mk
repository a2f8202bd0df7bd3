# SPDX-License-Identifier: BSD-3-Clause
# The schema compiler.
check_PROGRAMS += unit/test-mofc-header
TESTS += unit/test-mofc-header test-mofc.sh
EXTRA_DIST += test-mofc.sh mofc/sample.mof
unit_test_mofc_header_SOURCES = unit/test-mofc-header.c $(marshal_schema)
nodist_unit_test_mofc_header_SOURCES = mofc/sample.h
unit_test_mofc_header_CPPFLAGS = $(AM_CPPFLAGS) -I.
unit_test_mofc_header_LDADD = $(marshal_libs) $(CUNIT_LIBS)
CLEANFILES += mofc/sample.h
mofc/sample.h: $(srcdir)/mofc/sample.mof ../xvs-mofc$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) mofc && ../xvs-mofc$(EXEEXT) header \
		$(srcdir)/mofc/sample.mof -o $@
unit/test_mofc_header-test-mofc-header.$(OBJEXT): mofc/sample.h
