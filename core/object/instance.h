/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_OBJECT_INSTANCE_H
#define XVS_OBJECT_INSTANCE_H

/*
 * An object: a class and a value for each of its properties.  One
 * allocation plus what its values need.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "schema/class.h"

struct buffer;
struct declared_instance;
struct error;
struct schema_unit;

struct instance {
    struct cim_class *cls;      /* counted reference */
    uint32_t n;                 /* = cls->n_properties */
    struct value values[];      /* in the order of cls->properties */
};

/* For the deserializer: the values are not initialized, all must be set. */
struct instance *instance_allocate(struct cim_class *cls);
/* All properties have their defaults (or NULL). */
struct instance *instance_create(struct cim_class *cls);
void instance_destroy(struct instance *instance);       /* accepts NULL */
struct instance *instance_copy(const struct instance *instance);
bool instance_equal(const struct instance *a, const struct instance *b);

/* NULL when the class has no such property. */
const struct value *instance_get(const struct instance *instance,
                                 const char *name);
const char *instance_text(const struct instance *instance, const char *name);
uint64_t instance_u64(const struct instance *instance, const char *name);

/*
 * Sets a property; takes the value over (cleared on failure too).  Converts
 * literals to the declared type; the error names class, property, what was
 * given and what is allowed, with "did you mean" for an unknown name.
 */
bool instance_set(struct instance *instance, const char *name,
                  struct value value, struct error *error);
/* The same for the text form; "{1,2}" or "1,2" for arrays; "NULL". */
bool instance_set_text(struct instance *instance, const char *name,
                       const char *text, struct error *error);
void instance_set_string(struct instance *instance, const char *name,
                         const char *text);     /* must exist */
void instance_set_u64(struct instance *instance, const char *name,
                      uint64_t number);         /* must exist */

/* Says that the class has no such property, with "did you mean" or a list;
 * returns false. */
bool instance_no_property(const struct cim_class *cls, const char *name,
                          struct error *error);

/*
 * Checks the values against the schema: MinValue, MaxValue, MaxLen, Max,
 * array sizes, ValueMap, Required, embedded class.
 */
bool instance_check(const struct instance *instance, struct error *error);

/*
 * Gives an instance another class: the values of properties of the same name
 * and a convertible type are kept, others get the new defaults.  False when
 * a value that is set would be lost.
 */
struct instance *instance_recast(const struct instance *instance,
                                 struct cim_class *cls, struct error *error);

/* A declared instance (MOF or XML text) as an object of its class. */
struct instance *instance_from_declared(
    const struct declared_instance *declared, const struct schema_unit *unit,
    struct cim_class *(*lookup)(void *arg, const char *name), void *arg,
    struct error *error);

#endif
