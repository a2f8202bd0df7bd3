/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Random classes and objects: what is encoded passes the check and decodes to
 * the same object; and whatever bytes pass the check can be decoded.  The
 * seed is fixed, so that a failure can be repeated.
 */

#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/memory.h"
#include "marshal-schema.h"
#include "marshal/block.h"
#include "marshal/layout.h"
#include "object/instance.h"
#include "unit.h"

#define CLASSES 120         /* schemas */
#define OBJECTS 4           /* of each */
#define FLIPS 120           /* damaged copies of each */

static uint64_t state = 88172645463325252u;

static uint32_t
pick(uint32_t n)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t) (state >> 20) % n;
}

static const char *const type_names[] = {
    "boolean", "uint8", "sint8", "uint16", "sint16", "uint32", "sint32",
    "uint64", "sint64", "real32", "real64", "char16", "string", "datetime",
};

/* One property of class number 'level'; inner classes have lower numbers. */
static void
put_property(struct buffer *mof, unsigned int level, unsigned int i)
{
    unsigned int kind = pick(level ? 20 : 14);
    unsigned int shape = pick(7);

    if (kind == 19) {
        buffer_puts(mof, "[EmbeddedObject");
    } else if (kind >= 14) {
        buffer_printf(mof, "[EmbeddedInstance(\"T_C%u\")", pick(level));
    }
    if (shape == 5) {
        buffer_printf(mof, "%sMax(%u)", kind >= 14 ? ", " : "[",
                      1 + pick(5));
    }
    buffer_puts(mof, kind >= 14 || shape == 5 ? "] " : "");
    buffer_printf(mof, "%s p%u", kind >= 14 ? "string" : type_names[kind], i);
    if (shape == 4) {
        buffer_printf(mof, "[%u]", 1 + pick(4));
    } else if (shape >= 5) {
        buffer_puts(mof, "[]");
    }
    buffer_puts(mof, ";\n");
}

static char *
random_mof(void)
{
    struct buffer mof = BUFFER_INIT;

    for (unsigned int level = 0; level < 4; level++) {
        unsigned int n = 1 + pick(level == 3 ? 20 : 4);

        buffer_printf(&mof, "class T_C%u {\n", level);
        for (unsigned int i = 0; i < n; i++) {
            put_property(&mof, level, i);
        }
        buffer_puts(&mof, "};\n");
    }
    return buffer_steal(&mof);
}

static struct instance *random_instance(struct test_schema *schema,
                                        struct cim_class *cls);

static struct value
random_text(void)
{
    static const char *const texts[] = {
        "", "a", "seven77", "eight888", "ninenine9", "h\xc3\xa9\xe2\x82\xac",
        "a text that is longer than all the others, with \"quotes\"",
    };

    return value_string(texts[pick(7)]);
}

static struct value
random_time(void)
{
    struct xvs_datetime time = { .microseconds = (int64_t) pick(1u << 31) };

    if (pick(2)) {
        time.is_interval = 1;
    } else {
        time.utc_minutes = (int16_t) ((int) pick(1440) - 720);
    }
    return (struct value){ .type = CIM_DATETIME,
                           .t = mem_dup(&time, sizeof time) };
}

static struct value
random_scalar(struct test_schema *schema, enum cim_type type,
              const char *class_name)
{
    uint64_t high;
    int64_t low;

    switch (type) {
    case CIM_BOOLEAN:
        return value_boolean(pick(2));
    case CIM_CHAR16:
        return value_u64(type, 1 + pick(0xd000));
    case CIM_REAL32:
    case CIM_REAL64:
        return (struct value){ .type = type, .r = pick(1000) / 8.0 };
    case CIM_STRING:
        return random_text();
    case CIM_DATETIME:
        return random_time();
    case CIM_EMBEDDED:
    case CIM_OBJECT:
        return (struct value){
            .type = type,
            .object = random_instance(
                schema, test_lookup(schema, class_name ? class_name
                                                       : "T_C0")) };
    default:
        cim_type_range(type, &low, &high);
        if (cim_type_is_signed(type)) {
            return value_i64(type, pick(3) ? (int64_t) pick(100) - 50
                                   : pick(2) ? low : (int64_t) high);
        }
        return value_u64(type, pick(3) ? pick(100) : high);
    }
}

static struct value
random_value(struct test_schema *schema, const struct property *property)
{
    uint32_t n = property->array_size ? property->array_size
                 : property->max_elements ? pick(property->max_elements + 1)
                                          : pick(5);
    struct value value;

    if (pick(5) == 0) {
        return value_null(property->type, property->is_array);
    }
    if (!property->is_array) {
        return random_scalar(schema, property->type, property->class_name);
    }
    value = value_array(property->type, n);
    for (uint32_t i = 0; i < n; i++) {
        value.items[i] = random_scalar(schema, property->type,
                                       property->class_name);
    }
    return value;
}

static struct instance *
random_instance(struct test_schema *schema, struct cim_class *cls)
{
    struct instance *instance = instance_create(cls);

    for (uint32_t i = 0; i < instance->n; i++) {
        value_clear(&instance->values[i]);
        instance->values[i] = random_value(schema, &cls->properties[i]);
    }
    return instance;
}

struct fixture {
    struct test_schema schema;
    struct cim_class *cls;
    const struct layout *layout;
};

/* Bytes that pass the check must decode, and encode again. */
static void
decode_and_drop(struct fixture *fixture, const void *block, size_t size)
{
    BUFFER_AUTO struct buffer again = BUFFER_INIT;
    struct instance *instance;
    struct error error = { 0 };

    instance = block_decode(block, size, fixture->cls, fixture->layout,
                            test_lookup, &fixture->schema, &error);
    if (!instance) {
        /* Only an embedded object's text may still be wrong. */
        CU_ASSERT(error.code != ERROR_NONE);
        return;
    }
    CU_ASSERT(block_encode(instance, fixture->layout, &again, &error));
    CU_ASSERT(block_check(again.data, again.size, fixture->layout, &error));
    instance_destroy(instance);
}

static void
damage(struct fixture *fixture, const struct buffer *block)
{
    for (int i = 0; i < FLIPS; i++) {
        /* A copy of its own, so that a sanitizer sees its bounds. */
        uint8_t *copy = mem_dup(block->data, block->size);
        unsigned int flips = 1 + pick(3);

        while (flips--) {
            copy[pick((uint32_t) block->size)] ^= (uint8_t) (1u << pick(8));
        }
        if (block_check(copy, block->size, fixture->layout, NULL)) {
            decode_and_drop(fixture, copy, block->size);
        }
        free(copy);
    }
}

/* View and wire form of the layout say the same as the block and layout. */
static void
check_forms(struct fixture *fixture, const struct buffer *block)
{
    BUFFER_AUTO struct buffer wire = BUFFER_INIT;
    BUFFER_AUTO struct buffer again = BUFFER_INIT;
    struct error error = { 0 };
    struct layout *read;
    struct xvs_view view;

    layout_write(fixture->layout, &wire);
    read = layout_read(wire.data, wire.size, &error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(read);
    CU_ASSERT(block_check(block->data, block->size, read, &error));
    block_view(block->data, &view);
    CU_ASSERT(block_check_view(&view, read, &error));
    block_from_view(&view, read, &again);
    CU_ASSERT_EQUAL(again.size, block->size);
    CU_ASSERT(again.size == block->size
              && memcmp(again.data, block->data, again.size) == 0);
    layout_destroy(read);
}

static void
check_object(struct fixture *fixture)
{
    BUFFER_AUTO struct buffer block = BUFFER_INIT;
    struct instance *instance = random_instance(&fixture->schema,
                                                fixture->cls);
    struct error error = { 0 };
    struct instance *decoded = NULL;
    bool good;

    good = block_encode(instance, fixture->layout, &block, &error)
           && block_check(block.data, block.size, fixture->layout, &error);
    if (good) {
        decoded = block_decode(block.data, block.size, fixture->cls,
                               fixture->layout, test_lookup,
                               &fixture->schema, &error);
    }
    if (!decoded) {
        printf("%s\n", error.text);
    }
    CU_ASSERT(good && decoded && instance_equal(instance, decoded));
    if (decoded) {
        check_forms(fixture, &block);
        damage(fixture, &block);
    }
    instance_destroy(decoded);
    instance_destroy(instance);
}

static void
test_random(void)
{
    for (int i = 0; i < CLASSES; i++) {
        MEM_AUTO char *mof = random_mof();
        struct fixture fixture;

        test_schema_open(&fixture.schema, mof);
        fixture.cls = test_class(&fixture.schema, "T_C3", &fixture.layout);
        for (int j = 0; j < OBJECTS; j++) {
            check_object(&fixture);
        }
        test_schema_close(&fixture.schema);
    }
}

static const struct unit_test tests[] = {
    { "random classes and objects, whole and damaged", test_random },
};

UNIT_MAIN("marshal-random", tests)
