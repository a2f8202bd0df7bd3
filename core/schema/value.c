/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * CIM types and values: making, copying, comparing and freeing them.  Their
 * text forms are in value-text.c.
 *
 * A value may hold an instance, which is known to the folder above only.
 * The three functions of it that are needed here are weak references: a
 * program without instances links without them, and in one that makes
 * instances they stand beside instance_create().
 */

#include <config.h>

#include "schema/value.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

void instance_destroy(struct instance *instance) __attribute__((weak));
struct instance *instance_copy(const struct instance *instance)
    __attribute__((weak));
bool instance_equal(const struct instance *a, const struct instance *b)
    __attribute__((weak));

static const struct {
    const char *name;
    uint8_t bits;       /* of an integer, else 0 */
    bool is_signed;
} types[] = {
    [CIM_NONE] = { "void", 0, false },
    [CIM_BOOLEAN] = { "boolean", 0, false },
    [CIM_UINT8] = { "uint8", 8, false },
    [CIM_SINT8] = { "sint8", 8, true },
    [CIM_UINT16] = { "uint16", 16, false },
    [CIM_SINT16] = { "sint16", 16, true },
    [CIM_UINT32] = { "uint32", 32, false },
    [CIM_SINT32] = { "sint32", 32, true },
    [CIM_UINT64] = { "uint64", 64, false },
    [CIM_SINT64] = { "sint64", 64, true },
    [CIM_REAL32] = { "real32", 0, false },
    [CIM_REAL64] = { "real64", 0, false },
    [CIM_CHAR16] = { "char16", 0, false },
    [CIM_STRING] = { "string", 0, false },
    [CIM_DATETIME] = { "datetime", 0, false },
    [CIM_REFERENCE] = { "ref", 0, false },
    [CIM_EMBEDDED] = { "object", 0, false },
    [CIM_OBJECT] = { "object", 0, false },
};

#define N_TYPES (sizeof types / sizeof types[0])

const char *
cim_type_name(enum cim_type type)
{
    return (size_t) type < N_TYPES ? types[type].name : "unknown";
}

enum cim_type
cim_type_parse(const char *name)
{
    for (size_t i = CIM_BOOLEAN; i <= CIM_REFERENCE; i++) {
        if (text_equal_fold(name, types[i].name)) {
            return (enum cim_type) i;
        }
    }
    if (text_equal_fold(name, "reference")) {
        return CIM_REFERENCE;
    }
    return text_equal_fold(name, "object") ? CIM_OBJECT : CIM_NONE;
}

bool
cim_type_is_integer(enum cim_type type)
{
    return (size_t) type < N_TYPES && types[type].bits;
}

bool
cim_type_is_signed(enum cim_type type)
{
    return (size_t) type < N_TYPES && types[type].is_signed;
}

void
cim_type_range(enum cim_type type, int64_t *low, uint64_t *high)
{
    unsigned int bits = cim_type_is_integer(type) ? types[type].bits : 64;
    uint64_t all = UINT64_MAX >> (64 - bits);

    if (cim_type_is_signed(type)) {
        *high = all >> 1;
        *low = -(int64_t) *high - 1;
    } else {
        *high = all;
        *low = 0;
    }
}

static bool
is_text(const struct value *value)
{
    return value->type == CIM_STRING || value->type == CIM_REFERENCE;
}

static bool
is_object(const struct value *value)
{
    return value->type == CIM_EMBEDDED || value->type == CIM_OBJECT;
}

void
value_clear(struct value *value)
{
    if (value->is_null) {
        return;
    }
    if (value->is_array) {
        for (uint32_t i = 0; i < value->n; i++) {
            value_clear(&value->items[i]);
        }
        free(value->items);
    } else if (is_text(value)) {
        free(value->s);
    } else if (value->type == CIM_DATETIME) {
        free(value->t);
    } else if (is_object(value)) {
        assert(instance_destroy);
        instance_destroy(value->object);
    }
    value->is_null = true;
    value->n = 0;
    value->u = 0;
}

static void *
duplicate(struct arena *arena, const void *data, size_t size)
{
    return arena ? arena_dup(arena, data, size) : mem_dup(data, size);
}

static void
copy(struct value *to, const struct value *from, struct arena *arena)
{
    *to = *from;
    if (from->is_null) {
        to->n = 0;
        to->u = 0;
    } else if (from->is_array) {
        size_t size = from->n * sizeof *from->items;

        to->items = arena ? arena_alloc(arena, size ? size : 1)
                          : mem_array(from->n, sizeof *from->items);
        for (uint32_t i = 0; i < from->n; i++) {
            copy(&to->items[i], &from->items[i], arena);
        }
    } else if (is_text(from)) {
        to->s = duplicate(arena, from->s, (size_t) from->n + 1);
    } else if (from->type == CIM_DATETIME) {
        to->t = duplicate(arena, from->t, sizeof *from->t);
    } else if (is_object(from)) {
        assert(!arena && instance_copy);
        to->object = instance_copy(from->object);
    }
}

void
value_copy(struct value *to, const struct value *from)
{
    copy(to, from, NULL);
}

void
value_copy_arena(struct value *to, const struct value *from,
                 struct arena *arena)
{
    assert(arena);
    copy(to, from, arena);
}

static bool
datetime_equal(const struct xvs_datetime *a, const struct xvs_datetime *b)
{
    return a->microseconds == b->microseconds
           && a->utc_minutes == b->utc_minutes
           && a->is_interval == b->is_interval
           && a->precision == b->precision;
}

static bool
scalar_equal(const struct value *a, const struct value *b)
{
    switch (a->type) {
    case CIM_STRING:
    case CIM_REFERENCE:
        return a->n == b->n && memcmp(a->s, b->s, a->n) == 0;
    case CIM_DATETIME:
        return datetime_equal(a->t, b->t);
    case CIM_REAL32:
    case CIM_REAL64:
        return a->r == b->r || (a->r != a->r && b->r != b->r);
    case CIM_EMBEDDED:
    case CIM_OBJECT:
        assert(instance_equal);
        return instance_equal(a->object, b->object);
    default:
        return a->u == b->u;
    }
}

bool
value_equal(const struct value *a, const struct value *b)
{
    if (a->type != b->type || a->is_array != b->is_array
        || a->is_null != b->is_null) {
        return false;
    }
    if (a->is_null) {
        return true;
    }
    if (!a->is_array) {
        return scalar_equal(a, b);
    }
    if (a->n != b->n) {
        return false;
    }
    for (uint32_t i = 0; i < a->n; i++) {
        if (!value_equal(&a->items[i], &b->items[i])) {
            return false;
        }
    }
    return true;
}

struct value
value_null(enum cim_type type, bool is_array)
{
    return (struct value){ .type = type, .is_array = is_array,
                           .is_null = true };
}

struct value
value_u64(enum cim_type type, uint64_t number)
{
    return (struct value){ .type = type, .u = number };
}

struct value
value_i64(enum cim_type type, int64_t number)
{
    return (struct value){ .type = type, .i = number };
}

struct value
value_boolean(bool truth)
{
    return value_u64(CIM_BOOLEAN, truth);
}

struct value
value_string(const char *text)
{
    size_t length = strlen(text);

    assert(length < UINT32_MAX);
    return (struct value){ .type = CIM_STRING, .n = (uint32_t) length,
                           .s = mem_dup(text, length + 1) };
}

struct value
value_array(enum cim_type type, uint32_t n)
{
    struct value array = { .type = type, .is_array = true, .n = n };

    array.items = mem_array(n, sizeof *array.items);
    for (uint32_t i = 0; i < n; i++) {
        array.items[i] = value_null(type, false);
    }
    return array;
}

void
value_append(struct value *array, struct value item)
{
    array->items = mem_realloc(array->items,
                               ((size_t) array->n + 1)
                               * sizeof *array->items);
    array->items[array->n++] = item;
}
