/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The elements of DSP0201 that a request is made of.
 */

#include <config.h>

#include "client/wbem/cim-request.h"

#include "base/buffer.h"
#include "object/forms.h"
#include "object/instance.h"
#include "object/path.h"
#include "schema/class.h"

static const char namespace_xml[] =
    "<LOCALNAMESPACEPATH><NAMESPACE NAME=\"root\"></NAMESPACE>"
    "<NAMESPACE NAME=\"xvs\"></NAMESPACE></LOCALNAMESPACEPATH>";

static void
put_escaped(struct buffer *out, const char *text)
{
    xml_escape(out, text, strlen(text));
}

static void
begin_message(struct buffer *out, const char *element, const char *name)
{
    buffer_printf(out,
                  "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
                  "<CIM CIMVERSION=\"2.0\" DTDVERSION=\"2.0\">"
                  "<MESSAGE ID=\"1\" PROTOCOLVERSION=\"1.0\"><SIMPLEREQ>"
                  "<%s NAME=\"", element);
    put_escaped(out, name);
    buffer_puts(out, "\">");
}

static void
end_message(struct buffer *out, const char *element)
{
    buffer_printf(out, "</%s></SIMPLEREQ></MESSAGE></CIM>\n", element);
}

void
cim_request_begin(struct buffer *out, const char *operation)
{
    begin_message(out, "IMETHODCALL", operation);
    buffer_puts(out, namespace_xml);
}

void
cim_request_end(struct buffer *out)
{
    end_message(out, "IMETHODCALL");
}

static void
begin_parameter(struct buffer *out, const char *name)
{
    buffer_printf(out, "<IPARAMVALUE NAME=\"%s\">", name);
}

static void
end_parameter(struct buffer *out)
{
    buffer_puts(out, "</IPARAMVALUE>");
}

static void
put_class(struct buffer *out, const char *class_name)
{
    buffer_puts(out, "<CLASSNAME NAME=\"");
    put_escaped(out, class_name);
    buffer_puts(out, "\"></CLASSNAME>");
}

void
cim_request_class(struct buffer *out, const char *name,
                  const char *class_name)
{
    begin_parameter(out, name);
    put_class(out, class_name);
    end_parameter(out);
}

void
cim_request_path(struct buffer *out, const char *name,
                 const struct path *path)
{
    begin_parameter(out, name);
    path_write_xml(path, out);
    end_parameter(out);
}

void
cim_request_text(struct buffer *out, const char *name, const char *text)
{
    begin_parameter(out, name);
    buffer_puts(out, "<VALUE>");
    put_escaped(out, text);
    buffer_puts(out, "</VALUE>");
    end_parameter(out);
}

void
cim_request_boolean(struct buffer *out, const char *name, bool truth)
{
    cim_request_text(out, name, truth ? "TRUE" : "FALSE");
}

void
cim_request_u64(struct buffer *out, const char *name, uint64_t number)
{
    begin_parameter(out, name);
    buffer_puts(out, "<VALUE>");
    buffer_put_u64(out, number);
    buffer_puts(out, "</VALUE>");
    end_parameter(out);
}

void
cim_request_list(struct buffer *out, const char *name,
                 const char *const *names, size_t n)
{
    if (!n) {
        return;
    }
    begin_parameter(out, name);
    buffer_puts(out, "<VALUE.ARRAY>");
    for (size_t i = 0; i < n; i++) {
        buffer_puts(out, "<VALUE>");
        put_escaped(out, names[i]);
        buffer_puts(out, "</VALUE>");
    }
    buffer_puts(out, "</VALUE.ARRAY>");
    end_parameter(out);
}

void
cim_request_instance(struct buffer *out, const char *name,
                     const struct instance *instance)
{
    begin_parameter(out, name);
    instance_write_xml(instance, 0, NULL, 0, out);
    end_parameter(out);
}

void
cim_request_modified(struct buffer *out, const struct path *path,
                     const struct instance *instance,
                     const char *const *names, size_t n)
{
    begin_parameter(out, "ModifiedInstance");
    buffer_puts(out, "<VALUE.NAMEDINSTANCE>");
    path_write_xml(path, out);
    instance_write_xml(instance, 0, names, n, out);
    buffer_puts(out, "</VALUE.NAMEDINSTANCE>");
    end_parameter(out);
}

void
cim_request_method_begin(struct buffer *out, const char *method,
                         const struct path *path)
{
    begin_message(out, "METHODCALL", method);
    if (path->n_keys) {
        buffer_puts(out, "<LOCALINSTANCEPATH>");
        buffer_puts(out, namespace_xml);
        path_write_xml(path, out);
        buffer_puts(out, "</LOCALINSTANCEPATH>");
    } else {
        buffer_puts(out, "<LOCALCLASSPATH>");
        buffer_puts(out, namespace_xml);
        put_class(out, path->class_name);
        buffer_puts(out, "</LOCALCLASSPATH>");
    }
}

void
cim_request_parameter(struct buffer *out, const struct parameter *parameter,
                      const struct value *value)
{
    const char *type = cim_type_name(parameter->type);

    if (value->is_null) {
        return;
    }
    buffer_puts(out, "<PARAMVALUE NAME=\"");
    put_escaped(out, parameter->name);
    if (parameter->type == CIM_EMBEDDED || parameter->type == CIM_OBJECT) {
        buffer_printf(out, "\" PARAMTYPE=\"string\" EmbeddedObject=\"%s\">",
                      parameter->type == CIM_OBJECT ? "object" : "instance");
    } else {
        buffer_printf(out, "\" PARAMTYPE=\"%s\">",
                      parameter->type == CIM_REFERENCE ? "reference" : type);
    }
    value_write_xml(value, out);
    buffer_puts(out, "</PARAMVALUE>");
}

void
cim_request_method_end(struct buffer *out)
{
    end_message(out, "METHODCALL");
}
