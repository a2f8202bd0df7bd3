# SPDX-License-Identifier: BSD-3-Clause
noinst_LIBRARIES += core/libmanage.a
core_libmanage_a_CPPFLAGS = $(AM_CPPFLAGS) $(GNUTLS_CFLAGS)
core_libmanage_a_SOURCES = \
	core/manage/answer.c \
	core/manage/associate.c \
	core/manage/auth-check.c \
	core/manage/auth-file.c \
	core/manage/auth-internal.h \
	core/manage/auth.c core/manage/auth.h \
	core/manage/class-list.h \
	core/manage/context.c core/manage/context.h \
	core/manage/entry.c core/manage/entry.h \
	core/manage/exchange.h \
	core/manage/http-answer.c \
	core/manage/http-conn.c core/manage/http-conn.h \
	core/manage/http-head.c \
	core/manage/http-life.c \
	core/manage/http-login.c \
	core/manage/http-output.c core/manage/http-output.h \
	core/manage/http-parse.c core/manage/http-parse.h \
	core/manage/http-server.c core/manage/http-server.h \
	core/manage/listing.c core/manage/listing.h \
	core/manage/manage.c core/manage/manage.h \
	core/manage/op-assoc.c \
	core/manage/op-class.c \
	core/manage/op-instance.c \
	core/manage/op-list.c \
	core/manage/op-method.c \
	core/manage/op-open.c core/manage/open.h \
	core/manage/op-property.c \
	core/manage/op-pull.c core/manage/pull.h \
	core/manage/op-query.c \
	core/manage/op-schema.c \
	core/manage/operation.c core/manage/operation.h \
	core/manage/parameter.c \
	core/manage/request-head.c \
	core/manage/request.c core/manage/request.h \
	core/manage/source.c core/manage/source.h \
	core/manage/status.c core/manage/status.h \
	core/manage/tls.c core/manage/tls.h
