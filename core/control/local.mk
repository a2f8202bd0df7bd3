# SPDX-License-Identifier: BSD-3-Clause
noinst_LIBRARIES += core/libcontrol.a
core_libcontrol_a_SOURCES = \
	core/control/link.c core/control/link.h \
	core/control/message.c core/control/message.h \
	core/control/names.c core/control/names.h
