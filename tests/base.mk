# SPDX-License-Identifier: BSD-3-Clause
base_tests = \
	unit/test-buffer \
	unit/test-durable \
	unit/test-log \
	unit/test-loop \
	unit/test-map \
	unit/test-text
check_PROGRAMS += $(base_tests)
TESTS += $(base_tests)
unit_test_buffer_SOURCES = unit/test-buffer.c unit/unit.h
unit_test_buffer_LDADD = ../core/libbase.a $(CUNIT_LIBS)
unit_test_durable_SOURCES = unit/test-durable.c unit/unit.h
unit_test_durable_LDADD = ../core/libbase.a $(CUNIT_LIBS)
unit_test_log_SOURCES = unit/test-log.c unit/unit.h
unit_test_log_LDADD = ../core/libbase.a $(CUNIT_LIBS)
unit_test_loop_SOURCES = unit/test-loop.c unit/unit.h
unit_test_loop_LDADD = ../core/libbase.a $(CUNIT_LIBS)
unit_test_map_SOURCES = unit/test-map.c unit/unit.h
unit_test_map_LDADD = ../core/libbase.a $(CUNIT_LIBS)
unit_test_text_SOURCES = unit/test-text.c unit/unit.h
unit_test_text_LDADD = ../core/libbase.a $(CUNIT_LIBS)
