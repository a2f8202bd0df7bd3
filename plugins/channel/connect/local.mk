# SPDX-License-Identifier: BSD-3-Clause
# xvs-connect runs where clients are: it needs nothing of the daemons, and
# shares its loop, its relay and TLS with the extension.
bin_PROGRAMS += xvs-connect
dist_man_MANS += plugins/channel/connect/xvs-connect.1
connect_flags = -D_GNU_SOURCE -I$(srcdir)/plugins/channel \
	-I$(srcdir)/plugins/channel/connect \
	-DPACKAGE_VERSION='"$(PACKAGE_VERSION)"' \
	-DXVS_RUNDIR='"$(runstatedir)/xvs"' \
	-DXVS_SYSCONFDIR='"$(sysconfdir)/xvs"'
xvs_connect_CPPFLAGS = $(connect_flags)
xvs_connect_SOURCES = plugins/channel/connect/xvs-connect.c
xvs_connect_LDADD = plugins/channel/connect/libconnect.a $(GNUTLS_LIBS)

# The same for unit tests and fuzz targets.
noinst_LIBRARIES += plugins/channel/connect/libconnect.a
plugins_channel_connect_libconnect_a_CPPFLAGS = $(connect_flags)
plugins_channel_connect_libconnect_a_CFLAGS = $(AM_CFLAGS) $(GNUTLS_CFLAGS)
plugins_channel_connect_libconnect_a_SOURCES = \
	plugins/channel/connect/answer.c plugins/channel/connect/answer.h \
	plugins/channel/connect/listener.c plugins/channel/connect/listener.h \
	plugins/channel/connect/opening.c plugins/channel/connect/opening.h \
	plugins/channel/connect/options-file.c \
	plugins/channel/connect/options.c plugins/channel/connect/options.h \
	plugins/channel/connect/outcome.c plugins/channel/connect/outcome.h \
	plugins/channel/connect/place.c plugins/channel/connect/place.h \
	plugins/channel/connect/socks-request.c \
	plugins/channel/connect/socks-request.h \
	plugins/channel/connect/std-side.c plugins/channel/connect/std-side.h \
	plugins/channel/connect/tls-client.c \
	plugins/channel/connect/tls-client.h \
	plugins/channel/connect/visit.c plugins/channel/connect/visit.h \
	plugins/channel/move/alarms.c plugins/channel/move/alarms.h \
	plugins/channel/move/loop.c plugins/channel/move/loop.h \
	plugins/channel/move/descriptors.c \
	plugins/channel/move/descriptors.h \
	plugins/channel/move/direction.c \
	plugins/channel/move/pipes.c plugins/channel/move/pipes.h \
	plugins/channel/move/relay-inside.h \
	plugins/channel/move/relay.c plugins/channel/move/relay.h \
	plugins/channel/move/side-fd.c plugins/channel/move/side.h \
	plugins/channel/tls/tls-below.c plugins/channel/tls/tls-hands.c \
	plugins/channel/tls/tls-inside.h plugins/channel/tls/tls-keys.c \
	plugins/channel/tls/tls-keys.h plugins/channel/tls/tls.c \
	plugins/channel/tls/tls.h
