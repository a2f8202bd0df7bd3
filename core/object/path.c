/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Object paths as values: making, copying, comparing and printing them.
 * Reading the text form is in path-parse.c, the XML forms in xml-read.c and
 * xml-write.c.
 */

#include <config.h>

#include "object/path.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/text.h"
#include "object/instance.h"
#include "schema/class.h"

static void
key_clear(struct path_key *key)
{
    free(key->name);
    free(key->text);
    path_destroy(key->reference);
}

void
path_destroy(struct path *path)
{
    if (!path) {
        return;
    }
    for (uint32_t i = 0; i < path->n_keys; i++) {
        key_clear(&path->keys[i]);
    }
    free(path->keys);
    free(path->host);
    free(path->name_space);
    free(path->class_name);
    free(path);
}

struct path *
path_copy(const struct path *path)
{
    struct path *copy = mem_zalloc(sizeof *copy);

    copy->host = path->host ? mem_strdup(path->host) : NULL;
    copy->name_space = path->name_space ? mem_strdup(path->name_space) : NULL;
    copy->class_name = mem_strdup(path->class_name);
    copy->n_keys = path->n_keys;
    copy->keys = mem_array(path->n_keys, sizeof *copy->keys);
    for (uint32_t i = 0; i < path->n_keys; i++) {
        const struct path_key *key = &path->keys[i];

        copy->keys[i].name = mem_strdup(key->name);
        copy->keys[i].text = mem_strdup(key->text);
        copy->keys[i].is_text = key->is_text;
        copy->keys[i].reference =
            key->reference ? path_copy(key->reference) : NULL;
    }
    return copy;
}

struct path_key *
path_add_key(struct path *path, const char *name, char *text, bool is_text)
{
    struct path_key *key;

    path->keys = mem_realloc(path->keys,
                             (path->n_keys + 1) * sizeof *path->keys);
    key = &path->keys[path->n_keys++];
    *key = (struct path_key){ .name = mem_strdup(name),
                              .text = text,
                              .is_text = is_text };
    return key;
}

static const struct path_key *
find_key(const struct path *path, const char *name)
{
    for (uint32_t i = 0; i < path->n_keys; i++) {
        if (text_equal_fold(path->keys[i].name, name)) {
            return &path->keys[i];
        }
    }
    return NULL;
}

const char *
path_key(const struct path *path, const char *name)
{
    const struct path_key *key = find_key(path, name);

    return key ? key->text : NULL;
}

/* The path a key refers to: parsed on the way in, or its text. */
static struct path *
key_reference(const struct path_key *key)
{
    return key->reference ? path_copy(key->reference)
                          : path_parse(key->text, NULL);
}

static bool
references_equal(const struct path_key *a, const struct path_key *b)
{
    struct path *left = key_reference(a);
    struct path *right = key_reference(b);
    bool equal = left && right && path_equal(left, right);

    path_destroy(left);
    path_destroy(right);
    return equal;
}

/* Bare values may be written in several ways: 17, 0x11, +17; true, TRUE. */
static bool
bare_equal(const char *a, const char *b)
{
    uint64_t u, v;
    int64_t i, j;
    double x, y;

    if (text_to_u64(a, &u) && text_to_u64(b, &v)) {
        return u == v;
    }
    if (text_to_i64(a, &i) && text_to_i64(b, &j)) {
        return i == j;
    }
    if (text_to_double(a, &x) && text_to_double(b, &y)) {
        return !(x < y) && !(x > y);
    }
    return text_equal_fold(a, b);
}

static bool
keys_equal(const struct path_key *a, const struct path_key *b)
{
    if (strcmp(a->text, b->text) == 0) {
        return true;
    }
    if (a->reference || b->reference) {
        return references_equal(a, b);
    }
    return !a->is_text && !b->is_text && bare_equal(a->text, b->text);
}

bool
path_equal(const struct path *a, const struct path *b)
{
    if (a->n_keys != b->n_keys
        || !text_equal_fold(a->class_name, b->class_name)) {
        return false;
    }
    for (uint32_t i = 0; i < a->n_keys; i++) {
        const struct path_key *other = find_key(b, a->keys[i].name);

        if (!other || !keys_equal(&a->keys[i], other)) {
            return false;
        }
    }
    return true;
}

/* Quoted, with the escapes of a MOF string. */
static void
print_text(struct buffer *out, const char *text)
{
    static const char from[] = "\"\\\b\t\n\f\r";
    static const char to[] = "\"\\btnfr";

    buffer_putc(out, '"');
    for (; *text; text++) {
        const char *found = strchr(from, *text);

        if (found) {
            buffer_putc(out, '\\');
            buffer_putc(out, to[found - from]);
        } else if ((unsigned char) *text < 0x20) {
            buffer_printf(out, "\\x%04X", (unsigned int) *text);
        } else {
            buffer_putc(out, *text);
        }
    }
    buffer_putc(out, '"');
}

void
path_print(const struct path *path, struct buffer *out)
{
    if (path->host && path->name_space) {
        buffer_printf(out, "//%s/", path->host);
    }
    if (path->name_space) {
        buffer_printf(out, "%s:", path->name_space);
    }
    buffer_puts(out, path->class_name);
    for (uint32_t i = 0; i < path->n_keys; i++) {
        const struct path_key *key = &path->keys[i];

        if (key->name[0]) {
            buffer_putc(out, i ? ',' : '.');
            buffer_puts(out, key->name);
        }
        buffer_putc(out, '=');
        if (key->is_text || key->reference) {
            print_text(out, key->text);
        } else {
            buffer_puts(out, key->text);
        }
    }
}

static bool
is_quoted(enum cim_type type)
{
    return type == CIM_STRING || type == CIM_DATETIME || type == CIM_CHAR16
           || type == CIM_REFERENCE;
}

struct path *
path_of_instance(const struct instance *instance)
{
    const struct cim_class *cls = instance->cls;
    struct path *path = mem_zalloc(sizeof *path);

    path->class_name = mem_strdup(cls->name);
    for (uint32_t i = 0; i < instance->n; i++) {
        const struct value *value = &instance->values[i];
        struct buffer text = BUFFER_INIT;
        struct path_key *key;

        if (!cls->properties[i].is_key) {
            continue;
        }
        if (value->is_null || value->is_array) {
            path_destroy(path);
            return NULL;
        }
        value_print(value, &text);
        key = path_add_key(path, cls->properties[i].name,
                           buffer_steal(&text), is_quoted(value->type));
        if (value->type == CIM_REFERENCE) {
            key->reference = path_parse(key->text, NULL);
        }
    }
    if (!path->n_keys) {
        path_destroy(path);
        return NULL;
    }
    return path;
}

static bool
reference_matches(const struct path_key *key, const char *text)
{
    struct path_key own = { .text = (char *) (uintptr_t) text };

    return references_equal(key, &own);
}

/* The key's text, read as the property's type, is the property's value. */
static bool
key_matches(const struct path_key *key, const struct value *value)
{
    struct value wanted = value_null(value->type, false);
    bool equal;

    if (value->is_null || value->is_array) {
        return false;
    }
    if (value->type == CIM_STRING) {
        return strcmp(key->text, value->s) == 0;
    }
    if (value->type == CIM_REFERENCE) {
        return strcmp(key->text, value->s) == 0
               || reference_matches(key, value->s);
    }
    equal = value_parse(&wanted, value->type, key->text, NULL)
            && value_equal(&wanted, value);
    value_clear(&wanted);
    return equal;
}

bool
path_matches(const struct path *path, const struct instance *instance)
{
    const struct cim_class *cls = instance->cls;
    uint32_t n_keys = 0;

    if (!text_equal_fold(cls->name, path->class_name)
        && !class_is_a(cls, path->class_name)) {
        return false;
    }
    for (uint32_t i = 0; i < instance->n; i++) {
        const struct path_key *key;

        if (!cls->properties[i].is_key) {
            continue;
        }
        n_keys++;
        key = find_key(path, cls->properties[i].name);
        if (!key && path->n_keys == 1 && !path->keys[0].name[0]) {
            key = &path->keys[0];
        }
        if (!key || !key_matches(key, &instance->values[i])) {
            return false;
        }
    }
    return n_keys == path->n_keys;
}
