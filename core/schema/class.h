/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SCHEMA_CLASS_H
#define XVS_SCHEMA_CLASS_H

/*
 * The one in-memory class model.  MOF and CIM-XML readers both produce it;
 * everything else (instances, layouts, headers, answers to GetClass) is
 * derived from it.
 *
 * A class is built by a reader (declared form: only what its own text says),
 * then resolved against its superclass: properties, methods and qualifiers
 * that propagate are copied in, superclass first.  A resolved class never
 * changes.  It is counted: whoever keeps a pointer holds a reference.  All
 * parts of a class live in its arena and go with its last reference; a
 * resolved class holds a reference to its superclass.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "schema/value.h"

struct arena;

/* Flavors. */
#define FLAVOR_OVERRIDABLE 0x01u    /* EnableOverride (the default) */
#define FLAVOR_TO_SUBCLASS 0x02u    /* the default */
#define FLAVOR_TO_INSTANCE 0x04u
#define FLAVOR_TRANSLATABLE 0x08u
#define FLAVOR_AMENDED 0x10u
#define FLAVOR_DEFAULT (FLAVOR_OVERRIDABLE | FLAVOR_TO_SUBCLASS)
/* In the declared form a flavor says only what the text says; what it leaves
 * open comes from the qualifier's declaration when the class is resolved.
 * These say the opposite of the first two, and are gone afterwards. */
#define FLAVOR_NOT_OVERRIDABLE 0x20u    /* DisableOverride */
#define FLAVOR_NOT_TO_SUBCLASS 0x40u    /* Restricted */
#define FLAVOR_NOT_TO_INSTANCE 0x80u

/* Scopes of a qualifier declaration, as bits. */
#define SCOPE_CLASS 0x01u
#define SCOPE_ASSOCIATION 0x02u
#define SCOPE_INDICATION 0x04u
#define SCOPE_PROPERTY 0x08u
#define SCOPE_REFERENCE 0x10u
#define SCOPE_METHOD 0x20u
#define SCOPE_PARAMETER 0x40u
#define SCOPE_ANY 0x7fu

struct qualifier {
    const char *name;
    struct value value;
    uint8_t flavor;         /* FLAVOR_... */
    bool propagated;        /* came from the superclass */
    uint16_t column;        /* where it is written; 0: unknown */
    uint32_t line;
};

/* A qualifier declaration ("Qualifier X : string = ..., Scope(...)"). */
struct qualifier_type {
    const char *name;
    struct value value;     /* type and default */
    uint8_t flavor;
    uint8_t scope;
    const char *file;
    unsigned int line;
};

struct property {
    const char *name;
    enum cim_type type;
    bool is_array;
    bool is_key;            /* has the Key qualifier */
    bool is_secret;         /* has the Secret qualifier */
    bool is_indexed;        /* texts; has the Indexed qualifier */
    uint8_t grant;          /* enum endpoint_kind of the Grant qualifier */
    bool propagated;        /* inherited unchanged */
    uint32_t array_size;    /* n of "x[n]"; 0: unbounded or scalar */
    uint32_t max_elements;  /* n of the Max(n) qualifier; 0: none */
    uint32_t data_id;       /* WmiDataId; 0: none */
    const char *class_name; /* of a reference or embedded type, or NULL */
    const char *origin;     /* the class that declared it first */
    uint64_t embedded_hash; /* class_hash() of an embedded class, else 0 */
    struct value initial;   /* default; NULL when there is none */
    struct qualifier *qualifiers;
    uint32_t n_qualifiers;
    unsigned int line, column;
};

struct parameter {
    const char *name;
    enum cim_type type;
    bool is_array, in, out;
    uint32_t array_size;
    const char *class_name;
    struct qualifier *qualifiers;
    uint32_t n_qualifiers;
};

struct method {
    const char *name;
    enum cim_type type;     /* CIM_NONE: void */
    bool propagated;
    const char *class_name; /* when the type is embedded */
    const char *origin;
    struct parameter *parameters;
    uint32_t n_parameters;
    struct qualifier *qualifiers;
    uint32_t n_qualifiers;
    unsigned int line, column;
};

struct cim_class {
    struct arena *arena;        /* owns everything below and this struct */
    unsigned int references;
    const char *name;
    const char *super_name;     /* NULL: a root class */
    const char *alias;          /* "as $X", or NULL */
    const char *file;           /* where it was declared */
    unsigned int line, column;
    bool is_association, is_indication, is_abstract, is_resolved;
    bool is_builtin;            /* of the built-in schema xvs_core */
    struct cim_class *super;    /* resolved: counted reference */
    struct qualifier *qualifiers;
    uint32_t n_qualifiers;
    struct property *properties;
    uint32_t n_properties;
    struct method *methods;
    uint32_t n_methods;
    void *cache;                /* derived data of a layer above (layout) */
    void (*cache_free)(void *cache);
    void *text_cache;           /* constant parts of its objects' CIM-XML */
    void (*text_cache_free)(void *cache);
};

/* An empty class in an arena of its own, with one reference. */
struct cim_class *class_create(const char *name);
/* The same; 'first' bytes are a good guess of what it will need. */
struct cim_class *class_create_sized(const char *name, size_t first);
struct cim_class *class_ref(struct cim_class *cls);
void class_unref(struct cim_class *cls);    /* accepts NULL */

/* Searches without case; NULL when there is none. */
const struct property *class_property(const struct cim_class *cls,
                                      const char *name);
/* Index of the property, or -1. */
int class_property_index(const struct cim_class *cls, const char *name);
const struct method *class_method(const struct cim_class *cls,
                                  const char *name);
const struct qualifier *class_qualifier(const struct cim_class *cls,
                                        const char *name);
const struct qualifier *property_qualifier(const struct property *property,
                                           const char *name);
const struct qualifier *qualifier_find(const struct qualifier *qualifiers,
                                       uint32_t n, const char *name);
/* Text of a string qualifier, or NULL. */
const char *qualifier_text(const struct qualifier *qualifier);
/* Truth of a boolean qualifier; false when there is none. */
bool qualifier_true(const struct qualifier *qualifier);

/* True when 'cls' is 'ancestor' or derived from it (by name, no case). */
bool class_is_a(const struct cim_class *cls, const char *ancestor);

/*
 * Which properties the binary form has, in its order (doc/formats.md): fills
 * 'indexes', which has room for n_properties, and returns how many.
 */
uint32_t class_serialized(const struct cim_class *cls, uint32_t *indexes);

/* InterfaceVersion << 8 | InterfaceRevision; 0 where they are malformed. */
uint16_t class_version(const struct cim_class *cls);

/*
 * 64-bit hash of what the binary form depends on: class name, version, and
 * of each serialized property name, type, shape and embedded class's hash.
 * Texts, defaults and other qualifiers do not count.
 */
uint64_t class_hash(const struct cim_class *cls);

#endif
