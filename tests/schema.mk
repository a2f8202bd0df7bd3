# SPDX-License-Identifier: BSD-3-Clause
schema_tests = \
	unit/test-check \
	unit/test-mof \
	unit/test-mof-data \
	unit/test-mof-include \
	unit/test-mof-literal \
	unit/test-resolve \
	unit/test-value \
	unit/test-xml
schema_libs = ../core/libschema.a ../core/libbase.a $(CUNIT_LIBS)
check_PROGRAMS += $(schema_tests) fuzz/fuzz-mof
TESTS += $(schema_tests) fuzz/corpus-mof.sh
EXTRA_DIST += fuzz/corpus/mof fuzz/corpus-mof.sh
unit_test_check_SOURCES = unit/test-check.c unit/mof.h unit/unit.h
unit_test_check_LDADD = $(schema_libs)
unit_test_mof_SOURCES = unit/test-mof.c unit/mof.h unit/unit.h
unit_test_mof_LDADD = $(schema_libs)
unit_test_mof_data_SOURCES = unit/test-mof-data.c unit/mof.h unit/unit.h
unit_test_mof_data_LDADD = $(schema_libs) $(EXPAT_LIBS)
unit_test_mof_include_SOURCES = unit/test-mof-include.c unit/mof.h unit/unit.h
unit_test_mof_include_LDADD = $(schema_libs)
unit_test_mof_literal_SOURCES = unit/test-mof-literal.c unit/unit.h
unit_test_mof_literal_LDADD = $(schema_libs)
unit_test_resolve_SOURCES = unit/test-resolve.c unit/mof.h unit/unit.h
unit_test_resolve_LDADD = $(schema_libs)
unit_test_value_SOURCES = unit/test-value.c unit/unit.h
unit_test_value_LDADD = $(schema_libs)
unit_test_xml_SOURCES = unit/test-xml.c unit/unit.h
unit_test_xml_LDADD = $(schema_libs) $(EXPAT_LIBS)
fuzz_fuzz_mof_SOURCES = fuzz/fuzz-mof.c $(FUZZ_MAIN)
fuzz_fuzz_mof_LDADD = ../core/libschema.a ../core/libbase.a
fuzz_fuzz_mof_LDFLAGS = $(FUZZ_LDFLAGS)
