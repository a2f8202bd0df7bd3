# SPDX-License-Identifier: BSD-3-Clause
noinst_LIBRARIES += core/libschema.a
core_libschema_a_SOURCES = \
	core/schema/class-hash.c \
	core/schema/class-mof.c \
	core/schema/class.c core/schema/class.h \
	core/schema/datetime.c \
	core/schema/feature.c core/schema/feature.h \
	core/schema/prelude.c core/schema/prelude-text.h \
	core/schema/unit.c core/schema/unit.h \
	core/schema/value-text.c \
	core/schema/value.c core/schema/value.h

# The MOF reader.
core_libschema_a_SOURCES += \
	core/schema/compile.c core/schema/compile.h \
	core/schema/mof/expression.c core/schema/mof/expression.h \
	core/schema/mof/mof-class.c \
	core/schema/mof/mof-common.c \
	core/schema/mof/mof-include.c \
	core/schema/mof/mof-instance.c \
	core/schema/mof/mof-lex.c core/schema/mof/mof-lex.h \
	core/schema/mof/mof-literal.c \
	core/schema/mof/mof-parse.c core/schema/mof/mof-parse.h \
	core/schema/mof/mof-pragma.c \
	core/schema/mof/mof-qualifier.c \
	core/schema/mof/mof-value.c \
	core/schema/mof/preprocess.c core/schema/mof/preprocess.h \
	core/schema/source.c core/schema/source.h

# Resolving, and checking what is resolved.
core_libschema_a_SOURCES += \
	core/schema/resolve/check-value.c \
	core/schema/resolve/check.c core/schema/resolve/check.h \
	core/schema/resolve/resolve-declaration.c \
	core/schema/resolve/resolve-embedded.c \
	core/schema/resolve/resolve-member.c \
	core/schema/resolve/resolve-method.c \
	core/schema/resolve/resolve-qualifier.c \
	core/schema/resolve/resolve.c core/schema/resolve/resolve.h

# CIM-XML.
core_libschema_a_SOURCES += \
	core/schema/cimxml/cimxml-value.c \
	core/schema/cimxml/cimxml.c core/schema/cimxml/cimxml.h \
	core/schema/cimxml/class-xml.c \
	core/schema/xml-parse.c \
	core/schema/xml-stream.c core/schema/xml-stream.h \
	core/schema/xml-tree.c core/schema/xml-tree.h \
	core/schema/xml.c core/schema/xml.h

# The repository.
core_libschema_a_SOURCES += \
	core/schema/repository/repository.c core/schema/repository.h \
	core/schema/repository/stage.c core/schema/repository/stage.h \
	core/schema/repository/stage-check.c \
	core/schema/repository/stage-read.c \
	core/schema/repository/shelf.c core/schema/repository/shelf.h \
	core/schema/repository/world.c core/schema/repository/world.h

# The built-in schemas become part of the program: each line of their text a
# C string.
nodist_core_libschema_a_SOURCES = core/schema/prelude-text.c
prelude_mof = $(srcdir)/mof/xvs_qualifiers.mof $(srcdir)/mof/xvs_core.mof
EXTRA_DIST += mof/xvs_qualifiers.mof mof/xvs_core.mof \
	core/schema/prelude-text.awk
CLEANFILES += core/schema/prelude-text.c
core/schema/prelude-text.c: $(prelude_mof) $(srcdir)/core/schema/prelude-text.awk
	$(AM_V_GEN)$(MKDIR_P) core/schema && LC_ALL=C $(AWK) \
		-f $(srcdir)/core/schema/prelude-text.awk $(prelude_mof) >$@.tmp \
		&& mv $@.tmp $@
