# SPDX-License-Identifier: BSD-3-Clause
object_libs = ../core/libobject.a ../core/libschema.a ../core/libbase.a \
	$(LIBXML_LIBS) $(CUNIT_LIBS) -lm
object_tests = \
	unit/test-class-xml \
	unit/test-repository
check_PROGRAMS += $(object_tests)
TESTS += $(object_tests)
EXTRA_DIST += unit/host.h
unit_test_class_xml_SOURCES = unit/test-class-xml.c unit/host.h unit/unit.h
unit_test_class_xml_LDADD = $(object_libs)
unit_test_repository_SOURCES = unit/test-repository.c unit/host.h unit/unit.h
unit_test_repository_LDADD = $(object_libs)
