# SPDX-License-Identifier: BSD-3-Clause
noinst_LIBRARIES += core/libmarshal.a
core_libmarshal_a_CPPFLAGS = $(AM_CPPFLAGS) $(LIBFFI_CFLAGS)
core_libmarshal_a_SOURCES = \
	core/marshal/block.h \
	core/marshal/call.c core/marshal/call.h \
	core/marshal/check.c \
	core/marshal/checker.c core/marshal/checker.h \
	core/marshal/decode.c \
	core/marshal/encode.c \
	core/marshal/layout.c core/marshal/layout.h core/marshal/layout-map.h \
	core/marshal/layout-place.c core/marshal/layout-place.h \
	core/marshal/layout-wire.c \
	core/marshal/letters.h \
	core/marshal/member.h \
	core/marshal/oid.c core/marshal/oid.h \
	core/marshal/oid-answer.c \
	core/marshal/oid-pack.c core/marshal/oid-structs.h \
	core/marshal/signature.c core/marshal/signature.h
