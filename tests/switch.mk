# SPDX-License-Identifier: BSD-3-Clause

# Drives xvs-switch without xvsd: knows schemas, as xvsd does.
check_PROGRAMS += switch-client
switch_client_SOURCES = switch/build.c switch/client.c switch/client.h \
	switch/schema.c
switch_client_LDADD = ../core/libcontrol.a ../core/libmarshal.a \
	../core/libobject.a ../core/libschema.a ../core/libbase.a \
	$(LIBXML_LIBS) $(LIBFFI_LIBS)

# Extensions that break the contract, each in its own way.
plugin_flags = -module -avoid-version -shared -no-undefined \
	-rpath $(abs_builddir)
check_LTLIBRARIES += plugins/bad-status.la plugins/crash-init.la \
	plugins/hang-setting.la plugins/no-symbol.la plugins/veto.la \
	plugins/wrong-abi.la plugins/wrong-hash.la
plugins_bad_status_la_SOURCES = plugins/bad-status.c
nodist_plugins_bad_status_la_SOURCES = plugins/bad-status.h
plugins_bad_status_la_LDFLAGS = $(plugin_flags)
plugins_crash_init_la_SOURCES = plugins/crash-init.c
plugins_crash_init_la_LDFLAGS = $(plugin_flags)
plugins_hang_setting_la_SOURCES = plugins/hang-setting.c
nodist_plugins_hang_setting_la_SOURCES = plugins/hang-setting.h
plugins_hang_setting_la_LDFLAGS = $(plugin_flags)
plugins_no_symbol_la_SOURCES = plugins/no-symbol.c
plugins_no_symbol_la_LDFLAGS = $(plugin_flags)
plugins_veto_la_SOURCES = plugins/veto.c
nodist_plugins_veto_la_SOURCES = plugins/veto.h
plugins_veto_la_LDFLAGS = $(plugin_flags)
plugins_wrong_abi_la_SOURCES = plugins/wrong-abi.c
plugins_wrong_abi_la_LDFLAGS = $(plugin_flags)
plugins_wrong_hash_la_SOURCES = plugins/wrong-hash.c
nodist_plugins_wrong_hash_la_SOURCES = plugins/wrong-hash.h
plugins_wrong_hash_la_LDFLAGS = $(plugin_flags)

plugin_schemas = plugins/bad-status.mof plugins/hang-setting.mof \
	plugins/veto.mof plugins/wrong-hash.mof
plugin_headers = $(plugin_schemas:.mof=.h)
EXTRA_DIST += $(plugin_schemas)
CLEANFILES += $(plugin_headers)
plugins/bad-status.lo: plugins/bad-status.h
plugins/hang-setting.lo: plugins/hang-setting.h
plugins/veto.lo: plugins/veto.h
plugins/wrong-hash.lo: plugins/wrong-hash.h
$(plugin_headers): %.h: %.mof $(top_builddir)/xvs-mofc
	$(AM_V_GEN)$(MKDIR_P) plugins && $(top_builddir)/xvs-mofc header $< \
		>$@.new && mv $@.new $@

switch_scripts = test-switch-stages.sh test-switch-traffic.sh
EXTRA_DIST += $(switch_scripts)
TESTS += $(switch_scripts)
