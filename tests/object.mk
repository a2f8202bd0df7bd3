# SPDX-License-Identifier: BSD-3-Clause
object_libs = ../core/libobject.a ../core/libschema.a ../core/libbase.a \
	$(EXPAT_LIBS) $(CUNIT_LIBS) -lm
object_tests = \
	unit/test-class-xml \
	unit/test-forms \
	unit/test-instance \
	unit/test-json \
	unit/test-path \
	unit/test-repository \
	unit/test-wql
check_PROGRAMS += $(object_tests)
TESTS += $(object_tests)
EXTRA_DIST += unit/host.h
unit_test_class_xml_SOURCES = unit/test-class-xml.c unit/host.h unit/unit.h
unit_test_class_xml_LDADD = $(object_libs)
unit_test_repository_SOURCES = unit/test-repository.c unit/host.h unit/unit.h
unit_test_repository_LDADD = $(object_libs)
unit_test_instance_SOURCES = unit/test-instance.c unit/host.h unit/unit.h
unit_test_instance_LDADD = $(object_libs)
unit_test_path_SOURCES = unit/test-path.c unit/host.h unit/unit.h
unit_test_path_LDADD = $(object_libs)
unit_test_forms_SOURCES = unit/test-forms.c unit/host.h unit/unit.h
unit_test_forms_LDADD = $(object_libs)
unit_test_json_SOURCES = unit/test-json.c unit/host.h unit/unit.h
unit_test_json_LDADD = $(object_libs)
unit_test_wql_SOURCES = unit/test-wql.c unit/host.h unit/unit.h
unit_test_wql_LDADD = $(object_libs)

EXTRA_PROGRAMS += bench/bench-xml
bench_bench_xml_SOURCES = bench/bench-xml.c unit/host.h
bench_bench_xml_LDADD = $(object_libs)

# Fuzz targets; the corpora are run as tests.
object_fuzz = fuzz/fuzz-xml fuzz/fuzz-cimxml fuzz/fuzz-instances \
	fuzz/fuzz-path fuzz/fuzz-wql
check_PROGRAMS += $(object_fuzz)
TESTS += fuzz/corpus-object.sh
EXTRA_DIST += fuzz/corpus-object.sh fuzz/corpus/cimxml fuzz/corpus/xml \
	fuzz/corpus/instances fuzz/corpus/path fuzz/corpus/wql
fuzz_fuzz_xml_SOURCES = fuzz/fuzz-xml.c $(FUZZ_MAIN)
fuzz_fuzz_xml_LDADD = $(object_libs)
fuzz_fuzz_xml_LDFLAGS = $(FUZZ_LDFLAGS)
fuzz_fuzz_cimxml_SOURCES = fuzz/fuzz-cimxml.c $(FUZZ_MAIN)
fuzz_fuzz_cimxml_LDADD = $(object_libs)
fuzz_fuzz_cimxml_LDFLAGS = $(FUZZ_LDFLAGS)
fuzz_fuzz_instances_SOURCES = fuzz/fuzz-instances.c unit/host.h $(FUZZ_MAIN)
fuzz_fuzz_instances_LDADD = $(object_libs)
fuzz_fuzz_instances_LDFLAGS = $(FUZZ_LDFLAGS)
fuzz_fuzz_path_SOURCES = fuzz/fuzz-path.c $(FUZZ_MAIN)
fuzz_fuzz_path_LDADD = $(object_libs)
fuzz_fuzz_path_LDFLAGS = $(FUZZ_LDFLAGS)
fuzz_fuzz_wql_SOURCES = fuzz/fuzz-wql.c unit/host.h $(FUZZ_MAIN)
fuzz_fuzz_wql_LDADD = $(object_libs)
fuzz_fuzz_wql_LDFLAGS = $(FUZZ_LDFLAGS)
