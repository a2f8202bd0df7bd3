/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * MOF is the form of a class for people; JSON tells programs its properties
 * and methods; CIM-XML is what the server sent.
 */

#include <config.h>

#include "client/show/class-text.h"

#include <stdio.h>

#include "base/buffer.h"
#include "client/run.h"
#include "client/show/json-out.h"
#include "client/wbem/cim-client.h"
#include "schema/class.h"
#include "schema/compile.h"

static void
put_member(struct buffer *out, const char *before, const char *name,
           const char *text)
{
    buffer_printf(out, "%s\"%s\": ", before, name);
    if (text) {
        json_out_text(text, out);
    } else {
        buffer_puts(out, "null");
    }
}

static void
put_truth(struct buffer *out, const char *name, bool truth)
{
    buffer_printf(out, ", \"%s\": %s", name, truth ? "true" : "false");
}

static void
put_properties(struct buffer *out, const struct cim_class *cls)
{
    buffer_puts(out, ", \"properties\": [");
    for (uint32_t i = 0; i < cls->n_properties; i++) {
        const struct property *property = &cls->properties[i];

        put_member(out, i ? ",\n  {" : "\n  {", "name", property->name);
        put_member(out, ", ", "type", cim_type_name(property->type));
        put_truth(out, "array", property->is_array);
        put_truth(out, "key", property->is_key);
        put_truth(out, "write",
                  qualifier_true(property_qualifier(property, "Write")));
        put_member(out, ", ", "origin", property->origin);
        put_member(out, ", ", "description",
                   qualifier_text(property_qualifier(property,
                                                     "Description")));
        buffer_putc(out, '}');
    }
    buffer_puts(out, "]");
}

static void
put_methods(struct buffer *out, const struct cim_class *cls)
{
    buffer_puts(out, ", \"methods\": [");
    for (uint32_t i = 0; i < cls->n_methods; i++) {
        const struct method *method = &cls->methods[i];

        put_member(out, i ? ",\n  {" : "\n  {", "name", method->name);
        put_member(out, ", ", "type", method->type == CIM_NONE
                   ? "void" : cim_type_name(method->type));
        buffer_puts(out, ", \"parameters\": [");
        for (uint32_t j = 0; j < method->n_parameters; j++) {
            const struct parameter *parameter = &method->parameters[j];

            put_member(out, j ? ", {" : "{", "name", parameter->name);
            put_member(out, ", ", "type", cim_type_name(parameter->type));
            put_truth(out, "array", parameter->is_array);
            put_truth(out, "in", parameter->in);
            put_truth(out, "out", parameter->out);
            buffer_putc(out, '}');
        }
        buffer_puts(out, "]}");
    }
    buffer_puts(out, "]}\n");
}

static void
put_json(struct buffer *out, const struct cim_class *cls)
{
    put_member(out, "{", "name", cls->name);
    put_member(out, ", ", "superclass", cls->super_name);
    put_truth(out, "abstract", cls->is_abstract);
    put_properties(out, cls);
    put_methods(out, cls);
}

bool
class_text_show(struct run *run, const char *name)
{
    BUFFER_AUTO struct buffer out = BUFFER_INIT;
    struct cim_class *cls = run_class(run, name);

    if (!cls) {
        return false;
    }
    switch (run->form) {
    case RUN_XML:
        if (!cim_client_class_xml(run_client(run), name, false, &out,
                                  &run->error)) {
            return false;
        }
        buffer_putc(&out, '\n');
        break;
    case RUN_JSON:
        put_json(&out, cls);
        break;
    case RUN_NAMES:
        buffer_printf(&out, "%s\n", cls->name);
        break;
    default:
        class_write_mof(cls, &out);
        break;
    }
    fwrite(out.data, 1, out.size, stdout);
    return true;
}
