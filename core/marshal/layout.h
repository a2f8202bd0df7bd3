/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_MARSHAL_LAYOUT_H
#define XVS_MARSHAL_LAYOUT_H

/*
 * Where each property of a class lies in its binary form.  Computed once per
 * class with libffi's C layout rules; flat and free of pointers and names, so
 * that it can be sent to the switch, which checks blocks with it without ever
 * seeing a schema.  Normative text: doc/formats.md, "Blocks".
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <xvs/types.h>

#include "base/endpoint.h"
#include "schema/value.h"

struct buffer;
struct cim_class;
struct error;
struct layout_map;

#define LAYOUT_PARTS 256        /* structs in one layout, at most */
#define LAYOUT_FIELDS 8192      /* members of all of them together */

enum layout_shape {
    SHAPE_SCALAR = 1,   /* T, or a struct xvs_ref for string and reference */
    SHAPE_FIXED = 2,    /* "T x[n]": n elements inline */
    SHAPE_BOUNDED = 3,  /* Max(n): u32 count, then n elements inline */
    SHAPE_VARIABLE = 4, /* struct xvs_ref to elements in the tail */
};

/* One property (16 bytes, little-endian on the wire). */
struct layout_field {
    uint8_t type;       /* enum cim_type */
    uint8_t shape;      /* enum layout_shape */
    uint16_t part;      /* of an embedded class: index of its part; of a
                         * string, enum endpoint_kind that it grants */
    uint32_t offset;    /* from the start of its struct */
    uint32_t n;         /* elements of FIXED and BOUNDED */
    uint32_t bit;       /* presence bit, from its struct's first bit */
};

/*
 * One struct: the class itself (part 0) or an embedded class.  A struct's
 * number is greater than that of every struct which holds it, so that no
 * struct can hold itself.
 */
struct layout_part {
    uint32_t first_field;
    uint32_t n_fields;
    uint32_t size;      /* multiple of align */
    uint32_t align;
    uint32_t n_bits;    /* own properties and those of inline structs */
};

struct layout {
    struct xvs_guid uuid;       /* zero for a class that is no feature */
    uint64_t hash;              /* class_hash() */
    uint16_t version;
    uint16_t n_parts;
    uint32_t n_fields;
    struct layout_part *parts;
    struct layout_field *fields;
    /* Which properties the members are; NULL when read from bytes. */
    struct layout_map *map;
    void (*map_destroy)(struct layout_map *map);
};

/* What the member's value grants: enum endpoint_kind. */
static inline uint16_t
layout_grant(const struct layout_field *field)
{
    return field->type == CIM_STRING && field->shape == SHAPE_SCALAR
        && field->part < ENDPOINT_KINDS ? field->part : 0;
}

/*
 * The layout of a resolved class, computed at first use and kept in
 * cls->cache.  'lookup' finds embedded classes.  NULL when the class has no
 * binary form (the error says which property and why).
 */
const struct layout *layout_of_class(
    struct cim_class *cls,
    struct cim_class *(*lookup)(void *arg, const char *name), void *arg,
    struct error *error);
/* The layout of a method's in (or out, with the return value first)
 * parameters, as if they were a class's properties; caller destroys. */
struct method;
struct layout *layout_of_parameters(
    const struct method *method, bool out,
    struct cim_class *(*lookup)(void *arg, const char *name), void *arg,
    struct error *error);
void layout_destroy(struct layout *layout);

/* The class's property that field number 'field' of part 0 describes. */
uint32_t layout_property(const struct cim_class *cls,
                         const struct layout *layout, uint32_t field);

/* Wire form, for the control entry; reading checks everything, down to each
 * offset being the one that C gives the member. */
void layout_write(const struct layout *layout, struct buffer *out);
struct layout *layout_read(const void *data, size_t size,
                           struct error *error);

#endif
