# SPDX-License-Identifier: BSD-3-Clause
noinst_LIBRARIES += core/libswitch.a
core_libswitch_a_SOURCES = \
	core/switch/disable.c \
	core/switch/driver.c core/switch/driver.h \
	core/switch/enable.c core/switch/extensions.h \
	core/switch/forward.c core/switch/forward.h \
	core/switch/mac.c core/switch/mac.h \
	core/switch/operation.c core/switch/operation.h \
	core/switch/plugins.c \
	core/switch/port-change.c \
	core/switch/ports.c core/switch/ports.h \
	core/switch/queries.c \
	core/switch/report.c core/switch/report.h \
	core/switch/server.c core/switch/server.h \
	core/switch/settings.c \
	core/switch/stages.c \
	core/switch/switches.c \
	core/switch/table.c core/switch/table.h \
	core/switch/vswitch.c core/switch/vswitch.h \
	core/switch/worker.c core/switch/worker.h
