/* SPDX-License-Identifier: BSD-3-Clause */

#include <config.h>

#include "manage/list/name.h"

#include <string.h>

#include "base/buffer.h"
#include "manage/cim/operation.h"
#include "manage/http/http-parse.h"
#include "object/forms.h"
#include "object/instance.h"
#include "object/path.h"

/* The name by which the client knows us. */
static const char *
host_of(const struct exchange *exchange)
{
    const char *host = http_field(exchange->request, "Host");

    return host && *host ? host : exchange->host;
}

void
name_put_place(const struct operation *op, struct buffer *out)
{
    const char *host = host_of(op->exchange);
    const char *name_space = op->request.name_space;

    buffer_puts(out, "<NAMESPACEPATH><HOST>");
    xml_escape(out, host, strlen(host));
    buffer_puts(out, "</HOST><LOCALNAMESPACEPATH>");
    while (*name_space) {
        size_t n = strcspn(name_space, "/");

        buffer_puts(out, "<NAMESPACE NAME=\"");
        xml_escape(out, name_space, n);
        buffer_puts(out, "\"></NAMESPACE>");
        name_space += n + (name_space[n] == '/');
    }
    buffer_puts(out, "</LOCALNAMESPACEPATH></NAMESPACEPATH>");
}

/* A key whose text is its value as it stands. */
static void
put_simple_key(const struct property *property, const struct value *value,
               struct buffer *out)
{
    buffer_puts(out, "<KEYBINDING NAME=\"");
    buffer_puts(out, property->name);
    if (value->type == CIM_STRING) {
        buffer_puts(out, "\"><KEYVALUE VALUETYPE=\"string\">");
        xml_escape(out, value->s, value->n);
    } else if (cim_type_is_signed(value->type)) {
        buffer_puts(out, "\"><KEYVALUE VALUETYPE=\"numeric\">");
        buffer_put_i64(out, value->i);
    } else {
        buffer_puts(out, "\"><KEYVALUE VALUETYPE=\"numeric\">");
        buffer_put_u64(out, value->u);
    }
    buffer_puts(out, "</KEYVALUE></KEYBINDING>");
}

/* False when the object has a key that needs more care. */
static bool
put_simple_keys(const struct instance *instance, struct buffer *out)
{
    const struct property *properties = instance->cls->properties;

    for (uint32_t i = 0; i < instance->n; i++) {
        const struct value *value = &instance->values[i];

        if (!properties[i].is_key) {
            continue;
        }
        if (value->is_null || value->is_array
            || (value->type != CIM_STRING
                && !cim_type_is_integer(value->type))) {
            return false;
        }
        put_simple_key(&properties[i], value, out);
    }
    return true;
}

void
name_write_xml(const struct instance *instance, struct buffer *out)
{
    size_t start = out->size;
    struct path *path;

    buffer_puts(out, "<INSTANCENAME CLASSNAME=\"");
    buffer_puts(out, instance->cls->name);
    buffer_puts(out, "\">");
    if (!put_simple_keys(instance, out)) {
        path = path_of_instance(instance);
        if (path) {
            out->size = start;
            path_write_xml(path, out);
            path_destroy(path);
            return;
        }
    }
    buffer_puts(out, "</INSTANCENAME>");
}
