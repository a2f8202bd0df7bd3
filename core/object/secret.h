/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_OBJECT_SECRET_H
#define XVS_OBJECT_SECRET_H

/*
 * Values that are written and never read: properties with the qualifier
 * Secret (doc/security.md).  An object that is shown to anybody has NULL
 * there; an object that comes from outside with NULL there means "as it
 * was".
 */

#include <stdbool.h>
#include <stddef.h>

struct cim_class;
struct error;
struct instance;
struct property;

/* True when a property of the class has Secret. */
bool secret_class(const struct cim_class *cls);
/* How many such properties of the object have a value. */
size_t secret_count(const struct instance *instance);
/* Takes the values away, in embedded objects too. */
void secret_strip(struct instance *instance);
/* Copies from 'old' the values that 'instance' does not give. */
void secret_keep(struct instance *instance, const struct instance *old);
/*
 * False when an embedded object has a class with Secret: what was not given
 * could not be kept there, because nobody knows which object it was in.
 */
bool secret_check(const struct instance *instance, struct error *error);
/* When the property has Secret: the error says no more what was given.
 * Returns false. */
bool secret_hush(const struct property *property, struct error *error);

#endif
