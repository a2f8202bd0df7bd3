# SPDX-License-Identifier: BSD-3-Clause

# Memory that extensions keep beyond their end.
keep_unit = unit/test-keep
check_PROGRAMS += $(keep_unit) fuzz/fuzz-keep
TESTS += $(keep_unit) fuzz/corpus-keep.sh test-keep.sh
EXTRA_DIST += fuzz/corpus-keep.sh fuzz/corpus/keep test-keep.sh
keep_libs = ../core/libstage.a ../core/libpacket.a ../core/libbase.a \
	$(URCU_LIBS)
unit_test_keep_SOURCES = unit/test-keep.c unit/unit.h
unit_test_keep_LDADD = $(keep_libs) $(CUNIT_LIBS) -lpthread
fuzz_fuzz_keep_SOURCES = fuzz/fuzz-keep.c $(FUZZ_MAIN)
fuzz_fuzz_keep_LDADD = $(keep_libs)
fuzz_fuzz_keep_LDFLAGS = $(FUZZ_LDFLAGS)

# Two versions of an extension that counts frames, and crashes meanwhile.
check_PROGRAMS += plugins/tally.so plugins/tally-2.so
plugins_tally_so_SOURCES = plugins/tally.c
nodist_plugins_tally_so_SOURCES = plugins/tally.h
plugins_tally_so_CFLAGS = $(plugin_cflags)
plugins_tally_so_LDFLAGS = -shared
plugins_tally_2_so_SOURCES = plugins/tally.c
nodist_plugins_tally_2_so_SOURCES = plugins/tally.h
plugins_tally_2_so_CFLAGS = $(plugin_cflags) -DTALLY_VERSION=2
plugins_tally_2_so_LDFLAGS = -shared
$(plugins_tally_so_OBJECTS) $(plugins_tally_2_so_OBJECTS): plugins/tally.h
EXTRA_DIST += plugins/tally.mof
CLEANFILES += plugins/tally.h
plugins/tally.h: plugins/tally.mof $(top_builddir)/xvs-mofc
	$(AM_V_GEN)$(MKDIR_P) plugins && $(top_builddir)/xvs-mofc header $< \
		>$@.new && mv $@.new $@

# Whether these tests find what they are there to find.
EXTRA_DIST += mutants-keep.sh
keep_switch_libs = ../core/libswitch.a ../core/libstage.a ../core/libtap.a \
	../core/libport.a ../core/libcontrol.a ../core/libmarshal.a \
	../core/libpacket.a ../core/libbase.a $(URCU_LIBS) $(PCAP_LIBS) \
	$(LIBFFI_LIBS) $(SYSTEMD_LIBS) $(CAPNG_LIBS) -ldl -lpthread
.PHONY: mutants-keep
mutants: mutants-keep
mutants-keep: unit/test-keep plugins/tally.so switch-frame
	compile='$(COMPILE)' link='$(LINK)' libs='$(unit_test_keep_LDADD) $(LIBS)' \
		switch_libs='$(keep_switch_libs) $(LIBS)' \
		top_srcdir='$(abs_top_srcdir)' \
		top_builddir='$(abs_top_builddir)' $(srcdir)/mutants-keep.sh
