# SPDX-License-Identifier: BSD-3-Clause
noinst_LIBRARIES += core/libpacket.a
core_libpacket_a_CFLAGS = $(AM_CFLAGS) $(URCU_CFLAGS)
core_libpacket_a_SOURCES = \
	core/packet/cycles.c core/packet/cycles.h \
	core/packet/grace.c core/packet/grace.h core/packet/guess.c \
	core/packet/offload.c core/packet/offload.h \
	core/packet/parse.c core/packet/parse.h \
	core/packet/pool.c core/packet/pool.h \
	core/packet/tally.h core/packet/words.h
