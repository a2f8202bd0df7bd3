/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Names of numbers, and how values are printed with them.
 */

#include <config.h>

#include "client/show/word-names.h"

#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/text.h"
#include "client/show/words.h"
#include "object/instance.h"
#include "schema/class.h"

#define MAX_NAMES 256

/* The value of an array-of-strings qualifier, or NULL. */
static const struct value *
texts(const struct target *target, const char *name)
{
    const struct qualifier *q = qualifier_find(target->qualifiers,
                                               target->n_qualifiers, name);

    return q && q->value.is_array && !q->value.is_null
           && q->value.type == CIM_STRING ? &q->value : NULL;
}

/* Numbers (or bits) and their names, as the qualifiers pair them. */
struct names {
    const struct value *numbers;    /* NULL: the index is the number */
    const struct value *names;
};

static bool
find_names(const struct target *target, const char *map, const char *values,
           struct names *names)
{
    names->numbers = texts(target, map);
    names->names = texts(target, values);
    return cim_type_is_integer(target->type) && names->names
           && (!names->numbers || names->numbers->n == names->names->n);
}

/* The number of entry 'i'; false for a range such as "5..9". */
static bool
entry(const struct names *names, uint32_t i, uint64_t *number)
{
    *number = i;
    return !names->names->items[i].is_null
           && (!names->numbers
               || (!names->numbers->items[i].is_null
                   && text_to_u64(names->numbers->items[i].s, number)));
}

static bool
find_number(const struct names *names, const char *text, size_t length,
            uint64_t *number)
{
    for (uint32_t i = 0; i < names->names->n; i++) {
        const char *name = names->names->items[i].s;

        if (entry(names, i, number) && strlen(name) == length
            && strncasecmp(name, text, length) == 0) {
            return true;
        }
    }
    return false;
}

/* "a|b" of bit names. */
static bool
find_bits(const struct names *names, const char *text, uint64_t *number)
{
    uint64_t bits = 0, bit;

    for (;;) {
        size_t length = strcspn(text, "|");

        if (!find_number(names, text, length, &bit) || bit > 63) {
            return false;
        }
        bits |= (uint64_t) 1 << bit;
        if (!text[length]) {
            *number = bits;
            return true;
        }
        text += length + 1;
    }
}

bool
word_names_number(const struct target *target, const char *text,
                  uint64_t *number)
{
    struct names names;

    if (find_names(target, "ValueMap", "Values", &names)
        && find_number(&names, text, strlen(text), number)) {
        return true;
    }
    return find_names(target, "BitMap", "BitValues", &names)
           && find_bits(&names, text, number);
}

const char *
words_name(const struct target *target, uint64_t number)
{
    struct names names;
    uint64_t at;

    if (!find_names(target, "ValueMap", "Values", &names)) {
        return NULL;
    }
    for (uint32_t i = 0; i < names.names->n; i++) {
        if (entry(&names, i, &at) && at == number) {
            return names.names->items[i].s;
        }
    }
    return NULL;
}

/* The list of texts that may be given: names, else a string's ValueMap. */
static const struct value *
choices(const struct target *target)
{
    struct names names;

    if (find_names(target, "ValueMap", "Values", &names)
        || find_names(target, "BitMap", "BitValues", &names)) {
        return names.names;
    }
    return target->type == CIM_STRING ? texts(target, "ValueMap") : NULL;
}

void
words_choices(const struct target *target, struct buffer *out)
{
    const struct value *list = choices(target);

    for (uint32_t i = 0; list && i < list->n; i++) {
        if (!list->items[i].is_null) {
            buffer_printf(out, "%s%s", i ? "," : "", list->items[i].s);
        }
    }
}

void
word_names_hint(const struct target *target, const char *text,
                struct error *error)
{
    BUFFER_AUTO struct buffer out = BUFFER_INIT;
    const struct value *list = choices(target);
    const char *candidates[MAX_NAMES + 1];
    const char *near;
    size_t n = 0;

    for (uint32_t i = 0; list && i < list->n && n < MAX_NAMES; i++) {
        if (!list->items[i].is_null) {
            candidates[n++] = list->items[i].s;
        }
    }
    if (!n) {
        return;
    }
    candidates[n] = NULL;
    near = text_nearest(text, candidates);
    words_choices(target, &out);
    error_hint(error, "%s%s%sone of %s", near ? "did you mean " : "",
               near ? near : "", near ? "?  " : "", buffer_string(&out));
}

bool
words_is_number(const struct target *target)
{
    struct names names;

    return !target->is_array
           && (cim_type_is_integer(target->type)
               || target->type == CIM_REAL32 || target->type == CIM_REAL64)
           && !find_names(target, "ValueMap", "Values", &names)
           && !find_names(target, "BitMap", "BitValues", &names);
}

static void
print_bits(const struct names *names, uint64_t bits, struct buffer *out)
{
    const char *between = "";
    uint64_t bit;

    for (uint32_t i = 0; i < names->names->n; i++) {
        if (entry(names, i, &bit) && bit < 64 && (bits >> bit & 1)) {
            buffer_printf(out, "%s%s", between, names->names->items[i].s);
            bits &= ~((uint64_t) 1 << bit);
            between = "|";
        }
    }
    if (bits || !*between) {
        buffer_printf(out, "%s%llu", between, (unsigned long long) bits);
    }
}

/* Points in time as people write them; intervals as CIM does. */
static bool
print_time(const struct value *value, struct buffer *out)
{
    char text[DATETIME_TEXT_SIZE];

    if (value->t->is_interval || value->t->precision) {
        return false;
    }
    datetime_format(value->t, text);
    buffer_printf(out, "%.4s-%.2s-%.2s %.2s:%.2s:%.2s.%.3s", text, text + 4,
                  text + 6, text + 8, text + 10, text + 12, text + 15);
    return true;
}

static void
print_scalar(const struct target *target, const struct value *value,
             struct buffer *out)
{
    struct names names;
    const char *name;

    if (value->is_null) {
        buffer_putc(out, '-');
        return;
    }
    if (value->type == CIM_EMBEDDED || value->type == CIM_OBJECT) {
        instance_write_json(value->object, true, out);
        return;
    }
    if (value->type == CIM_DATETIME && print_time(value, out)) {
        return;
    }
    name = cim_type_is_integer(value->type) ? words_name(target, value->u)
                                            : NULL;
    if (name) {
        buffer_puts(out, name);
    } else if (find_names(target, "BitMap", "BitValues", &names)) {
        print_bits(&names, value->u, out);
    } else {
        value_print(value, out);
    }
}

/* An element of a list of strings, quoted where it must be. */
static void
print_element(const struct target *target, const struct value *item,
              struct buffer *out)
{
    if (item->type != CIM_STRING || item->is_null
        || !strpbrk(item->s, ",\"\\")) {
        print_scalar(target, item, out);
        return;
    }
    buffer_putc(out, '"');
    for (const char *p = item->s; *p; p++) {
        if (*p == '"' || *p == '\\') {
            buffer_putc(out, '\\');
        }
        buffer_putc(out, *p);
    }
    buffer_putc(out, '"');
}

void
words_print(const struct target *target, const struct value *value,
            struct buffer *out)
{
    if (value->is_null || !value->is_array) {
        print_scalar(target, value, out);
        return;
    }
    for (uint32_t i = 0; i < value->n; i++) {
        if (i) {
            buffer_putc(out, ',');
        }
        print_element(target, &value->items[i], out);
    }
}
