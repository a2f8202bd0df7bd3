# SPDX-License-Identifier: BSD-3-Clause
noinst_LIBRARIES += core/libswitch.a
core_libswitch_a_SOURCES = \
	core/switch/driver.c core/switch/driver.h \
	core/switch/forward.c core/switch/forward.h \
	core/switch/mac.c core/switch/mac.h \
	core/switch/ports.c \
	core/switch/report.c \
	core/switch/server.c core/switch/server.h \
	core/switch/switches.c \
	core/switch/table.c core/switch/table.h \
	core/switch/vswitch.c core/switch/vswitch.h \
	core/switch/worker.c core/switch/worker.h
