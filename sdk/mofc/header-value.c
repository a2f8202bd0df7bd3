/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Constants: who the class is, the number of each presence bit, and the
 * named values of its properties.
 */

#include <config.h>

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/map.h"
#include "base/memory.h"
#include "base/text.h"
#include "header.h"

static void
write_identity(const struct header_class *cls, struct buffer *out)
{
    const struct xvs_guid *uuid = &cls->layout->uuid;

    if (cls->is_feature) {
        buffer_printf(out, "#define %s_UUID \\\n    { 0x%08" PRIx32
                      ", 0x%04x, 0x%04x, { 0x%02x, 0x%02x, 0x%02x, 0x%02x, "
                      "\\\n      0x%02x, 0x%02x, 0x%02x, 0x%02x } }\n",
                      cls->upper, uuid->a, uuid->b, uuid->c, uuid->d[0],
                      uuid->d[1], uuid->d[2], uuid->d[3], uuid->d[4],
                      uuid->d[5], uuid->d[6], uuid->d[7]);
    }
    buffer_printf(out, "#define %s_VERSION 0x%04x\n", cls->upper,
                  cls->layout->version);
    buffer_printf(out, "#define %s_HASH UINT64_C(0x%016" PRIx64 ")\n",
                  cls->upper, cls->layout->hash);
    buffer_printf(out, "#define %s_SIZE %" PRIu32 "u\n\n", cls->upper,
                  cls->layout->parts[0].size);
}

static void
write_fields(const struct header_class *cls, struct buffer *out)
{
    if (cls->n == 0) {
        return;
    }
    buffer_printf(out, "/* For xvs_present(). */\nenum %s_field {\n",
                  cls->name);
    for (uint32_t i = 0; i < cls->n; i++) {
        buffer_printf(out, "    %s = %" PRIu32 "%s\n", cls->members[i].upper,
                      i, i + 1 < cls->n ? "," : "");
    }
    buffer_puts(out, "};\n\n");
}

static const struct value *
text_array(const struct header_member *member, const char *name)
{
    const struct qualifier *qualifier = property_qualifier(member->property,
                                                           name);

    if (!qualifier || !qualifier->value.is_array || qualifier->value.is_null
        || qualifier->value.type != CIM_STRING) {
        return NULL;
    }
    return &qualifier->value;
}

static const char *
item_text(const struct value *array, uint32_t i)
{
    return array && i < array->n && !array->items[i].is_null
               ? array->items[i].s : NULL;
}

/* "ACME_RULE_ACTION" and "deny it" -> "ACME_RULE_ACTION_DENY_IT". */
static char *
value_name(const struct header_member *member, const char *text,
           struct map *taken)
{
    MEM_AUTO char *snake = name_snake(text);
    MEM_AUTO char *upper = name_upper(snake);
    size_t size = strlen(upper);
    char *start = upper;

    while (size > 0 && upper[size - 1] == '_') {
        upper[--size] = 0;
    }
    while (*start == '_') {
        start++;
    }
    return name_unique(mem_printf("%s_%s", member->upper,
                                  *start ? start : "VALUE"), taken);
}

/* Constants fit an enum when each is an int; else they are macros. */
static void
write_constants(const struct header_class *cls,
                const struct header_member *member, const struct value *map,
                const struct value *names, bool is_bit, struct map *taken,
                struct buffer *out)
{
    BUFFER_AUTO struct buffer rows = BUFFER_INIT;
    bool is_signed = cim_type_is_signed((enum cim_type) member->field->type);
    bool as_enum = !is_bit;
    int64_t number;

    for (uint32_t i = 0; i < map->n; i++) {
        number = 0;
        as_enum = as_enum
                  && (!text_to_i64(item_text(map, i) ? item_text(map, i) : "",
                                   &number)
                      || (number >= INT32_MIN && number <= INT32_MAX));
    }
    for (uint32_t i = 0; i < map->n && item_text(map, i); i++) {
        const char *text = item_text(names, i);
        char *name;

        if (!text || !text_to_i64(item_text(map, i), &number)
            || (is_bit && (number < 0 || number > 63))) {
            continue;
        }
        name = value_name(member, text, taken);
        if (is_bit) {
            buffer_printf(&rows, "#define %s (UINT64_C(1) << %" PRId64 ")\n",
                          name, number);
        } else if (as_enum) {
            buffer_printf(&rows, "%s    %s = %" PRId64, rows.size ? ",\n" : "",
                          name, number);
        } else {
            buffer_printf(&rows, "#define %s %s(%" PRId64 ")\n", name,
                          is_signed ? "INT64_C" : "UINT64_C", number);
        }
        free(name);
    }
    if (rows.size && as_enum) {
        buffer_printf(out, "enum %s_%s {\n%s\n};\n\n", cls->name,
                      member->name, buffer_string(&rows));
    } else if (rows.size) {
        buffer_printf(out, "%s\n", buffer_string(&rows));
    }
}

static void
write_texts(const struct header_member *member, const struct value *map,
            struct map *taken, struct buffer *out)
{
    for (uint32_t i = 0; i < map->n; i++) {
        MEM_AUTO char *name = NULL;

        if (item_text(map, i)) {
            name = value_name(member, item_text(map, i), taken);
            buffer_printf(out, "#define %s ", name);
            name_quote(out, item_text(map, i));
            buffer_puts(out, i + 1 < map->n ? "\n" : "\n\n");
        }
    }
}

void
header_write_values(const struct header_class *cls, struct map *taken,
                    struct buffer *out)
{
    write_identity(cls, out);
    write_fields(cls, out);
    for (uint32_t i = 0; i < cls->n; i++) {
        const struct header_member *member = &cls->members[i];
        const struct value *map = text_array(member, "ValueMap");
        const struct value *bits = text_array(member, "BitMap");
        enum cim_type type = (enum cim_type) member->field->type;

        if (map && type == CIM_STRING) {
            write_texts(member, map, taken, out);
        } else if (map && cim_type_is_integer(type)) {
            write_constants(cls, member, map, text_array(member, "Values"),
                            false, taken, out);
        }
        if (bits && cim_type_is_integer(type)) {
            write_constants(cls, member, bits,
                            text_array(member, "BitValues"), true, taken,
                            out);
        }
    }
}
