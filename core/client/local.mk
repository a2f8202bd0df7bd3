# SPDX-License-Identifier: BSD-3-Clause
noinst_LIBRARIES += core/libclient.a
core_libclient_a_CFLAGS = $(AM_CFLAGS) $(LIBXML_CFLAGS) $(GNUTLS_CFLAGS) \
	$(LIBEDIT_CFLAGS)
core_libclient_a_SOURCES = \
	core/client/args.c core/client/args.h \
	core/client/cim-call.h \
	core/client/cim-client.c core/client/cim-client.h \
	core/client/cim-objects.c \
	core/client/cim-pull.c \
	core/client/cim-reply.c core/client/cim-reply.h \
	core/client/cim-request.c core/client/cim-request.h \
	core/client/class-cache.c core/client/class-cache.h \
	core/client/class-text.c core/client/class-text.h \
	core/client/command.c core/client/command.h \
	core/client/complete-server.c core/client/complete-server.h \
	core/client/complete.c core/client/complete.h \
	core/client/flatten.c core/client/flatten.h \
	core/client/http-client.c core/client/http-client.h \
	core/client/http-reader.c core/client/http-reader.h \
	core/client/invocation.c core/client/invocation.h \
	core/client/json-out.c core/client/json-out.h \
	core/client/listing.c core/client/listing.h \
	core/client/objects.c core/client/objects.h \
	core/client/place.c core/client/place.h \
	core/client/run-tools.c core/client/run.c core/client/run.h \
	core/client/settings.c core/client/settings.h \
	core/client/table.c core/client/table.h core/client/text-width.c \
	core/client/transport-tls.c core/client/transport.c \
	core/client/transport.h \
	core/client/word-names.c core/client/word-names.h \
	core/client/words.c core/client/words.h \
	core/client/noun/call.c \
	core/client/noun/candidates.c \
	core/client/noun/class.c \
	core/client/noun/config.c \
	core/client/noun/event.c \
	core/client/noun/ext.c \
	core/client/noun/feature-change.c \
	core/client/noun/feature-list.c \
	core/client/noun/feature-template.c \
	core/client/noun/feature.c core/client/noun/feature.h \
	core/client/noun/instance.c \
	core/client/noun/port.c \
	core/client/noun/query.c \
	core/client/noun/schema-add.c \
	core/client/noun/schema-check.c \
	core/client/noun/schema-from.c \
	core/client/noun/schema.c core/client/noun/schema.h \
	core/client/noun/shell.c \
	core/client/noun/status.c \
	core/client/noun/switch.c
