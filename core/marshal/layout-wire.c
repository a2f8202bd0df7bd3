/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Layouts as bytes, for the control entry.  Reading recomputes what the bytes
 * claim: a layout that was read has the offsets that C gives its members,
 * whoever wrote it.  Nothing here knows a schema.
 */

#include <config.h>

#include "marshal/layout.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/memory.h"
#include "marshal/block.h"
#include "marshal/member.h"

#define WIRE_MAGIC 0x4c535658u      /* "XVSL" */
#define WIRE_VERSION 1

/* The parts follow, then the fields, as they are in memory. */
struct wire {
    uint32_t magic;
    uint16_t wire_version;
    uint16_t version;
    uint16_t n_parts;
    uint16_t reserved;
    uint32_t n_fields;
    uint64_t hash;
    struct xvs_guid uuid;
};

_Static_assert(sizeof(struct wire) == 40, "no padding");
_Static_assert(sizeof(struct layout_part) == 20, "no padding");
_Static_assert(sizeof(struct layout_field) == 16, "no padding");

void
layout_destroy(struct layout *layout)
{
    if (!layout) {
        return;
    }
    if (layout->map) {
        layout->map_destroy(layout->map);
    }
    free(layout->parts);
    free(layout->fields);
    free(layout);
}

static bool
arrange_field(struct layout *layout, uint32_t part,
              const struct layout_field *field, struct error *error)
{
    bool embedded = field->type == CIM_EMBEDDED;
    bool counted = field->shape == SHAPE_FIXED
                   || field->shape == SHAPE_BOUNDED;

    if (field->shape < SHAPE_SCALAR || field->shape > SHAPE_VARIABLE) {
        return error_set(error, ERROR_INVALID, "a member has shape %u",
                         field->shape);
    }
    if (embedded ? field->part <= part || field->part >= layout->n_parts
                 : field->part != layout_grant(field)) {
        return error_set(error, ERROR_INVALID,
                         "a member of struct %u refers to struct %u", part,
                         field->part);
    }
    if (member_size(layout, field) == 0) {
        return error_set(error, ERROR_INVALID, "a member has type %u, which "
                         "has no binary form", field->type);
    }
    if (counted ? field->n == 0 || field->n > BLOCK_LIMIT : field->n != 0) {
        return error_set(error, ERROR_INVALID, "an array has %u elements",
                         field->n);
    }
    return true;
}

/* Places the members of one struct; the structs inside it are done. */
static bool
arrange_part(struct layout *layout, uint32_t index, struct error *error)
{
    struct layout_part *part = &layout->parts[index];
    struct layout_field *fields = layout->fields + part->first_field;
    uint64_t end = 0;
    uint64_t bits = part->n_fields;
    uint32_t align = 1;

    for (uint32_t i = 0; i < part->n_fields; i++) {
        struct layout_field *field = &fields[i];
        uint32_t own;

        if (!arrange_field(layout, index, field, error)) {
            return false;
        }
        own = field->shape == SHAPE_VARIABLE
                  ? 4 : member_alignment(layout, field);
        align = own > align ? own : align;
        if (field->shape == SHAPE_BOUNDED) {
            align = align < 4 ? 4 : align;
            own = 4;
        }
        field->offset = (uint32_t) member_align(end, own);
        field->bit = i;
        end = member_end(layout, field);
        bits += member_bits(layout, field);
        if (end > BLOCK_LIMIT || bits > BLOCK_LIMIT) {
            return error_set(error, ERROR_LIMIT,
                             "the binary form is larger than %u MiB",
                             BLOCK_LIMIT >> 20);
        }
    }
    part->size = (uint32_t) member_align(end, align);
    part->align = align;
    part->n_bits = (uint32_t) bits;
    return true;
}

bool
layout_arrange(struct layout *layout, struct error *error)
{
    for (uint32_t i = layout->n_parts; i > 0; i--) {
        if (!arrange_part(layout, i - 1, error)) {
            return false;
        }
    }
    return true;
}

void
layout_write(const struct layout *layout, struct buffer *out)
{
    struct wire wire = {
        .magic = WIRE_MAGIC,
        .wire_version = WIRE_VERSION,
        .version = layout->version,
        .n_parts = layout->n_parts,
        .n_fields = layout->n_fields,
        .hash = layout->hash,
        .uuid = layout->uuid,
    };

    buffer_put(out, &wire, sizeof wire);
    buffer_put(out, layout->parts, layout->n_parts * sizeof *layout->parts);
    buffer_put(out, layout->fields, layout->n_fields * sizeof *layout->fields);
}

/* The parts must divide the fields among them, in order. */
static bool
check_division(const struct layout *layout, struct error *error)
{
    uint64_t next = 0;

    for (uint32_t i = 0; i < layout->n_parts; i++) {
        const struct layout_part *part = &layout->parts[i];

        if (part->first_field != next) {
            return error_set(error, ERROR_INVALID,
                             "layout: struct %u starts at member %u, not "
                             "%llu", i, part->first_field,
                             (unsigned long long) next);
        }
        next += part->n_fields;
    }
    if (next != layout->n_fields) {
        return error_set(error, ERROR_INVALID, "layout: its structs have "
                         "%llu members, its head says %u",
                         (unsigned long long) next, layout->n_fields);
    }
    return true;
}

/* Recomputes, and compares with what the bytes said. */
static bool
check_arrangement(struct layout *layout, struct error *error)
{
    size_t parts_size = layout->n_parts * sizeof *layout->parts;
    size_t fields_size = layout->n_fields * sizeof *layout->fields;
    MEM_AUTO void *parts = mem_dup(layout->parts, parts_size);
    MEM_AUTO void *fields = mem_dup(layout->fields, fields_size);

    if (!layout_arrange(layout, error)) {
        return error_prefix(error, "layout");
    }
    if (memcmp(parts, layout->parts, parts_size) != 0
        || (fields_size
            && memcmp(fields, layout->fields, fields_size) != 0)) {
        return error_set(error, ERROR_INVALID,
                         "layout: an offset, size or number of bits is not "
                         "the one that follows from the members");
    }
    return true;
}

static bool
check_wire(const struct wire *wire, size_t size, struct error *error)
{
    size_t expected;

    if (wire->magic != WIRE_MAGIC || wire->wire_version != WIRE_VERSION
        || wire->reserved != 0) {
        return error_set(error, ERROR_VERSION,
                         "layout: not of version %d", WIRE_VERSION);
    }
    if (wire->n_parts == 0 || wire->n_parts > LAYOUT_PARTS
        || wire->n_fields > LAYOUT_FIELDS) {
        return error_set(error, ERROR_LIMIT,
                         "layout: %u structs and %u members; allowed are 1 "
                         "to %d and %d", wire->n_parts, wire->n_fields,
                         LAYOUT_PARTS, LAYOUT_FIELDS);
    }
    expected = sizeof *wire + wire->n_parts * sizeof(struct layout_part)
               + wire->n_fields * sizeof(struct layout_field);
    if (size != expected) {
        return error_set(error, ERROR_SYNTAX,
                         "layout: %zu bytes, where %zu are needed", size,
                         expected);
    }
    return true;
}

struct layout *
layout_read(const void *data, size_t size, struct error *error)
{
    const char *bytes = data;
    struct layout *layout;
    struct wire wire;
    size_t parts_size;

    if (size < sizeof wire) {
        error_set(error, ERROR_SYNTAX, "layout: %zu bytes are too few", size);
        return NULL;
    }
    memcpy(&wire, bytes, sizeof wire);
    if (!check_wire(&wire, size, error)) {
        return NULL;
    }
    layout = mem_zalloc(sizeof *layout);
    layout->uuid = wire.uuid;
    layout->hash = wire.hash;
    layout->version = wire.version;
    layout->n_parts = wire.n_parts;
    layout->n_fields = wire.n_fields;
    parts_size = wire.n_parts * sizeof *layout->parts;
    layout->parts = mem_dup(bytes + sizeof wire, parts_size);
    layout->fields = mem_dup(bytes + sizeof wire + parts_size,
                             wire.n_fields * sizeof *layout->fields);
    if (!check_division(layout, error) || !check_arrangement(layout, error)) {
        layout_destroy(layout);
        return NULL;
    }
    return layout;
}
