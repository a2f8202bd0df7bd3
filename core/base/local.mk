# SPDX-License-Identifier: BSD-3-Clause
noinst_LIBRARIES += core/libbase.a
core_libbase_a_SOURCES = \
	core/base/base64.c core/base/base64.h \
	core/base/buffer.c core/base/buffer.h \
	core/base/durable.c core/base/durable.h \
	core/base/endpoint.c core/base/endpoint.h \
	core/base/error.c core/base/error.h \
	core/base/hash.c \
	core/base/library.c core/base/library.h \
	core/base/log.c core/base/log.h \
	core/base/loop.c core/base/loop.h \
	core/base/map.c core/base/map.h \
	core/base/memory.c core/base/memory.h \
	core/base/socket.c core/base/socket.h \
	core/base/text.c core/base/text.h \
	core/base/timers.c core/base/timers.h
