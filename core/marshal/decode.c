/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The deserializer.  It walks a block that block_check() found to be sound,
 * so it does not look at bounds again.  An object is one allocation; strings,
 * datetimes and arrays are the only others.
 */

#include <config.h>

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "marshal/block.h"
#include "marshal/layout-map.h"
#include "marshal/layout.h"
#include "marshal/member.h"
#include "object/forms.h"
#include "object/instance.h"

struct decoder {
    const struct layout *layout;
    const uint8_t *body;
    const uint8_t *present;
    uint64_t n_bits;            /* of variable arrays: handed out so far */
    block_lookup lookup;
    void *arg;
    struct error *error;
};

static inline bool
is_present(const struct decoder *decoder, uint64_t bit)
{
    return decoder->present[bit / 8] >> bit % 8 & 1;
}

static bool decode_struct(struct decoder *decoder, uint32_t index,
                          uint32_t n_known, struct value *values,
                          uint64_t offset, uint64_t first_bit);

/*
 * An object of the part's class.  What blocks do not carry has its default;
 * the rest is for decode_struct() to set.
 */
static struct instance *
create_instance(const struct layout_map_part *map, struct cim_class *cls)
{
    struct instance *instance = instance_allocate(cls);

    for (uint32_t i = 0; !map->is_identity && i < instance->n; i++) {
        if (map->skipped[i]) {
            value_copy(&instance->values[i], &cls->properties[i].initial);
            instance->values[i].type = cls->properties[i].type;
            instance->values[i].is_array = cls->properties[i].is_array;
        }
    }
    return instance;
}

static bool
decode_object(struct decoder *decoder, uint32_t index, struct value *value,
              uint64_t offset, uint64_t bit)
{
    const struct layout_map_part *map = &decoder->layout->map->parts[index];

    value->object = create_instance(map, map->cls);
    value->is_null = false;
    return decode_struct(decoder, index,
                         decoder->layout->parts[index].n_fields,
                         value->object->values, offset, bit);
}

static bool
decode_object_text(struct decoder *decoder, struct xvs_ref ref,
                   struct value *value)
{
    const char *text = (const char *) decoder->body + ref.offset;
    struct instance **objects = NULL;
    size_t n = 0;

    if (!instances_read("object", ref.count ? text : "", ref.count, NULL,
                        decoder->lookup, decoder->arg, &objects, &n,
                        decoder->error)) {
        return false;
    }
    if (n == 1) {
        value->object = objects[0];
        value->is_null = false;
        free(objects);
        return true;
    }
    for (size_t i = 0; i < n; i++) {
        instance_destroy(objects[i]);
    }
    free(objects);
    return error_set(decoder->error, ERROR_INVALID,
                     "an embedded object's text has %zu objects, not one", n);
}

static inline void
decode_text(const struct decoder *decoder, struct xvs_ref ref,
            struct value *value)
{
    value->n = ref.count;
    value->s = mem_alloc((size_t) ref.count + 1);
    memcpy(value->s, decoder->body + (ref.count ? ref.offset : 0), ref.count);
    value->s[ref.count] = 0;
    value->is_null = false;
}

/* One element; the value is NULL, of the member's type. */
static inline bool
decode_element(struct decoder *decoder, const struct layout_field *field,
               struct value *value, uint64_t offset, uint64_t bit)
{
    const uint8_t *at = decoder->body + offset;
    struct xvs_ref ref;
    int32_t sint32;
    int16_t sint16;
    float real32;

    value->is_null = false;
    switch (field->type) {
    case CIM_BOOLEAN:
    case CIM_UINT8:
        value->u = *at;
        return true;
    case CIM_SINT8:
        value->i = (int8_t) *at;
        return true;
    case CIM_UINT16:
    case CIM_CHAR16:
        memcpy(&value->u, at, 2);
        return true;
    case CIM_SINT16:
        memcpy(&sint16, at, 2);
        value->i = sint16;
        return true;
    case CIM_UINT32:
        memcpy(&value->u, at, 4);
        return true;
    case CIM_SINT32:
        memcpy(&sint32, at, 4);
        value->i = sint32;
        return true;
    case CIM_REAL32:
        memcpy(&real32, at, 4);
        value->r = real32;
        return true;
    case CIM_DATETIME:
        value->t = mem_dup(at, sizeof *value->t);
        return true;
    case CIM_STRING:
    case CIM_REFERENCE:
        memcpy(&ref, at, sizeof ref);
        decode_text(decoder, ref, value);
        return true;
    case CIM_OBJECT:
        memcpy(&ref, at, sizeof ref);
        value->is_null = true;
        return decode_object_text(decoder, ref, value);
    case CIM_EMBEDDED:
        return decode_object(decoder, field->part, value, offset, bit);
    default:
        memcpy(&value->u, at, 8);
        return true;
    }
}

static bool
decode_array(struct decoder *decoder, const struct layout_field *field,
             struct value *array, uint64_t offset, uint64_t bit)
{
    const struct layout *layout = decoder->layout;
    uint32_t size = member_size(layout, field);
    uint32_t n_bits = field->type == CIM_EMBEDDED
                          ? layout->parts[field->part].n_bits : 0;
    uint64_t at = offset - field->offset + member_data(layout, field);
    uint32_t n = field->n;

    if (field->shape == SHAPE_VARIABLE) {
        struct xvs_ref ref;

        memcpy(&ref, decoder->body + offset, sizeof ref);
        n = ref.count;
        at = ref.offset;
        bit = decoder->n_bits;
        decoder->n_bits += (uint64_t) n * n_bits;
    } else if (field->shape == SHAPE_BOUNDED) {
        memcpy(&n, decoder->body + offset, sizeof n);
    }
    *array = value_array((enum cim_type) field->type, n);
    for (uint32_t i = 0; i < n; i++) {
        if (!decode_element(decoder, field, &array->items[i],
                            at + (uint64_t) i * size,
                            bit + (uint64_t) i * n_bits)) {
            return false;
        }
    }
    return true;
}

/*
 * Sets the values of all members of struct 'index'; those behind the first
 * 'n_known' are not in the block and become NULL.  After a failure every
 * value is still fit to be cleared.
 */
static bool
decode_struct(struct decoder *decoder, uint32_t index, uint32_t n_known,
              struct value *values, uint64_t offset, uint64_t first_bit)
{
    const struct layout *layout = decoder->layout;
    const struct layout_part *part = &layout->parts[index];
    const struct layout_field *fields = layout->fields + part->first_field;
    const uint32_t *properties = layout->map->parts[index].properties;
    uint64_t next_bit = first_bit + part->n_fields;
    bool good = true;

    for (uint32_t i = 0; i < part->n_fields; i++) {
        const struct layout_field *field = &fields[i];
        struct value *value = &values[properties[i]];

        *value = (struct value){ .type = (enum cim_type) field->type,
                                 .is_array = field->shape != SHAPE_SCALAR,
                                 .is_null = true };
        if (good && i < n_known && is_present(decoder, first_bit + i)) {
            good = field->shape == SHAPE_SCALAR
                       ? decode_element(decoder, field, value,
                                        offset + field->offset, next_bit)
                       : decode_array(decoder, field, value,
                                      offset + field->offset, next_bit);
        }
        if (field->type == CIM_EMBEDDED) {
            next_bit += member_bits(layout, field);
        }
    }
    return good;
}

/* Prepares the walk; '*n_known' is how many members the block has. */
static void
start(struct decoder *decoder, const void *block, size_t size,
      uint32_t *n_known)
{
    const struct layout_part *part = &decoder->layout->parts[0];
    struct block_header header;

    assert(size >= sizeof header);
    memcpy(&header, block, sizeof header);
    assert(header.total_size <= size && decoder->layout->map);
    (void) size;
    decoder->body = (const uint8_t *) block + header.body_offset;
    decoder->present = (const uint8_t *) block + sizeof header;
    decoder->n_bits = part->n_bits;
    *n_known = header.n_present < part->n_fields ? header.n_present
                                                 : part->n_fields;
}

struct instance *
block_decode(const void *block, size_t size, struct cim_class *cls,
             const struct layout *layout, block_lookup lookup, void *arg,
             struct error *error)
{
    struct decoder decoder = { .layout = layout, .lookup = lookup,
                               .arg = arg, .error = error };
    struct instance *instance;
    uint32_t n_known;

    start(&decoder, block, size, &n_known);
    assert(layout->map->parts[0].cls == cls);
    instance = create_instance(&layout->map->parts[0], cls);
    if (!decode_struct(&decoder, 0, n_known, instance->values, 0, 0)) {
        instance_destroy(instance);
        error_prefix(error, "class %s", cls->name);
        return NULL;
    }
    return instance;
}

bool
block_decode_values(const void *block, size_t size,
                    const struct layout *layout, struct value *values,
                    uint32_t n, block_lookup lookup, void *arg,
                    struct error *error)
{
    struct decoder decoder = { .layout = layout, .lookup = lookup,
                               .arg = arg, .error = error };
    uint32_t n_known;

    start(&decoder, block, size, &n_known);
    if (n != layout->parts[0].n_fields) {
        return error_set(error, ERROR_INVALID,
                         "%u values for %u parameters", n,
                         layout->parts[0].n_fields);
    }
    if (!decode_struct(&decoder, 0, n_known, values, 0, 0)) {
        for (uint32_t i = 0; i < n; i++) {
            value_clear(&values[i]);
        }
        return false;
    }
    return true;
}
