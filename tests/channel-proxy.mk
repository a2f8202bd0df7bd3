# SPDX-License-Identifier: BSD-3-Clause
# The extension channel: clients, conversations, links with a socket each.
channel_proxy_unit = unit/test-channel-clients unit/test-channel-http \
	unit/test-channel-http2 \
	unit/test-channel-proxy unit/test-channel-side unit/test-channel-tls
channel_proxy_fuzz = fuzz/fuzz-channel-client fuzz/fuzz-channel-http \
	fuzz/fuzz-channel-http2 \
	fuzz/fuzz-channel-line
check_PROGRAMS += $(channel_proxy_unit) $(channel_proxy_fuzz)
TESTS += $(channel_proxy_unit) fuzz/corpus-channel.sh test-channel-proxy.sh \
	test-channel-peers.sh
EXTRA_DIST += fuzz/corpus-channel.sh fuzz/corpus/channel-client \
	fuzz/corpus/channel-http \
	fuzz/corpus/channel-http2 fuzz/corpus/channel-line lab/connect-conf.py \
	test-channel-proxy.sh test-channel-peers.sh
# A guest that means no good, and what is measured beside it.
check_PROGRAMS += channel-flood bench/channel/load
TESTS += test-channel-flood.sh test-channel-churn.sh
EXTRA_DIST += test-channel-flood.sh test-channel-churn.sh
channel_flood_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/plugins/channel \
	-I$(top_srcdir)/plugins/channel/wire
channel_flood_SOURCES = channel-flood.c
channel_flood_LDADD = ../plugins/channel/agent/libagent.a
channel_flags = $(AM_CPPFLAGS) -I$(top_srcdir)/plugins/channel \
	-I$(top_builddir)/plugins/channel
channel_libs = ../plugins/channel/libchannel.a $(GNUTLS_LIBS) \
	$(NGHTTP2_LIBS) $(CUNIT_LIBS)
channel_world = unit/channel-world.c unit/channel-world.h unit/unit.h
channel_talk = unit/channel-talk.c unit/channel-talk.h $(channel_world)
unit_test_channel_http_CPPFLAGS = $(channel_flags)
unit_test_channel_http_SOURCES = unit/test-channel-http.c unit/unit.h
unit_test_channel_http_LDADD = $(channel_libs)
unit_test_channel_proxy_CPPFLAGS = $(channel_flags)
unit_test_channel_proxy_SOURCES = unit/test-channel-proxy.c $(channel_talk)
unit_test_channel_proxy_LDADD = $(channel_libs)
unit_test_channel_side_CPPFLAGS = $(channel_flags)
unit_test_channel_side_SOURCES = unit/test-channel-side.c unit/unit.h
unit_test_channel_side_LDADD = $(channel_libs)
unit_test_channel_http2_CPPFLAGS = $(channel_flags)
unit_test_channel_http2_SOURCES = unit/test-channel-http2.c $(channel_world)
unit_test_channel_http2_LDADD = $(channel_libs)
unit_test_channel_tls_CPPFLAGS = $(channel_flags)
unit_test_channel_tls_SOURCES = unit/test-channel-tls.c $(channel_world)
unit_test_channel_tls_LDADD = $(channel_libs)
fuzz_fuzz_channel_http_CPPFLAGS = $(channel_flags)
fuzz_fuzz_channel_http_SOURCES = fuzz/fuzz-channel-http.c $(FUZZ_MAIN)
fuzz_fuzz_channel_http_LDADD = ../plugins/channel/libchannel.a
fuzz_fuzz_channel_http_LDFLAGS = $(FUZZ_LDFLAGS)
fuzz_fuzz_channel_line_CPPFLAGS = $(channel_flags)
fuzz_fuzz_channel_line_SOURCES = fuzz/fuzz-channel-line.c $(FUZZ_MAIN)
fuzz_fuzz_channel_line_LDADD = ../plugins/channel/libchannel.a
fuzz_fuzz_channel_line_LDFLAGS = $(FUZZ_LDFLAGS)
fuzz_fuzz_channel_http2_CPPFLAGS = $(channel_flags)
channel_memory = fuzz/memory.c fuzz/memory.h unit/channel-world.c \
	unit/channel-world.h
fuzz_fuzz_channel_http2_SOURCES = fuzz/fuzz-channel-http2.c \
	$(channel_memory) $(FUZZ_MAIN)
fuzz_fuzz_channel_http2_LDADD = ../plugins/channel/libchannel.a \
	$(GNUTLS_LIBS) $(NGHTTP2_LIBS)
fuzz_fuzz_channel_http2_LDFLAGS = $(FUZZ_LDFLAGS)
fuzz_fuzz_channel_client_CPPFLAGS = $(channel_flags)
fuzz_fuzz_channel_client_SOURCES = fuzz/fuzz-channel-client.c \
	$(channel_memory) $(FUZZ_MAIN)
fuzz_fuzz_channel_client_LDADD = ../plugins/channel/libchannel.a \
	$(GNUTLS_LIBS) $(NGHTTP2_LIBS)
fuzz_fuzz_channel_client_LDFLAGS = $(FUZZ_LDFLAGS)
unit_test_channel_clients_CPPFLAGS = $(channel_flags)
unit_test_channel_clients_SOURCES = unit/test-channel-clients.c \
	$(channel_talk)
unit_test_channel_clients_LDADD = $(channel_libs)
