/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Objects as JSON: {"class": "X", "properties": {"A": 1, ...}}.  Datetimes,
 * references and characters are strings; embedded objects are objects of the
 * same form.
 */

#include <config.h>

#include "object/forms.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/memory.h"
#include "object/forms/forms-read.h"
#include "object/instance.h"
#include "object/forms/json.h"

/* Writing. ----------------------------------------------------------------- */

void
json_escape(struct buffer *out, const char *text, size_t size)
{
    static const char from[] = "\"\\\b\f\n\r\t";
    static const char to[] = "\"\\bfnrt";
    const char *end, *run;

    if (!size) {
        return;
    }
    end = text + size;
    run = text;
    for (; text < end; text++) {
        unsigned char c = (unsigned char) *text;
        const char *found;

        if (c >= 0x20 && c != '"' && c != '\\') {
            continue;
        }
        buffer_put(out, run, (size_t) (text - run));
        run = text + 1;
        found = c ? strchr(from, c) : NULL;
        if (found) {
            buffer_putc(out, '\\');
            buffer_putc(out, to[found - from]);
        } else {
            buffer_printf(out, "\\u%04x", c);
        }
    }
    buffer_put(out, run, (size_t) (end - run));
}

static void
put_quoted(struct buffer *out, const struct value *value)
{
    BUFFER_AUTO struct buffer text = BUFFER_INIT;

    value_print(value, &text);
    buffer_putc(out, '"');
    json_escape(out, text.data, text.size);
    buffer_putc(out, '"');
}

static void
put_scalar(struct buffer *out, const struct value *value)
{
    if (value->is_null) {
        buffer_puts(out, "null");
        return;
    }
    switch (value->type) {
    case CIM_STRING:
    case CIM_REFERENCE:
    case CIM_CHAR16:
    case CIM_DATETIME:
        put_quoted(out, value);
        return;
    case CIM_EMBEDDED:
    case CIM_OBJECT:
        instance_write_json(value->object, false, out);
        return;
    case CIM_REAL32:
    case CIM_REAL64:
        if (!isfinite(value->r)) {
            buffer_puts(out, "null");
            return;
        }
        value_print(value, out);
        return;
    default:
        value_print(value, out);
    }
}

void
value_write_json(const struct value *value, struct buffer *out)
{
    if (value->is_null || !value->is_array) {
        put_scalar(out, value);
        return;
    }
    buffer_putc(out, '[');
    for (uint32_t i = 0; i < value->n; i++) {
        if (i) {
            buffer_putc(out, ',');
        }
        put_scalar(out, &value->items[i]);
    }
    buffer_putc(out, ']');
}

static void
put_name(struct buffer *out, const char *name)
{
    buffer_putc(out, '"');
    json_escape(out, name, strlen(name));
    buffer_puts(out, "\":");
}

void
instance_write_json(const struct instance *instance, bool plain,
                    struct buffer *out)
{
    if (!plain) {
        buffer_puts(out, "{\"class\":\"");
        json_escape(out, instance->cls->name, strlen(instance->cls->name));
        buffer_puts(out, "\",\"properties\":");
    }
    buffer_putc(out, '{');
    for (uint32_t i = 0; i < instance->n; i++) {
        if (i) {
            buffer_putc(out, ',');
        }
        put_name(out, instance->cls->properties[i].name);
        value_write_json(&instance->values[i], out);
    }
    buffer_puts(out, plain ? "}" : "}}");
}

/* Reading. ----------------------------------------------------------------- */

/* Sets the place unless a deeper value has set it. */
static bool
place(const struct forms_reader *reader, const struct json *json)
{
    unsigned int line, column;

    if (reader->error && !reader->error->line) {
        json_place(reader->text, reader->size, json->offset, &line, &column);
        error_at(reader->error, reader->file, line, column);
    }
    return false;
}

static struct instance *read_object(const struct forms_reader *reader,
                                    const struct json *json,
                                    struct cim_class *cls);

static bool
read_scalar(const struct forms_reader *reader, const struct json *json,
            const struct property *property, struct value *value)
{
    struct instance *object;

    switch (json->type) {
    case JSON_NULL:
        *value = value_null(property->type, false);
        return true;
    case JSON_BOOLEAN:
        *value = value_boolean(json->truth);
        return true;
    case JSON_UNSIGNED:
        *value = value_u64(CIM_UINT64, json->u);
        return true;
    case JSON_SIGNED:
        *value = value_i64(CIM_SINT64, json->i);
        return true;
    case JSON_REAL:
        *value = (struct value){ .type = CIM_REAL64, .r = json->r };
        return true;
    case JSON_STRING:
        *value = value_string(json->s);
        return true;
    case JSON_OBJECT:
        object = read_object(reader, json,
                             property->class_name
                                     && property->type == CIM_EMBEDDED
                                 ? reader->lookup(reader->arg,
                                                  property->class_name)
                                 : NULL);
        *value = (struct value){ .type = CIM_OBJECT, .object = object,
                                 .is_null = !object };
        return object != NULL;
    default:
        error_set(reader->error, ERROR_TYPE, "an array in an array");
        return place(reader, json);
    }
}

static bool
read_array(const struct forms_reader *reader, const struct json *json,
           const struct property *property, struct value *value)
{
    uint32_t n = 0;

    *value = value_array(property->type, json->n);
    for (const struct json *at = json->first; at; at = at->next) {
        if (!read_scalar(reader, at, property, &value->items[n++])) {
            value_clear(value);
            return false;
        }
    }
    return true;
}

static bool
read_properties(const struct forms_reader *reader, const struct json *json,
                struct instance *instance, bool is_plain)
{
    for (const struct json *at = json->first; at; at = at->next) {
        const struct property *property =
            class_property(instance->cls, at->name);
        struct value value;

        if (!property && is_plain && strcmp(at->name, "class") == 0) {
            continue;
        }
        if (!property) {
            instance_no_property(instance->cls, at->name, reader->error);
            return place(reader, at);
        }
        if (!(at->type == JSON_ARRAY
                  ? read_array(reader, at, property, &value)
                  : read_scalar(reader, at, property, &value))) {
            return false;
        }
        if (!instance_set(instance, property->name, value, reader->error)) {
            return place(reader, at);
        }
    }
    return true;
}

/* The class that the object names, or the given one. */
static struct cim_class *
find_class(const struct forms_reader *reader, const struct json *json,
           struct cim_class *cls)
{
    const struct json *name = json_member(json, "class");

    if (name && name->type == JSON_STRING) {
        cls = reader->lookup(reader->arg, name->s);
        if (!cls) {
            error_set(reader->error, ERROR_NO_CLASS,
                      "there is no class %.100s", name->s);
            place(reader, name);
        }
    } else if (!cls) {
        error_set(reader->error, ERROR_SYNTAX,
                  "the object has no member \"class\"");
        error_hint(reader->error, "an object looks like {\"class\": \"X\", "
                                  "\"properties\": {\"A\": 1}}");
        place(reader, json);
    }
    return cls;
}

static struct instance *
read_object(const struct forms_reader *reader, const struct json *json,
            struct cim_class *cls)
{
    const struct json *properties = json_member(json, "properties");
    bool is_plain = !properties || properties->type != JSON_OBJECT;
    struct instance *instance;

    if (json->type != JSON_OBJECT) {
        error_set(reader->error, ERROR_SYNTAX, "expected an object: {...}");
        place(reader, json);
        return NULL;
    }
    cls = find_class(reader, json, cls);
    if (!cls) {
        return NULL;
    }
    instance = instance_create(cls);
    if (!read_properties(reader, is_plain ? json : properties, instance,
                         is_plain)) {
        instance_destroy(instance);
        return NULL;
    }
    return instance;
}

bool
forms_read_json(struct forms_reader *reader, struct cim_class *cls)
{
    struct arena *arena = arena_create(0);
    const struct json *json = json_parse(reader->file, reader->text,
                                         reader->size, arena, reader->error);
    const struct json *at =
        json && json->type == JSON_ARRAY ? json->first : json;
    bool ok = json != NULL;

    if (reader->error && json) {
        reader->error->line = 0;
    }
    for (; ok && at; at = at->next) {
        struct instance *instance = read_object(reader, at, cls);

        ok = instance != NULL;
        if (ok) {
            forms_add(reader, instance);
        }
    }
    arena_destroy(arena);
    return ok;
}
