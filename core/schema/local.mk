# SPDX-License-Identifier: BSD-3-Clause
noinst_LIBRARIES += core/libschema.a
core_libschema_a_SOURCES = \
	core/schema/class-hash.c \
	core/schema/class.c core/schema/class.h \
	core/schema/class-xml.c \
	core/schema/datetime.c \
	core/schema/feature.c core/schema/feature.h \
	core/schema/repository.c core/schema/repository.h \
	core/schema/stage.c core/schema/stage.h \
	core/schema/stage-check.c \
	core/schema/stage-read.c \
	core/schema/store.c core/schema/store.h \
	core/schema/unit.c core/schema/unit.h \
	core/schema/value-text.c \
	core/schema/value.c core/schema/value.h \
	core/schema/world.c core/schema/world.h \
	core/schema/xml.c core/schema/xml.h
