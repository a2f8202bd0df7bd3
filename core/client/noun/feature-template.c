/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * xvsctl feature template: a setting with its defaults and, as comments, what
 * the schema says about each property; "feature add -f" takes it.
 */

#include <config.h>

#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "client/noun/feature.h"
#include "client/run.h"
#include "client/show/listing.h"
#include "client/show/words.h"
#include "object/forms.h"
#include "object/instance.h"
#include "schema/class.h"

#define COMMENT_WIDTH 72

/* What the core fills in is not part of a template. */
static bool
is_filled_in(const struct property *property)
{
    static const char *const names[] = { "InstanceID", "SwitchName",
                                         "PortName", "SettingState" };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcasecmp(property->name, names[i]) == 0) {
            return true;
        }
    }
    return listing_is_noise(property->name);
}

/* Text as comment lines, broken at spaces. */
static void
put_comment(struct buffer *out, const char *indent, const char *text)
{
    while (*text) {
        size_t length = strlen(text);

        if (length > COMMENT_WIDTH) {
            length = COMMENT_WIDTH;
            while (length && text[length] != ' ') {
                length--;
            }
            length = length ? length : COMMENT_WIDTH;
        }
        length = strcspn(text, "\n") < length ? strcspn(text, "\n") : length;
        buffer_printf(out, "%s// %.*s\n", indent, (int) length, text);
        text += length;
        text += strspn(text, " \n");
    }
}

static void
put_limits(struct buffer *out, const struct property *property)
{
    static const char *const names[] = { "MinValue", "MaxValue", "MaxLen",
                                         "Max", "Units" };

    buffer_printf(out, "    // %s%s", cim_type_name(property->type),
                  property->is_array ? "[]" : "");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct qualifier *q = property_qualifier(property, names[i]);

        if (q && !q->value.is_null && !q->value.is_array) {
            buffer_printf(out, ", %s ", names[i]);
            value_print(&q->value, out);
        }
    }
    buffer_putc(out, '\n');
}

/* A literal of MOF. */
static void
put_scalar(struct buffer *out, const struct value *value)
{
    if (value->is_null || value->type >= CIM_EMBEDDED) {
        buffer_puts(out, "NULL");
    } else if (value->type == CIM_STRING || value->type == CIM_REFERENCE) {
        buffer_putc(out, '"');
        for (const char *p = value->s; *p; p++) {
            if (*p == '"' || *p == '\\') {
                buffer_putc(out, '\\');
            }
            buffer_putc(out, *p);
        }
        buffer_putc(out, '"');
    } else {
        bool quoted = value->type == CIM_DATETIME;

        buffer_puts(out, quoted ? "\"" : "");
        value_print(value, out);
        buffer_puts(out, quoted ? "\"" : "");
    }
}

static void
put_literal(struct buffer *out, const struct value *value)
{
    if (value->is_null || !value->is_array) {
        put_scalar(out, value);
        return;
    }
    buffer_putc(out, '{');
    for (uint32_t i = 0; i < value->n; i++) {
        buffer_puts(out, i ? ", " : "");
        put_scalar(out, &value->items[i]);
    }
    buffer_putc(out, '}');
}

static void
put_property(struct buffer *out, const struct property *property,
             const struct value *value)
{
    BUFFER_AUTO struct buffer choices = BUFFER_INIT;
    struct target target = words_of_property(property);
    const char *text =
        qualifier_text(property_qualifier(property, "Description"));
    const char *name = NULL;

    if (text) {
        put_comment(out, "    ", text);
    }
    put_limits(out, property);
    words_choices(&target, &choices);
    if (choices.size) {
        buffer_printf(out, "    // names in Name=value: %s\n",
                      buffer_string(&choices));
    }
    if (!value->is_null && !value->is_array
        && cim_type_is_integer(value->type)) {
        name = words_name(&target, value->u);
    }
    buffer_printf(out, "    %s = ", property->name);
    put_literal(out, value);
    buffer_printf(out, ";%s%s\n", name ? "    // " : "", name ? name : "");
}

static void
print_template(const struct instance *instance)
{
    BUFFER_AUTO struct buffer out = BUFFER_INIT;
    const struct cim_class *cls = instance->cls;
    const char *text = qualifier_text(class_qualifier(cls, "Description"));

    if (text) {
        put_comment(&out, "", text);
    }
    buffer_printf(&out, "instance of %s {\n", cls->name);
    for (uint32_t i = 0; i < cls->n_properties; i++) {
        if (!is_filled_in(&cls->properties[i])) {
            put_property(&out, &cls->properties[i], &instance->values[i]);
        }
    }
    buffer_puts(&out, "};\n");
    fwrite(out.data, 1, out.size, stdout);
}

bool
feature_template(struct run *run)
{
    struct cim_class *cls = run_class(run, run_word(run, 0));
    BUFFER_AUTO struct buffer out = BUFFER_INIT;
    struct instance *instance;

    if (!cls) {
        return false;
    }
    instance = instance_create(cls);
    switch (run->form) {
    case RUN_JSON:
        instance_write_json(instance, false, &out);
        puts(buffer_string(&out));
        break;
    case RUN_NAMES:
        for (uint32_t i = 0; i < cls->n_properties; i++) {
            if (!is_filled_in(&cls->properties[i])) {
                puts(cls->properties[i].name);
            }
        }
        break;
    case RUN_XML:
        listing_show(run, instance, NULL);
        break;
    default:
        print_template(instance);
        break;
    }
    instance_destroy(instance);
    return true;
}
