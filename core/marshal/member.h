/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_MARSHAL_MEMBER_H
#define XVS_MARSHAL_MEMBER_H

/*
 * Small questions about one member of a struct, asked by everything in this
 * folder that walks a body.  Internal to core/marshal; knows no schema but
 * the numbers of the types.
 */

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include "marshal/layout.h"
#include "schema/value.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "blocks are little-endian and are used in place"
#endif

/* Rounds up; 'alignment' is a power of 2.  64 bits: cannot overflow. */
static inline uint64_t
member_align(uint64_t number, uint64_t alignment)
{
    return (number + alignment - 1) & ~(alignment - 1);
}

/* Size and alignment of one element; 0 for a type that has no binary form. */
static inline uint32_t
member_size(const struct layout *layout, const struct layout_field *field)
{
    static const uint8_t sizes[] = {
        [CIM_BOOLEAN] = 1, [CIM_UINT8] = 1, [CIM_SINT8] = 1,
        [CIM_UINT16] = 2, [CIM_SINT16] = 2, [CIM_CHAR16] = 2,
        [CIM_UINT32] = 4, [CIM_SINT32] = 4, [CIM_REAL32] = 4,
        [CIM_UINT64] = 8, [CIM_SINT64] = 8, [CIM_REAL64] = 8,
        [CIM_STRING] = 8, [CIM_REFERENCE] = 8, [CIM_OBJECT] = 8,
        [CIM_DATETIME] = 16, [CIM_EMBEDDED] = 0,
    };

    if (field->type == CIM_EMBEDDED) {
        return layout->parts[field->part].size;
    }
    return field->type < sizeof sizes ? sizes[field->type] : 0;
}

static inline bool
member_is_text(const struct layout_field *field)
{
    return field->type == CIM_STRING || field->type == CIM_REFERENCE
           || field->type == CIM_OBJECT;
}

static inline uint32_t
member_alignment(const struct layout *layout, const struct layout_field *field)
{
    uint32_t size;

    if (field->type == CIM_EMBEDDED) {
        return layout->parts[field->part].align;
    }
    if (member_is_text(field)) {
        return 4;
    }
    size = member_size(layout, field);
    return size > 8 ? 8 : size;
}

/* Elements that lie inside the struct itself. */
static inline uint32_t
member_inline(const struct layout_field *field)
{
    return field->shape == SHAPE_SCALAR     ? 1
           : field->shape == SHAPE_VARIABLE ? 0
                                            : field->n;
}

/* Offset of the first inline element from the start of the struct. */
static inline uint64_t
member_data(const struct layout *layout, const struct layout_field *field)
{
    return field->shape == SHAPE_BOUNDED
               ? member_align((uint64_t) field->offset + sizeof(uint32_t),
                              member_alignment(layout, field))
               : field->offset;
}

/* Offset behind the member from the start of the struct. */
static inline uint64_t
member_end(const struct layout *layout, const struct layout_field *field)
{
    if (field->shape == SHAPE_VARIABLE) {
        return (uint64_t) field->offset + sizeof(struct xvs_ref);
    }
    return member_data(layout, field)
           + (uint64_t) member_inline(field) * member_size(layout, field);
}

/* Presence bits of the inline structs of the member. */
static inline uint64_t
member_bits(const struct layout *layout, const struct layout_field *field)
{
    return field->type == CIM_EMBEDDED
               ? (uint64_t) member_inline(field)
                     * layout->parts[field->part].n_bits
               : 0;
}

/*
 * Computes offsets, bits, sizes and alignments of all parts from the members'
 * types, shapes, numbers and parts, by the rules of C.  False (and a text in
 * the error) when a member cannot be or a limit is exceeded.
 */
struct error;
bool layout_arrange(struct layout *layout, struct error *error);

#endif
