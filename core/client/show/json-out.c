/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Flat JSON objects, so that a jq filter needs no more than a property's name.
 */

#include <config.h>

#include "client/show/json-out.h"

#include <string.h>

#include "base/buffer.h"
#include "object/forms.h"
#include "object/instance.h"
#include "schema/class.h"

void
json_out_text(const char *text, struct buffer *out)
{
    struct value value = { .type = CIM_STRING,
                           .n = (uint32_t) strlen(text),
                           .s = (char *) text };

    value_write_json(&value, out);
}

static void
put_member(const char *name, const struct value *value, struct buffer *out)
{
    buffer_puts(out, ", ");
    json_out_text(name, out);
    buffer_puts(out, ": ");
    if (value->is_null) {
        buffer_puts(out, "null");
    } else {
        value_write_json(value, out);
    }
}

void
json_out_object(const struct instance *instance, const char *const *names,
                size_t n, struct buffer *out)
{
    const struct cim_class *cls = instance->cls;

    buffer_puts(out, "{\"class\": ");
    json_out_text(cls->name, out);
    for (uint32_t i = 0; !n && i < cls->n_properties; i++) {
        put_member(cls->properties[i].name, &instance->values[i], out);
    }
    for (size_t i = 0; i < n; i++) {
        int index = class_property_index(cls, names[i]);

        if (index >= 0) {
            put_member(cls->properties[index].name,
                       &instance->values[index], out);
        }
    }
    buffer_putc(out, '}');
}
