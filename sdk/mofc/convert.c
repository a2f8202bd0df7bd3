/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * xvs-mofc mof and xvs-mofc xml: the classes of a file, whatever its form,
 * in the canonical text of one form.
 */

#include <config.h>

#include "base/buffer.h"
#include "mofc.h"
#include "schema/class.h"

typedef void (*class_writer)(const struct cim_class *cls, struct buffer *out);

static void
write_mof(const struct cim_class *cls, struct buffer *out)
{
    class_write_mof(cls, out);
    buffer_puts(out, "\n");
}

static void
write_xml(const struct cim_class *cls, struct buffer *out)
{
    buffer_puts(out, "<VALUE.OBJECT>");
    class_write_xml(cls, CLASS_XML_LOCAL_ONLY | CLASS_XML_QUALIFIERS, NULL, 0,
                    out);
    buffer_puts(out, "</VALUE.OBJECT>\n");
}

static int
convert(const struct mofc_options *options, const char *head,
        class_writer write, const char *tail)
{
    BUFFER_AUTO struct buffer out = BUFFER_INIT;
    struct mofc_schema schema = { 0 };
    int code = MOFC_BAD;

    if (mofc_load(&schema, options->files[0], options)) {
        buffer_puts(&out, head);
        for (size_t i = 0; i < schema.unit.n_classes; i++) {
            write(schema.unit.classes[i], &out);
        }
        buffer_puts(&out, tail);
        code = mofc_write(options, &out) ? MOFC_OK : MOFC_BAD;
    }
    mofc_schema_clear(&schema);
    return code;
}

int
mofc_mof(const struct mofc_options *options)
{
    return convert(options, "", write_mof, "");
}

int
mofc_xml(const struct mofc_options *options)
{
    return convert(options,
                   "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
                   "<CIM CIMVERSION=\"2.0\" DTDVERSION=\"2.0\">"
                   "<DECLARATION><DECLGROUP>\n",
                   write_xml, "</DECLGROUP></DECLARATION></CIM>\n");
}
