# SPDX-License-Identifier: BSD-3-Clause
noinst_LIBRARIES += core/libschema.a
core_libschema_a_SOURCES = \
	core/schema/class-hash.c \
	core/schema/class.c core/schema/class.h \
	core/schema/datetime.c \
	core/schema/feature.c core/schema/feature.h \
	core/schema/unit.c core/schema/unit.h \
	core/schema/value-text.c \
	core/schema/value.c core/schema/value.h \
	core/schema/xml.c core/schema/xml.h
