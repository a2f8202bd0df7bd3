# SPDX-License-Identifier: BSD-3-Clause
noinst_LIBRARIES += core/libobject.a
core_libobject_a_SOURCES = \
	core/object/adapt.c core/object/adapt.h \
	core/object/forms.h \
	core/object/forms-json.c \
	core/object/forms-mof.c \
	core/object/forms-read.c core/object/forms-read.h \
	core/object/instance.c core/object/instance.h \
	core/object/instance-check.c \
	core/object/instance-declared.c \
	core/object/json.c core/object/json.h \
	core/object/path.c core/object/path.h \
	core/object/path-parse.c \
	core/object/wql.c core/object/wql.h \
	core/object/wql-lex.c \
	core/object/wql-like.c \
	core/object/wql-match.c \
	core/object/wql-parse.c \
	core/object/wql-tree.h \
	core/object/xml-path.c \
	core/object/xml-read.c \
	core/object/xml-write.c
