/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SCHEMA_COMPILE_H
#define XVS_SCHEMA_COMPILE_H

/*
 * From text to classes: the two readers (MOF, CIM-XML) fill a unit with what
 * the text declares; schema_resolve() ties the unit to the classes that are
 * known already.  Readers go on after an error, so that one run reports many.
 */

#include <stdbool.h>
#include <stddef.h>
#include "schema/class.h"

struct error;
struct error_list;
struct map;

/* An instance as a text declares it: names and untyped values. */
struct declared_value {
    const char *name;
    struct value value;         /* in the unit's arena; integer literals are
                                 * sint64 or uint64, reals real64; an alias
                                 * is a CIM_REFERENCE with the text "$x" */
    unsigned int line, column;
};

struct declared_instance {
    const char *class_name;
    const char *alias;          /* "$x" or NULL */
    struct declared_value *values;
    uint32_t n_values;
    struct qualifier *qualifiers;
    uint32_t n_qualifiers;
    const char *file;
    unsigned int line, column;
};

/* Everything one compilation found, in order of appearance. */
struct schema_unit {
    struct arena *arena;            /* of what is not part of a class */
    struct cim_class **classes;     /* declared form; one reference each */
    size_t n_classes;
    struct qualifier_type *qualifier_types;
    size_t n_qualifier_types;
    struct declared_instance *instances;
    size_t n_instances;
    const char *name_space;         /* last #pragma namespace, or NULL */
};

struct schema_options {
    const char *const *include_dirs;    /* searched after the file's own */
    size_t n_include_dirs;
    bool strict;                        /* warnings are errors */
    bool no_files;      /* text from the network: no include, no search */
    bool preprocess;    /* run #define/#if lines */
    bool is_prelude;    /* this is the built-in schema: do not look there */
    /* Knows classes by name (a superclass, a typed property), or NULL. */
    struct cim_class *(*lookup)(void *arg, const char *name);
    const struct qualifier_type *(*lookup_qualifier)(void *arg,
                                                     const char *name);
    void *arg;
};

void schema_unit_clear(struct schema_unit *unit);

/*
 * Reads MOF.  'file' names the text in errors.  Returns false when there
 * was any error; the unit then holds what could be read.
 */
bool mof_compile(const char *file, const char *text, size_t size,
                 const struct schema_options *options,
                 struct schema_unit *unit, struct error_list *errors);
/* Reads CIM-XML: <CLASS>, <INSTANCE>, or a <CIM> document with them. */
bool cimxml_compile(const char *file, const char *text, size_t size,
                    const struct schema_options *options,
                    struct schema_unit *unit, struct error_list *errors);
/* Reads the file and chooses the reader by its first character. */
bool schema_compile_file(const char *path,
                         const struct schema_options *options,
                         struct schema_unit *unit, struct error_list *errors);
/* The same for text that is in memory. */
bool schema_compile_text(const char *name, const char *text, size_t size,
                         const struct schema_options *options,
                         struct schema_unit *unit, struct error_list *errors);

/*
 * Resolves all classes of the unit: superclasses are looked for in the unit,
 * then through options->lookup.  On success every class of the unit is
 * resolved and ordered superclass first.
 */
bool schema_resolve(struct schema_unit *unit,
                    const struct schema_options *options,
                    struct error_list *errors);

/* The classes that are built in: our base classes, their Hyper-V aliases and
 * the WMI system parents.  Compiled from mof/xvs_core.mof on first use. */
struct cim_class *prelude_lookup(const char *name);
/* All of them, superclass first. */
size_t prelude_classes(struct cim_class ***classes);
const struct qualifier_type *prelude_qualifier(const char *name);
/* All qualifier declarations that are built in. */
size_t prelude_qualifiers(const struct qualifier_type **types);
/* The text the classes were compiled from (MOF); what the repository shows
 * for "xvs_core", and compiles again when a base class is replaced. */
const char *prelude_text(size_t *size);

/*
 * Checks what a class that is to be registered must satisfy: qualifiers,
 * UUIDs, ids, ranges, defaults (doc/formats.md, "Features").  Adds errors and
 * warnings.
 */
bool schema_check_class(const struct cim_class *cls, bool strict,
                        struct error_list *errors);

/* Writers; what they write, the readers read back to an equal class. */
struct buffer;
void class_write_mof(const struct cim_class *cls, struct buffer *out);
/* <CLASS>...</CLASS>, never self-closed; flags as in DSP0200. */
#define CLASS_XML_LOCAL_ONLY 1u
#define CLASS_XML_QUALIFIERS 2u
#define CLASS_XML_ORIGIN 4u
/* 'names' (may be NULL) limits the properties written. */
void class_write_xml(const struct cim_class *cls, unsigned int flags,
                     const char *const *names, size_t n_names,
                     struct buffer *out);
void qualifier_type_write_xml(const struct qualifier_type *type,
                              struct buffer *out);

#endif
