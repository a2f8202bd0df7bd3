/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_MARSHAL_LAYOUT_MAP_H
#define XVS_MARSHAL_LAYOUT_MAP_H

/*
 * What ties a layout to the schema that it was made from: for each struct
 * its class, and for each member the property.  The serializer and the
 * deserializer need it; a layout that came over the wire has none.  Internal
 * to core/marshal.
 */

#include <stdbool.h>
#include <stdint.h>

struct cim_class;

struct layout_map_part {
    struct cim_class *cls;      /* reference, but of part 0: its owner;
                                 * NULL: parameters of a method */
    uint32_t *properties;       /* of each field: index in cls->properties */
    bool *skipped;              /* of each property: not serialized */
    uint32_t n_values;          /* properties of the class, or parameters */
    bool is_identity;           /* field i is property i, none is skipped */
};

struct layout_map {
    uint32_t n;                 /* parts */
    struct layout_map_part parts[];
};

#endif
