# SPDX-License-Identifier: BSD-3-Clause
noinst_LIBRARIES += core/libclient.a
core_libclient_a_CFLAGS = $(AM_CFLAGS) $(EXPAT_CFLAGS) $(GNUTLS_CFLAGS) \
	$(LIBEDIT_CFLAGS)

# Command lines, and what their commands share.
core_libclient_a_SOURCES = \
	core/client/args.c core/client/args.h \
	core/client/command.c core/client/command.h \
	core/client/complete-server.c core/client/complete-server.h \
	core/client/complete.c core/client/complete.h \
	core/client/class-names.c core/client/class-names.h \
	core/client/flatten.c core/client/flatten.h \
	core/client/invocation.c core/client/invocation.h \
	core/client/objects.c core/client/objects.h \
	core/client/place.c core/client/place.h \
	core/client/run-tools.c \
	core/client/run.c core/client/run.h \
	core/client/settings.c core/client/settings.h

# The WBEM client: HTTP, CIM-XML.
core_libclient_a_SOURCES += \
	core/client/wbem/cim-call.h \
	core/client/wbem/cim-client.c core/client/wbem/cim-client.h \
	core/client/wbem/cim-objects.c \
	core/client/wbem/cim-pull.c \
	core/client/wbem/cim-reply.c core/client/wbem/cim-reply.h \
	core/client/wbem/cim-request.c core/client/wbem/cim-request.h \
	core/client/wbem/class-cache.c core/client/wbem/class-cache.h \
	core/client/wbem/http-client.c core/client/wbem/http-client.h \
	core/client/wbem/http-reader.c core/client/wbem/http-reader.h \
	core/client/wbem/transport-tls.c \
	core/client/wbem/transport.c core/client/wbem/transport.h

# Values and objects for people and programs.
core_libclient_a_SOURCES += \
	core/client/show/class-text.c core/client/show/class-text.h \
	core/client/show/json-out.c core/client/show/json-out.h \
	core/client/show/listing.c core/client/show/listing.h \
	core/client/show/table.c core/client/show/table.h \
	core/client/show/text-width.c \
	core/client/show/word-names.c core/client/show/word-names.h \
	core/client/show/words.c core/client/show/words.h

# Looking at packets.
core_libclient_a_SOURCES += \
	core/client/tap/filter.c core/client/tap/filter.h \
	core/client/tap/frame-text.c core/client/tap/frame-text.h \
	core/client/tap/names.c core/client/tap/names.h \
	core/client/tap/story.c core/client/tap/story.h \
	core/client/tap/tapping.c core/client/tap/tapping.h

# What is found on a host.
core_libclient_a_SOURCES += \
	core/client/host/doctor.c \
	core/client/host/findings.c core/client/host/findings.h \
	core/client/host/health.c \
	core/client/host/rates.c core/client/host/rates.h

# The page for a browser on this host.
core_libclient_a_SOURCES += \
	core/client/web/gate.c core/client/web/gate.h \
	core/client/web/relay.c core/client/web/relay.h

# The commands, a file per noun or verb.
core_libclient_a_SOURCES += \
	core/client/noun/call.c \
	core/client/noun/candidates.c \
	core/client/noun/capture.c \
	core/client/noun/class.c \
	core/client/noun/config.c \
	core/client/noun/doctor.c \
	core/client/noun/event.c \
	core/client/noun/ext-scan.c \
	core/client/noun/ext.c core/client/noun/ext.h \
	core/client/noun/feature-change.c \
	core/client/noun/feature-list.c \
	core/client/noun/feature-template.c \
	core/client/noun/feature.c core/client/noun/feature.h \
	core/client/noun/instance.c \
	core/client/noun/port.c \
	core/client/noun/quarantine.c \
	core/client/noun/query.c \
	core/client/noun/schema-add.c \
	core/client/noun/schema-check.c \
	core/client/noun/schema-from.c \
	core/client/noun/schema.c core/client/noun/schema.h \
	core/client/noun/shell.c \
	core/client/noun/stage.c \
	core/client/noun/status.c \
	core/client/noun/support.c \
	core/client/noun/switch.c \
	core/client/noun/top.c \
	core/client/noun/trace.c \
	core/client/noun/vm-register.c \
	core/client/noun/vm.c core/client/noun/vm.h \
	core/client/noun/web.c
