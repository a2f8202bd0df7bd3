/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Reading of values from words.
 */

#include <config.h>

#include "client/show/words.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/durable.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "client/show/word-names.h"
#include "object/instance.h"
#include "schema/class.h"

#define FILE_LIMIT (16u << 20)
#define MAX_ELEMENTS 65536

struct target
words_of_property(const struct property *property)
{
    return (struct target) { property->name, property->type,
                             property->is_array, property->class_name,
                             property->qualifiers, property->n_qualifiers };
}

struct target
words_of_parameter(const struct parameter *parameter)
{
    return (struct target) { parameter->name, parameter->type,
                             parameter->is_array, parameter->class_name,
                             parameter->qualifiers,
                             parameter->n_qualifiers };
}

/* Reads one object in any form as the value. */
static bool
read_object(const struct target *target, const char *text, size_t size,
            class_lookup lookup, void *arg, struct value *value,
            struct error *error)
{
    struct cim_class *cls = target->class_name
        ? lookup(arg, target->class_name) : NULL;
    struct instance **objects;
    size_t n;

    if (!instances_read(target->name, text, size, cls, lookup, arg, &objects,
                        &n, error)) {
        return false;
    }
    *value = value_null(target->type, target->is_array);
    if (target->is_array) {
        *value = value_array(target->type, (uint32_t) n);
        for (size_t i = 0; i < n; i++) {
            value->items[i].is_null = false;
            value->items[i].object = objects[i];
        }
        free(objects);
        return true;
    }
    if (n == 1) {
        value->is_null = false;
        value->object = objects[0];
        free(objects);
        return true;
    }
    for (size_t i = 0; i < n; i++) {
        instance_destroy(objects[i]);
    }
    free(objects);
    return error_set(error, ERROR_INVALID,
                     "%s takes one object, not %zu", target->name, n);
}

/* Reads one scalar: the name of a number, or the text form of the type. */
static bool
read_scalar(const struct target *target, const char *text,
            struct value *value, struct error *error)
{
    uint64_t number;

    if (word_names_number(target, text, &number)) {
        char digits[24];

        snprintf(digits, sizeof digits, "%llu", (unsigned long long) number);
        return value_parse(value, target->type, digits, error);
    }
    if (value_parse(value, target->type, text, error)) {
        return true;
    }
    error_prefix(error, "%s", target->name);
    word_names_hint(target, text, error);
    return false;
}

/*
 * Takes the next element of a list: up to a comma that is neither quoted nor
 * escaped.  '*at' moves behind the comma, or to NULL at the end.
 */
static char *
next_element(const char **at)
{
    struct buffer out = BUFFER_INIT;
    const char *p = *at;
    bool quoted = false;

    for (; *p && (quoted || *p != ','); p++) {
        if (*p == '\\' && p[1] && strchr(",\"\\", p[1])) {
            buffer_putc(&out, *++p);
        } else if (*p == '"') {
            quoted = !quoted;
        } else {
            buffer_putc(&out, *p);
        }
    }
    *at = *p ? p + 1 : NULL;
    return buffer_steal(&out);
}

/* "{1,2}" is the same as "1,2", as in MOF. */
static char *
without_braces(const char *text)
{
    size_t length = strlen(text);

    if (length >= 2 && text[0] == '{' && text[length - 1] == '}') {
        return mem_strndup(text + 1, length - 2);
    }
    return mem_strdup(text);
}

static bool
read_list(const struct target *target, const char *text, struct value *value,
          struct error *error)
{
    MEM_AUTO char *list = without_braces(text);
    const char *at = *list ? list : NULL;
    struct value *items = NULL;
    size_t n = 0, capacity = 0;
    bool done = true;

    while (done && at) {
        MEM_AUTO char *element = next_element(&at);
        size_t blank = 0;

        if (n == MAX_ELEMENTS) {
            done = error_set(error, ERROR_LIMIT, "%s: more than %d elements",
                             target->name, MAX_ELEMENTS);
            break;
        }
        mem_grow(&items, &capacity, n, sizeof *items);
        items[n] = value_null(target->type, false);
        if (target->type != CIM_STRING) {
            blank = strspn(element, " ");
        }
        done = read_scalar(target, element + blank, &items[n++], error);
    }
    *value = value_array(target->type, (uint32_t) n);
    for (size_t i = 0; i < n; i++) {
        value->items[i] = items[i];
    }
    free(items);
    if (!done) {
        value_clear(value);
    }
    return done;
}

/* The bytes of a file as the value: text, octets, or objects. */
static bool
read_file(const struct target *target, const char *path, class_lookup lookup,
          void *arg, struct value *value, struct error *error)
{
    BUFFER_AUTO struct buffer data = BUFFER_INIT;

    if (!durable_read(AT_FDCWD, path, FILE_LIMIT, &data, error)) {
        return error_prefix(error, "%s", target->name);
    }
    buffer_string(&data);
    if (target->type == CIM_EMBEDDED || target->type == CIM_OBJECT) {
        return read_object(target, data.data, data.size, lookup, arg, value,
                           error);
    }
    if (target->is_array && target->type == CIM_UINT8) {
        *value = value_array(CIM_UINT8, (uint32_t) data.size);
        for (size_t i = 0; i < data.size; i++) {
            value->items[i] = value_u64(CIM_UINT8,
                                        (unsigned char) data.data[i]);
        }
        return true;
    }
    if (!text_is_utf8(data.data, data.size)) {
        return error_set(error, ERROR_INVALID, "%s: %s is no UTF-8 text",
                         target->name, path);
    }
    if (target->type != CIM_STRING) {
        data.data[strcspn(data.data, "\r\n")] = '\0';
    }
    return target->is_array ? read_list(target, data.data, value, error)
                            : read_scalar(target, data.data, value, error);
}

bool
words_read(const struct target *target, const char *text,
           class_lookup lookup, void *arg, struct value *value,
           struct error *error)
{
    *value = value_null(target->type, target->is_array);
    if (strcmp(text, "NULL") == 0) {
        return true;
    }
    if (*text == '@') {
        return read_file(target, text + 1, lookup, arg, value, error);
    }
    if (target->type == CIM_EMBEDDED || target->type == CIM_OBJECT) {
        return read_object(target, text, strlen(text), lookup, arg, value,
                           error);
    }
    if (target->is_array) {
        return read_list(target, text, value, error);
    }
    if (*text == '\\'
        && (text[1] == '\\' || text[1] == '@'
            || strcmp(text + 1, "NULL") == 0)) {
        text++;
    }
    return read_scalar(target, text, value, error);
}

/* Sets one property from "Name=value"; '*name' is the class's own text. */
static bool
assign(struct instance *instance, const char *word, class_lookup lookup,
       void *arg, const char **name, struct error *error)
{
    const char *equals = strchr(word, '=');
    MEM_AUTO char *given = equals
        ? mem_strndup(word, (size_t) (equals - word)) : NULL;
    const struct property *property;
    struct target target;
    struct value value;

    if (!equals || equals == word) {
        return error_set(error, ERROR_INVALID,
                         "'%s' is not of the form Name=value", word);
    }
    property = class_property(instance->cls, given);
    if (!property) {
        /* Lets the object say what is there. */
        return instance_set(instance, given, value_null(CIM_STRING, false),
                            error);
    }
    target = words_of_property(property);
    *name = property->name;
    return words_read(&target, equals + 1, lookup, arg, &value, error)
           && instance_set(instance, property->name, value, error);
}

bool
words_assign(struct instance *instance, const char *const *words, size_t n,
             class_lookup lookup, void *arg, const char ***names,
             struct error *error)
{
    const char **list = mem_array(n + 1, sizeof *list);

    for (size_t i = 0; i < n; i++) {
        if (!assign(instance, words[i], lookup, arg, &list[i], error)) {
            free(list);
            return false;
        }
    }
    if (names) {
        *names = list;
    } else {
        free(list);
    }
    return true;
}
