# SPDX-License-Identifier: BSD-3-Clause
noinst_LIBRARIES += core/libmanage.a
core_libmanage_a_CPPFLAGS = $(AM_CPPFLAGS) $(GNUTLS_CFLAGS)
core_libmanage_a_SOURCES = \
	core/manage/auth/auth.c core/manage/auth/auth.h \
	core/manage/auth/auth-check.c \
	core/manage/auth/auth-file.c \
	core/manage/auth/auth-internal.h \
	core/manage/cim/answer.c \
	core/manage/cim/operation.c core/manage/cim/operation.h \
	core/manage/cim/parameter.c \
	core/manage/cim/request.c core/manage/cim/request.h \
	core/manage/cim/request-head.c \
	core/manage/cim/status.c core/manage/cim/status.h \
	core/manage/get/get.h \
	core/manage/get/metric.c core/manage/get/metric.h \
	core/manage/get/metric-name.c \
	core/manage/get/metrics.c \
	core/manage/get/resources.c \
	core/manage/http/exchange.h \
	core/manage/http/http-answer.c \
	core/manage/http/http-conn.c core/manage/http/http-conn.h \
	core/manage/http/http-head.c \
	core/manage/http/http-life.c \
	core/manage/http/http-login.c \
	core/manage/http/http-output.c core/manage/http/http-output.h \
	core/manage/http/http-parse.c core/manage/http/http-parse.h \
	core/manage/http/http-server.c core/manage/http/http-server.h \
	core/manage/http/resource.c core/manage/http/resource.h \
	core/manage/http/tls.c core/manage/http/tls.h \
	core/manage/list/associate.c \
	core/manage/list/class-associate.c \
	core/manage/list/class-list.c core/manage/list/class-list.h \
	core/manage/list/context.c core/manage/list/context.h \
	core/manage/list/listing.c core/manage/list/listing.h \
	core/manage/list/name.c core/manage/list/name.h \
	core/manage/list/source.c core/manage/list/source.h \
	core/manage/entry.c core/manage/entry.h \
	core/manage/manage.c core/manage/manage.h \
	core/manage/op/op-assoc.c \
	core/manage/op/op-class.c \
	core/manage/op/op-instance.c \
	core/manage/op/op-list.c \
	core/manage/op/op-method.c \
	core/manage/op/op-open.c \
	core/manage/op/op-property.c \
	core/manage/op/op-pull.c \
	core/manage/op/op-query.c \
	core/manage/op/op-schema.c \
	core/manage/op/open.h \
	core/manage/op/pull.h

# The web page becomes part of the program.
core_libmanage_a_SOURCES += core/manage/page/page.h
nodist_core_libmanage_a_SOURCES = core/manage/page/page-data.c
page_files = \
	core/manage/page/app.js \
	core/manage/page/base.css \
	core/manage/page/icon.svg \
	core/manage/page/index.html \
	core/manage/page/parts.css \
	core/manage/page/lib/cim.js \
	core/manage/page/lib/dom.js \
	core/manage/page/lib/embedded.js \
	core/manage/page/lib/field.js \
	core/manage/page/lib/form.js \
	core/manage/page/lib/format.js \
	core/manage/page/lib/model.js \
	core/manage/page/lib/parts.js \
	core/manage/page/lib/rates.js \
	core/manage/page/lib/spark.js \
	core/manage/page/lib/status.js \
	core/manage/page/lib/table.js \
	core/manage/page/view/chain.js \
	core/manage/page/view/changes.js \
	core/manage/page/view/events.js \
	core/manage/page/view/extension.js \
	core/manage/page/view/health.js \
	core/manage/page/view/overview.js \
	core/manage/page/view/port.js \
	core/manage/page/view/switch.js \
	core/manage/page/view/vms.js
EXTRA_DIST += $(page_files) core/manage/page/embed.sh
CLEANFILES += core/manage/page/page-data.c
core/manage/page/page-data.c: $(page_files) core/manage/page/embed.sh
	$(AM_V_GEN)$(MKDIR_P) core/manage/page && $(SHELL) \
		$(srcdir)/core/manage/page/embed.sh \
		$(page_files:%=$(srcdir)/%) >$@.tmp && mv $@.tmp $@
