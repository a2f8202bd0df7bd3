# SPDX-License-Identifier: BSD-3-Clause
noinst_LIBRARIES += core/libport.a
core_libport_a_SOURCES = \
	core/port/interface.c core/port/interface.h \
	core/port/packet.c \
	core/port/port.c core/port/port.h \
	core/port/tap.c core/port/tap.h \
	core/port/vector.c core/port/vector.h
