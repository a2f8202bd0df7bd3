/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_OBJECT_ADAPT_H
#define XVS_OBJECT_ADAPT_H

/*
 * Fits a value to the type that a schema declares for a property or a
 * parameter.  Literals become numbers of the declared size when they are in
 * range, texts become datetimes, references and characters; everything else
 * is a type error that says what was expected.
 */

#include <stdbool.h>
#include "schema/value.h"

struct error;

/*
 * Changes '*value' in place.  'class_name' (may be NULL) is what an embedded
 * object must be.  On failure the value is still the caller's to clear.
 */
bool adapt_value(struct value *value, enum cim_type type, bool is_array,
                 const char *class_name, struct error *error);
/*
 * Makes a value from what a person types: "NULL", a scalar, "1,2", "{1,2}",
 * "{\"a,b\",\"c\"}".  On failure '*value' is a NULL.
 */
bool adapt_text(struct value *value, enum cim_type type, bool is_array,
                const char *text, struct error *error);

#endif
