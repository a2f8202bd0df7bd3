# SPDX-License-Identifier: BSD-3-Clause
noinst_LIBRARIES += core/libcontrol.a
core_libcontrol_a_SOURCES = \
	core/control/body/body.c core/control/body/body.h \
	core/control/body/capture.c core/control/body/extensions.c \
	core/control/body/ports.c core/control/body/reports.c \
	core/control/body/settings.c \
	core/control/capture.h \
	core/control/inbox.c core/control/inbox.h \
	core/control/link.c core/control/link.h \
	core/control/message.c core/control/message.h \
	core/control/names.c core/control/names.h \
	core/control/outbox.c core/control/outbox.h \
	core/control/sealed.c core/control/sealed.h
