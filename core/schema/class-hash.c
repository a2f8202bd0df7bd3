/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What the binary form of a class depends on: which properties it has, in
 * which order, and the hash by which two sides make sure that they speak of
 * the same one.  doc/formats.md, "Blocks", is the rule; where the members
 * lie follows from it in core/marshal.
 */

#include <config.h>

#include "schema/class.h"

#include <ctype.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/text.h"

/* Properties at the front that come from the built-in schema. */
static uint32_t
builtin_properties(const struct cim_class *cls)
{
    if (cls->is_builtin) {
        return 0;
    }
    while (cls && !cls->is_builtin) {
        cls = cls->super;
    }
    return cls ? cls->n_properties : 0;
}

/* A property's id in the upper half, its index in the lower one. */
static int
compare_places(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *) a;
    uint64_t y = *(const uint64_t *) b;

    return (x > y) - (x < y);
}

uint32_t
class_serialized(const struct cim_class *cls, uint32_t *indexes)
{
    uint32_t first = builtin_properties(cls);
    uint32_t n = cls->n_properties - first;
    MEM_AUTO uint64_t *places = mem_array((size_t) n + 1, sizeof(*places));
    bool in_order = true;

    for (uint32_t i = 0; i < n; i++) {
        uint64_t id = cls->properties[first + i].data_id;

        places[i] = id << 32 | (first + i);
        in_order &= i == 0 || places[i] > places[i - 1];
    }
    /* Without ids all are 0 and the order stays. */
    if (!in_order) {
        qsort(places, n, sizeof(*places), compare_places);
    }
    for (uint32_t i = 0; i < n; i++) {
        indexes[i] = (uint32_t) places[i];
    }
    return n;
}

/* 0 to 255 of a qualifier that is a number or a string with one. */
static unsigned int
version_part(const struct cim_class *cls, const char *name)
{
    const struct qualifier *qualifier = class_qualifier(cls, name);
    const char *text = qualifier_text(qualifier);
    uint64_t number = 0;

    if (text) {
        if (!text_to_u64(text, &number)) {
            return 0;
        }
    } else if (qualifier && cim_type_is_integer(qualifier->value.type)
               && !qualifier->value.is_array && !qualifier->value.is_null) {
        number = qualifier->value.u;
    }
    return number > 255 ? 0 : (unsigned int) number;
}

uint16_t
class_version(const struct cim_class *cls)
{
    return (uint16_t) (version_part(cls, "InterfaceVersion") << 8
                       | version_part(cls, "InterfaceRevision"));
}

static uint64_t
hash_number(uint64_t hash, uint64_t number)
{
    uint8_t bytes[8];

    for (int i = 0; i < 8; i++) {
        bytes[i] = (uint8_t) (number >> 8 * i);
    }
    return hash_bytes(hash, bytes, sizeof bytes);
}

/* Names that differ in case only are one name. */
static uint64_t
hash_name(uint64_t hash, const char *name)
{
    char part[64];
    size_t n = 0;

    for (;; name++) {
        part[n++] = (char) tolower((unsigned char) *name);
        if (!*name) {
            return hash_bytes(hash, part, n);
        }
        if (n == sizeof part) {
            hash = hash_bytes(hash, part, n);
            n = 0;
        }
    }
}

static uint64_t
hash_property(uint64_t hash, const struct property *property)
{
    hash = hash_name(hash, property->name);
    hash = hash_number(hash, property->type);
    hash = hash_number(hash, property->is_array);
    hash = hash_number(hash, property->is_array ? property->array_size : 0);
    hash = hash_number(hash, property->is_array ? property->max_elements : 0);
    hash = hash_number(hash, property->embedded_hash);
    if (property->type == CIM_EMBEDDED && property->class_name) {
        hash = hash_name(hash, property->class_name);
    }
    return hash;
}

uint64_t
class_hash(const struct cim_class *cls)
{
    MEM_AUTO uint32_t *indexes = mem_array((size_t) cls->n_properties + 1,
                                           sizeof *indexes);
    uint32_t n = class_serialized(cls, indexes);
    uint64_t hash = hash_number(0, class_version(cls));

    hash = hash_name(hash, cls->name);
    for (uint32_t i = 0; i < n; i++) {
        hash = hash_property(hash, &cls->properties[indexes[i]]);
    }
    return hash;
}
