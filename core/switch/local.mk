# SPDX-License-Identifier: BSD-3-Clause
noinst_LIBRARIES += core/libswitch.a
core_libswitch_a_SOURCES = \
	core/switch/driver.c \
	core/switch/driver.h \
	core/switch/operation.c \
	core/switch/operation.h \
	core/switch/ports.c \
	core/switch/ports.h \
	core/switch/server.c \
	core/switch/server.h \
	core/switch/stages.c \
	core/switch/stages.h \
	core/switch/vswitch.c \
	core/switch/vswitch.h \
	core/switch/forward/fit.c \
	core/switch/forward/fit.h \
	core/switch/forward/forward.c \
	core/switch/forward/forward.h \
	core/switch/forward/mac.c \
	core/switch/forward/mac.h \
	core/switch/forward/table.c \
	core/switch/forward/table.h \
	core/switch/forward/worker.c \
	core/switch/forward/worker.h \
	core/switch/forward/workers.c \
	core/switch/forward/workers.h \
	core/switch/request/answer.c \
	core/switch/request/disable.c \
	core/switch/request/enable.c \
	core/switch/request/plugins.c \
	core/switch/request/port-change.c \
	core/switch/request/queries.c \
	core/switch/request/report.c \
	core/switch/request/report.h \
	core/switch/request/request.h \
	core/switch/request/settings.c \
	core/switch/request/switches.c
