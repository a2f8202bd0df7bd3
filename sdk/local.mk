# SPDX-License-Identifier: BSD-3-Clause
pkginclude_HEADERS += sdk/include/xvs/block.h sdk/include/xvs/extension.h \
	sdk/include/xvs/headers.h sdk/include/xvs/oid.h \
	sdk/include/xvs/packet.h sdk/include/xvs/pipe.h \
	sdk/include/xvs/switch.h sdk/include/xvs/types.h

# What makes a program a port's other end; also for shared objects.
lib_LIBRARIES = libxvs-pipe.a
libxvs_pipe_a_SOURCES = sdk/pipe/pipe.c
libxvs_pipe_a_CFLAGS = $(AM_CFLAGS) -fPIC

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
xvs_mofc_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/sdk/mofc
xvs_mofc_LDADD = core/libmarshal.a core/libobject.a core/libschema.a \
	core/libbase.a $(EXPAT_LIBS) $(LIBFFI_LIBS)
dist_man_MANS += sdk/mofc/xvs-mofc.1
