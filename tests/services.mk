# SPDX-License-Identifier: BSD-3-Clause

# Services: extensions with sockets of their own.
check_PROGRAMS += plugins/echo.so
plugins_echo_so_SOURCES = plugins/echo.c
nodist_plugins_echo_so_SOURCES = plugins/echo.h
plugins_echo_so_CFLAGS = $(plugin_cflags)
plugins_echo_so_LDFLAGS = -shared
$(plugins_echo_so_OBJECTS): plugins/echo.h
EXTRA_DIST += plugins/echo.mof
CLEANFILES += plugins/echo.h
plugins/echo.h: plugins/echo.mof $(top_builddir)/xvs-mofc
	$(AM_V_GEN)$(MKDIR_P) plugins && $(top_builddir)/xvs-mofc header $< \
		>$@.new && mv $@.new $@

service_scripts = test-flowexport.sh test-service.sh
EXTRA_DIST += $(service_scripts)
TESTS += $(service_scripts)

service_unit = unit/test-endpoint unit/test-flowexport unit/test-grants
check_PROGRAMS += $(service_unit) fuzz/fuzz-endpoint
TESTS += $(service_unit) fuzz/corpus-endpoint.sh
EXTRA_DIST += fuzz/corpus-endpoint.sh fuzz/corpus/endpoint
unit_test_endpoint_SOURCES = unit/test-endpoint.c unit/unit.h
unit_test_endpoint_LDADD = ../core/libbase.a $(CUNIT_LIBS)
unit_test_grants_SOURCES = unit/test-grants.c unit/grant-setting.c \
	unit/grant-setting.h unit/unit.h
grants_libs = ../core/libstage.a ../core/libcontrol.a ../core/libmarshal.a \
	../core/libbase.a $(LIBFFI_LIBS)
unit_test_grants_LDADD = $(grants_libs) $(CUNIT_LIBS)
unit_test_flowexport_CPPFLAGS = $(AM_CPPFLAGS) \
	-I$(top_srcdir)/plugins/flowexport
unit_test_flowexport_SOURCES = unit/test-flowexport.c unit/unit.h
unit_test_flowexport_LDADD = ../plugins/flowexport/libflowexport.a \
	$(CUNIT_LIBS)
fuzz_fuzz_endpoint_SOURCES = fuzz/fuzz-endpoint.c $(FUZZ_MAIN)
fuzz_fuzz_endpoint_LDADD = ../core/libbase.a
fuzz_fuzz_endpoint_LDFLAGS = $(FUZZ_LDFLAGS)
