/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The serializer.  Two walks over the values in the order of the members:
 * the first adds up sizes and finds what cannot be written, the second writes
 * into memory that was reserved once and cannot fail.  Both take pieces of
 * variable data from the same counter, so that they agree on every offset.
 */

#include <config.h>

#include <assert.h>
#include <string.h>
#include <xvs/oid.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/text.h"
#include "marshal/block.h"
#include "marshal/layout-map.h"
#include "marshal/layout.h"
#include "marshal/member.h"
#include "object/forms.h"
#include "object/instance.h"

struct encoder {
    const struct layout *layout;
    uint8_t *body;
    uint8_t *present;
    uint64_t end;               /* of the body so far */
    uint64_t n_bits;            /* handed out so far */
    struct buffer texts;        /* embedded objects of any class, as MOF */
    size_t text_at;             /* of the next one to write */
    struct error *error;
};

/* The next piece of variable data: its offset from the body's start. */
static inline uint64_t
take(struct encoder *encoder, uint64_t size)
{
    uint64_t start = member_align(encoder->end, 8);

    encoder->end = start + size;
    return start;
}

/* The class of part 'index' and the object's are the same, or alike. */
static bool
check_class(const struct encoder *encoder, uint32_t index,
            const struct instance *object)
{
    const struct layout_map_part *map = &encoder->layout->map->parts[index];
    const struct cim_class *cls = map->cls;

    if (object->cls == cls) {
        return true;
    }
    if (!text_equal_fold(object->cls->name, cls->name)) {
        return error_set(encoder->error, ERROR_TYPE,
                         "an object of class %s stands where class %s is "
                         "declared", object->cls->name, cls->name);
    }
    for (uint32_t i = 0; i < map->n_values; i++) {
        const struct property *ours = &cls->properties[i];
        const struct property *theirs = &object->cls->properties[i];

        if (i >= object->n || ours->type != theirs->type
            || ours->is_array != theirs->is_array
            || !text_equal_fold(ours->name, theirs->name)) {
            return error_set(encoder->error, ERROR_VERSION,
                             "an object is of another version of class %s",
                             cls->name);
        }
    }
    return true;
}

static bool measure(struct encoder *encoder, uint32_t index,
                    const struct value *values);

static bool
measure_object(struct encoder *encoder, uint32_t part,
               const struct value *value)
{
    return check_class(encoder, part, value->object)
           && measure(encoder, part, value->object->values);
}

/* One element that is not NULL. */
static bool
measure_element(struct encoder *encoder, const struct layout_field *field,
                const struct value *value)
{
    uint32_t size = value->n;

    if (value->type != field->type || value->is_array) {
        return error_set(encoder->error, ERROR_TYPE,
                         "a value of type %s stands where %s is declared",
                         cim_type_name(value->type),
                         cim_type_name((enum cim_type) field->type));
    }
    if (field->type == CIM_EMBEDDED) {
        return measure_object(encoder, field->part, value);
    }
    if (field->type == CIM_OBJECT) {
        size_t start = encoder->texts.size;

        instance_write_mof(value->object, &encoder->texts);
        buffer_putc(&encoder->texts, 0);
        size = (uint32_t) (encoder->texts.size - start - 1);
    }
    if (member_is_text(field) && size) {
        take(encoder, (uint64_t) size + 1);
    }
    return true;
}

static bool
measure_array(struct encoder *encoder, const struct layout_field *field,
              const struct value *array)
{
    const struct layout *layout = encoder->layout;

    if (!array->is_array || array->type != field->type) {
        return error_set(encoder->error, ERROR_TYPE,
                         "a value is not an array of %s",
                         cim_type_name((enum cim_type) field->type));
    }
    if (field->shape == SHAPE_FIXED ? array->n != field->n
        : field->shape == SHAPE_BOUNDED ? array->n > field->n : false) {
        return error_set(encoder->error, ERROR_INVALID,
                         "an array has %u elements; %s %u", array->n,
                         field->shape == SHAPE_FIXED ? "it must have"
                                                     : "allowed are at most",
                         field->n);
    }
    if (field->shape == SHAPE_VARIABLE && array->n) {
        take(encoder, (uint64_t) array->n * member_size(layout, field));
        if (field->type == CIM_EMBEDDED) {
            encoder->n_bits += (uint64_t) array->n
                               * layout->parts[field->part].n_bits;
        }
    }
    for (uint32_t i = 0; i < array->n; i++) {
        if (array->items[i].is_null) {
            return error_set(encoder->error, ERROR_INVALID,
                             "element %u of an array is NULL", i);
        }
        if (!measure_element(encoder, field, &array->items[i])) {
            return false;
        }
    }
    return true;
}

/* Says which property of which class an error was about. */
static bool
name_property(struct encoder *encoder, uint32_t index, uint32_t property)
{
    const struct cim_class *cls = encoder->layout->map->parts[index].cls;

    if (cls) {
        return error_prefix(encoder->error, "%s.%s", cls->name,
                            cls->properties[property].name);
    }
    return error_prefix(encoder->error, "parameter %u", property + 1);
}

/* Adds up what struct 'index' needs; 'values' are those of its class. */
static bool
measure(struct encoder *encoder, uint32_t index, const struct value *values)
{
    const struct layout_part *part = &encoder->layout->parts[index];
    const struct layout_field *fields =
        encoder->layout->fields + part->first_field;
    const uint32_t *properties =
        encoder->layout->map->parts[index].properties;

    for (uint32_t i = 0; i < part->n_fields; i++) {
        const struct value *value = &values[properties[i]];

        if (value->is_null) {
            continue;
        }
        if (!(fields[i].shape == SHAPE_SCALAR
                  ? measure_element(encoder, &fields[i], value)
                  : measure_array(encoder, &fields[i], value))) {
            return name_property(encoder, index, properties[i]);
        }
    }
    return true;
}

static void write_struct(struct encoder *encoder, uint32_t index,
                         const struct value *values, uint64_t offset,
                         uint64_t first_bit);

static void
write_text(struct encoder *encoder, const char *text, uint32_t size,
           uint64_t offset)
{
    struct xvs_ref ref = { 0, 0 };

    if (size) {
        ref.count = size;
        ref.offset = (uint32_t) take(encoder, (uint64_t) size + 1);
        memcpy(encoder->body + ref.offset, text, size);
    }
    memcpy(encoder->body + offset, &ref, sizeof ref);
}

static void
write_object_text(struct encoder *encoder, uint64_t offset)
{
    const char *text = encoder->texts.data + encoder->text_at;
    size_t size = strlen(text);

    write_text(encoder, text, (uint32_t) size, offset);
    encoder->text_at += size + 1;
}

/* One element; 'bit' is where the bits of an embedded struct begin. */
static inline void
write_element(struct encoder *encoder, const struct layout_field *field,
              const struct value *value, uint64_t offset, uint64_t bit)
{
    uint8_t *at = encoder->body + offset;
    float real32;

    switch (field->type) {
    case CIM_BOOLEAN:
        *at = value->u != 0;
        break;
    case CIM_UINT8:
    case CIM_SINT8:
        *at = (uint8_t) value->u;
        break;
    case CIM_UINT16:
    case CIM_SINT16:
    case CIM_CHAR16:
        memcpy(at, &value->u, 2);
        break;
    case CIM_UINT32:
    case CIM_SINT32:
        memcpy(at, &value->u, 4);
        break;
    case CIM_REAL32:
        real32 = (float) value->r;
        memcpy(at, &real32, 4);
        break;
    case CIM_DATETIME:
        memcpy(at, value->t, sizeof *value->t);
        break;
    case CIM_STRING:
    case CIM_REFERENCE:
        write_text(encoder, value->s, value->n, offset);
        break;
    case CIM_OBJECT:
        write_object_text(encoder, offset);
        break;
    case CIM_EMBEDDED:
        write_struct(encoder, field->part, value->object->values, offset,
                     bit);
        break;
    default:
        memcpy(at, &value->u, 8);
        break;
    }
}

/* 'bit' is where the bits of the inline elements begin. */
static void
write_array(struct encoder *encoder, const struct layout_field *field,
            const struct value *array, uint64_t offset, uint64_t bit)
{
    const struct layout *layout = encoder->layout;
    uint32_t size = member_size(layout, field);
    uint32_t n_bits = field->type == CIM_EMBEDDED
                          ? layout->parts[field->part].n_bits : 0;
    uint64_t at = offset - field->offset + member_data(layout, field);

    if (field->shape == SHAPE_VARIABLE) {
        struct xvs_ref ref = { array->n, 0 };

        if (array->n) {
            at = take(encoder, (uint64_t) array->n * size);
            bit = encoder->n_bits;
            encoder->n_bits += (uint64_t) array->n * n_bits;
            ref.offset = (uint32_t) at;
        }
        memcpy(encoder->body + offset, &ref, sizeof ref);
    } else if (field->shape == SHAPE_BOUNDED) {
        memcpy(encoder->body + offset, &array->n, sizeof array->n);
    }
    for (uint32_t i = 0; i < array->n; i++) {
        write_element(encoder, field, &array->items[i],
                      at + (uint64_t) i * size, bit + (uint64_t) i * n_bits);
    }
}

/* 'offset' is where the struct begins, 'first_bit' where its bits do. */
static void
write_struct(struct encoder *encoder, uint32_t index,
             const struct value *values, uint64_t offset, uint64_t first_bit)
{
    const struct layout *layout = encoder->layout;
    const struct layout_part *part = &layout->parts[index];
    const struct layout_field *fields = layout->fields + part->first_field;
    const uint32_t *properties = layout->map->parts[index].properties;
    uint64_t next_bit = first_bit + part->n_fields;

    for (uint32_t i = 0; i < part->n_fields; i++) {
        const struct layout_field *field = &fields[i];
        const struct value *value = &values[properties[i]];

        if (!value->is_null) {
            uint64_t bit = first_bit + i;

            encoder->present[bit / 8] |= (uint8_t) (1u << bit % 8);
            if (field->shape == SHAPE_SCALAR) {
                write_element(encoder, field, value, offset + field->offset,
                              next_bit);
            } else {
                write_array(encoder, field, value, offset + field->offset,
                            next_bit);
            }
        }
        if (field->type == CIM_EMBEDDED) {
            next_bit += member_bits(layout, field);
        }
    }
}

/* Measures, reserves, writes.  'values' are those of part 0's class. */
static bool
encode(struct encoder *encoder, const struct value *values,
       struct buffer *out)
{
    const struct layout *layout = encoder->layout;
    const struct layout_part *part = &layout->parts[0];
    struct block_header header = { .magic = BLOCK_MAGIC };
    uint64_t body_offset;
    uint8_t *block;

    encoder->end = part->size;
    encoder->n_bits = part->n_bits;
    if (!measure(encoder, 0, values)) {
        return false;
    }
    body_offset = member_align(sizeof header + (encoder->n_bits + 7) / 8, 8);
    if (member_align(body_offset + encoder->end, 8) > BLOCK_LIMIT) {
        return error_set(encoder->error, ERROR_LIMIT,
                         "the binary form is larger than %u MiB",
                         BLOCK_LIMIT >> 20);
    }
    header.serialization = XVS_SERIALIZATION_VERSION;
    header.version = layout->version;
    header.total_size = (uint32_t) member_align(body_offset + encoder->end, 8);
    header.body_offset = (uint32_t) body_offset;
    header.body_size = (uint32_t) encoder->end;
    header.fixed_size = part->size;
    header.n_present = (uint32_t) encoder->n_bits;
    header.uuid = layout->uuid;
    buffer_align(out, 8);
    buffer_extend(out, header.total_size);
    block = (uint8_t *) out->data + out->size - header.total_size;
    memcpy(block, &header, sizeof header);
    encoder->body = block + body_offset;
    encoder->present = block + sizeof header;
    encoder->end = part->size;
    encoder->n_bits = part->n_bits;
    write_struct(encoder, 0, values, 0, 0);
    assert(encoder->end == header.body_size);
    assert(encoder->n_bits == header.n_present);
    return true;
}

bool
block_encode(const struct instance *instance, const struct layout *layout,
             struct buffer *out, struct error *error)
{
    struct encoder encoder = { .layout = layout, .error = error };
    bool done;

    assert(layout->map);
    done = check_class(&encoder, 0, instance)
           && encode(&encoder, instance->values, out);
    buffer_free(&encoder.texts);
    return done;
}

bool
block_encode_values(const struct value *values, uint32_t n,
                    const struct layout *layout, struct buffer *out,
                    struct error *error)
{
    struct encoder encoder = { .layout = layout, .error = error };
    bool done;

    assert(layout->map);
    if (n != layout->parts[0].n_fields) {
        return error_set(error, ERROR_INVALID,
                         "%u values for %u parameters", n,
                         layout->parts[0].n_fields);
    }
    done = encode(&encoder, values, out);
    buffer_free(&encoder.texts);
    return done;
}
