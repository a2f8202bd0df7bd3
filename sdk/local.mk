# SPDX-License-Identifier: BSD-3-Clause
pkginclude_HEADERS += sdk/include/xvs/block.h sdk/include/xvs/extension.h \
	sdk/include/xvs/headers.h sdk/include/xvs/keep.h \
	sdk/include/xvs/oid.h sdk/include/xvs/packet.h sdk/include/xvs/pipe.h \
	sdk/include/xvs/service.h \
	sdk/include/xvs/switch.h sdk/include/xvs/types.h

# What makes a program a port's other end; also for shared objects.
lib_LIBRARIES = libxvs-pipe.a
libxvs_pipe_a_SOURCES = sdk/pipe/pipe.c
libxvs_pipe_a_CFLAGS = $(AM_CFLAGS) -fPIC

# The reference: pages of section 3, made from the comments of the headers.
# (automake knows only the folders of pages that it installs itself.)
man3dir = $(mandir)/man3
EXTRA_DIST += sdk/reference/reference.awk
noinst_DATA = sdk/reference/stamp
sdk/reference/stamp: $(pkginclude_HEADERS) \
		$(srcdir)/sdk/reference/reference.awk
	$(AM_V_GEN)rm -rf sdk/reference/man && $(MKDIR_P) sdk/reference/man \
		&& LC_ALL=C $(AWK) -v out=sdk/reference/man \
		-v date="`sed -n 's/^\.Dd //p' $(srcdir)/sdk/exttest/xvs-exttest.1`" \
		-f $(srcdir)/sdk/reference/reference.awk \
		$(srcdir)/sdk/include/xvs/*.h && touch $@

install-data-local: sdk/reference/stamp
	$(MKDIR_P) '$(DESTDIR)$(man3dir)'
	$(INSTALL_DATA) sdk/reference/man/*.3 '$(DESTDIR)$(man3dir)'

uninstall-local:
	cd sdk/reference/man && for page in *.3; do \
		rm -f "$(DESTDIR)$(man3dir)/$$page"; done

clean-local:
	rm -rf sdk/reference/man sdk/reference/stamp

pkgconfig_DATA = sdk/xvs.pc sdk/xvs-pipe.pc
aclocaldir = $(datadir)/aclocal
dist_aclocal_DATA = sdk/xvs.m4

# The schema compiler.  Plugins built in the tree make their headers with it.
bin_PROGRAMS += xvs-mofc
xvs_mofc_SOURCES = sdk/mofc/convert.c sdk/mofc/diff.c sdk/mofc/header.c \
	sdk/mofc/header.h sdk/mofc/header-access.c sdk/mofc/header-check.c \
	sdk/mofc/header-name.c sdk/mofc/header-struct.c \
	sdk/mofc/header-value.c sdk/mofc/header-writer.c sdk/mofc/lint.c \
	sdk/mofc/load.c sdk/mofc/main.c sdk/mofc/man.c sdk/mofc/mofc.h
xvs_mofc_SOURCES += sdk/mofc/init.c sdk/mofc/init-text.h
nodist_xvs_mofc_SOURCES = sdk/mofc/init-text.c
init_texts = $(srcdir)/sdk/mofc/init/plugin.c \
	$(srcdir)/sdk/mofc/init/forward.c $(srcdir)/sdk/mofc/init/schema.mof \
	$(srcdir)/sdk/mofc/init/Makefile $(srcdir)/sdk/mofc/init/README.md \
	$(srcdir)/sdk/mofc/init/debian/changelog \
	$(srcdir)/sdk/mofc/init/debian/control \
	$(srcdir)/sdk/mofc/init/debian/copyright \
	$(srcdir)/sdk/mofc/init/debian/rules \
	$(srcdir)/sdk/mofc/init/debian/source/format
EXTRA_DIST += $(init_texts) sdk/mofc/init-text.awk
CLEANFILES += sdk/mofc/init-text.c
sdk/mofc/init-text.c: $(init_texts) $(srcdir)/sdk/mofc/init-text.awk
	$(AM_V_GEN)$(MKDIR_P) sdk/mofc && LC_ALL=C $(AWK) \
		-f $(srcdir)/sdk/mofc/init-text.awk $(init_texts) >$@.tmp \
		&& mv $@.tmp $@
xvs_mofc_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/sdk/mofc
xvs_mofc_LDADD = core/libmarshal.a core/libobject.a core/libschema.a \
	core/libbase.a $(EXPAT_LIBS) $(LIBFFI_LIBS)
dist_man_MANS += sdk/mofc/xvs-mofc.1

# The conformance suite for extensions, on the code that xvs-switch is made of.
bin_PROGRAMS += xvs-exttest
xvs_exttest_SOURCES = sdk/exttest/exttest.h sdk/exttest/groups.c \
	sdk/exttest/main.c sdk/exttest/report.c \
	sdk/exttest/rig.c sdk/exttest/rig.h sdk/exttest/rig-ask.c \
	sdk/exttest/run.c sdk/exttest/runner.c sdk/exttest/runner.h \
	sdk/exttest/test-upgrade.c sdk/exttest/subject.c sdk/exttest/subject.h \
	sdk/exttest/corpus.c sdk/exttest/corpus.h \
	sdk/exttest/traffic.c sdk/exttest/traffic.h \
	sdk/exttest/traffic-look.c sdk/exttest/traffic-look.h \
	sdk/exttest/test-abi.c sdk/exttest/test-schema.c \
	sdk/exttest/test-traffic.c sdk/exttest/test-settings.c \
	sdk/exttest/test-status.c sdk/exttest/settings.h \
	sdk/exttest/test-life.c sdk/exttest/test-oid.c \
	sdk/exttest/test-reload.c sdk/exttest/test-faults.c \
	sdk/exttest/objects.c sdk/exttest/objects.h \
	sdk/exttest/state.c sdk/exttest/state.h
xvs_exttest_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/sdk/exttest
xvs_exttest_LDADD = libxvs-pipe.a core/libswitch.a core/libstage.a core/libtap.a \
	core/libport.a core/libcontrol.a core/libmarshal.a core/libpacket.a \
	core/libobject.a core/libschema.a core/libbase.a $(URCU_LIBS) \
	$(PCAP_LIBS) $(LIBFFI_LIBS) $(EXPAT_LIBS) -ldl -lpthread -lm
dist_man_MANS += sdk/exttest/xvs-exttest.1
