# SPDX-License-Identifier: BSD-3-Clause
noinst_LIBRARIES += core/libtap.a
core_libtap_a_SOURCES = \
	core/tap/pcapng.c core/tap/pcapng.h \
	core/tap/pcapng-read.c \
	core/tap/ring.c core/tap/ring.h \
	core/tap/tap.c core/tap/tap.h
