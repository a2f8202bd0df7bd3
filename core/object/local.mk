# SPDX-License-Identifier: BSD-3-Clause
noinst_LIBRARIES += core/libobject.a
core_libobject_a_SOURCES = \
	core/object/adapt.c core/object/adapt.h \
	core/object/instance.c core/object/instance.h \
	core/object/instance-check.c \
	core/object/secret.c core/object/secret.h \
	core/object/instance-declared.c \
	core/object/path.c core/object/path.h \
	core/object/path-parse.c

# The text forms.
core_libobject_a_SOURCES += \
	core/object/forms.h \
	core/object/forms/forms-json.c \
	core/object/forms/forms-mof.c \
	core/object/forms/forms-read.c core/object/forms/forms-read.h \
	core/object/forms/json.c core/object/forms/json.h \
	core/object/forms/xml-path.c \
	core/object/forms/xml-read.c \
	core/object/forms/xml-write.c

# Queries.
core_libobject_a_SOURCES += \
	core/object/wql.h \
	core/object/wql/wql.c \
	core/object/wql/wql-keys.c \
	core/object/wql/wql-lex.c \
	core/object/wql/wql-like.c \
	core/object/wql/wql-match.c \
	core/object/wql/wql-parse.c core/object/wql/wql-tree.h
