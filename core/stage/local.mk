# SPDX-License-Identifier: BSD-3-Clause
noinst_LIBRARIES += core/libstage.a
core_libstage_a_SOURCES = \
	core/stage/chain.c core/stage/chain.h
