/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Structs as libffi sees them; see layout-place.h.
 */

#include <config.h>

#include "marshal/layout-place.h"

#include <assert.h>
#include <ffi.h>
#include <stdlib.h>

#include "base/memory.h"
#include "marshal/layout.h"
#include "marshal/member.h"

/* Types that are structs in C. */
struct struct_types {
    ffi_type reference;         /* struct xvs_ref */
    ffi_type datetime;          /* struct xvs_datetime */
    ffi_type *parts;
};

static ffi_type *
ffi_of_field(const struct layout_field *field, struct struct_types *types)
{
    static ffi_type *const scalars[] = {
        [CIM_BOOLEAN] = &ffi_type_uint8, [CIM_UINT8] = &ffi_type_uint8,
        [CIM_SINT8] = &ffi_type_sint8, [CIM_UINT16] = &ffi_type_uint16,
        [CIM_SINT16] = &ffi_type_sint16, [CIM_CHAR16] = &ffi_type_uint16,
        [CIM_UINT32] = &ffi_type_uint32, [CIM_SINT32] = &ffi_type_sint32,
        [CIM_UINT64] = &ffi_type_uint64, [CIM_SINT64] = &ffi_type_sint64,
        [CIM_REAL32] = &ffi_type_float, [CIM_REAL64] = &ffi_type_double,
    };

    if (field->shape == SHAPE_VARIABLE || member_is_text(field)) {
        return &types->reference;
    }
    if (field->type == CIM_DATETIME) {
        return &types->datetime;
    }
    return field->type == CIM_EMBEDDED ? &types->parts[field->part]
                                       : scalars[field->type];
}

static void
prepare_types(struct struct_types *types)
{
    static ffi_type *reference_members[] = { &ffi_type_uint32,
                                             &ffi_type_uint32, NULL };
    static ffi_type *datetime_members[] = {
        &ffi_type_sint64, &ffi_type_sint16, &ffi_type_uint8, &ffi_type_uint8,
        &ffi_type_uint32, NULL };

    types->reference = (ffi_type){ 0, 0, FFI_TYPE_STRUCT, reference_members };
    types->datetime = (ffi_type){ 0, 0, FFI_TYPE_STRUCT, datetime_members };
    ffi_get_struct_offsets(FFI_DEFAULT_ABI, &types->reference, NULL);
    ffi_get_struct_offsets(FFI_DEFAULT_ABI, &types->datetime, NULL);
}

/*
 * Lists the members of a part as libffi wants them; a bounded array is two.
 * 'arrays' holds the types of arrays: each lies like a struct of its size.
 */
static void
list_members(const struct layout *layout, const struct layout_part *part,
             struct struct_types *types, ffi_type **members,
             ffi_type *arrays)
{
    const struct layout_field *fields = layout->fields + part->first_field;
    size_t at = 0;

    for (uint32_t i = 0; i < part->n_fields; i++) {
        ffi_type *element = ffi_of_field(&fields[i], types);

        if (fields[i].shape == SHAPE_BOUNDED) {
            members[at++] = &ffi_type_uint32;
        }
        if (fields[i].n) {
            arrays[i] = (ffi_type){ fields[i].n * element->size,
                                    element->alignment, FFI_TYPE_STRUCT,
                                    NULL };
            element = &arrays[i];
        }
        members[at++] = element;
    }
}

/* The C struct of one part: sizes come from the parts behind it. */
static void
place_part(struct layout *layout, uint32_t index, struct struct_types *types)
{
    struct layout_part *part = &layout->parts[index];
    struct layout_field *fields = layout->fields + part->first_field;
    size_t n = 2 * (size_t) part->n_fields + 1;
    MEM_AUTO ffi_type **members = mem_array(n, sizeof *members);
    MEM_AUTO ffi_type *arrays = mem_array(n, sizeof *arrays);
    MEM_AUTO size_t *offsets = mem_array(n, sizeof *offsets);
    ffi_type *type = &types->parts[index];
    ffi_status status = FFI_OK;
    size_t at = 0;

    list_members(layout, part, types, members, arrays);
    *type = (ffi_type){ 0, 0, FFI_TYPE_STRUCT, members };
    if (part->n_fields) {
        status = ffi_get_struct_offsets(FFI_DEFAULT_ABI, type, offsets);
    }
    assert(status == FFI_OK);
    (void) status;
    for (uint32_t i = 0; i < part->n_fields; i++) {
        /* Equal to what layout_arrange() computed, which the switch does. */
        assert(fields[i].offset == offsets[at]);
        fields[i].offset = (uint32_t) offsets[at];
        at += fields[i].shape == SHAPE_BOUNDED ? 2 : 1;
    }
    assert(part->size == type->size);
    part->size = (uint32_t) type->size;
    type->elements = NULL;
}

void
layout_place(struct layout *layout)
{
    MEM_AUTO ffi_type *parts = mem_array(layout->n_parts, sizeof *parts);
    struct struct_types types = { .parts = parts };

    prepare_types(&types);
    for (uint32_t i = layout->n_parts; i > 0; i--) {
        place_part(layout, i - 1, &types);
    }
}
