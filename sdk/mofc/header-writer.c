/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Functions that make an object in the plugin's own memory, for the answer to
 * a status query; and what the plugin's method table needs.
 */

#include <config.h>

#include <inttypes.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/memory.h"
#include "header.h"
#include "marshal/member.h"
#include "marshal/signature.h"

/* Bits of NULLs are kept for classes whose bits are one per member. */
static bool
has_bits(const struct header_class *cls)
{
    return cls->n > 0 && cls->layout->n_parts == 1;
}

static void
write_start(const struct header_class *cls, struct buffer *out)
{
    uint32_t bytes = (cls->n + 7) / 8;
    const char *name = cls->name;

    buffer_printf(out, "/* An object under construction. */\n"
                  "struct %s_writer {\n    struct xvs_writer writer;\n",
                  name);
    if (has_bits(cls)) {
        buffer_printf(out, "    uint8_t present[%" PRIu32 "];\n", bytes);
    }
    buffer_printf(out,
        "};\n\n"
        "/* Starts an object in 8-aligned memory, all 0 and nothing NULL.  "
        "NULL: there\n * is no room. */\n"
        "static inline struct %s *\n"
        "%s_start(struct %s_writer *writer, void *memory, uint32_t capacity)"
        "\n{\n    xvs_writer_start(&writer->writer, memory, capacity, "
        "%s_SIZE);\n",
        name, name, name, cls->upper);
    for (uint32_t i = 0; has_bits(cls) && i < bytes; i++) {
        uint32_t rest = cls->n - i * 8;

        buffer_printf(out, "    writer->present[%" PRIu32 "] = 0x%02x;\n", i,
                      rest >= 8 ? 0xffu : (1u << rest) - 1);
    }
    buffer_printf(out, "    return writer->writer.full ? NULL : (struct %s *) "
                  "memory;\n}\n\n", name);
    if (has_bits(cls)) {
        buffer_printf(out,
            "/* The property is NULL; its bytes must still be 0. */\n"
            "static inline void\n"
            "%s_null(struct %s_writer *writer, enum %s_field field)\n{\n"
            "    writer->present[field / 8] &= (uint8_t) ~(1u << field %% 8);"
            "\n}\n\n", name, name, name);
    }
}

/* Sets a text, or an array of variable length. */
static void
write_set(const struct header_class *cls, const struct header_member *member,
          struct buffer *out)
{
    bool is_text = member_is_text(member->field);
    bool is_array = member->field->shape == SHAPE_VARIABLE;

    buffer_printf(out, "static inline void\n%s_set_%s(struct %s_writer "
                  "*writer,\n    const ", cls->name, member->name, cls->name);
    if (is_text) {
        buffer_puts(out, is_array ? "char *const *items, uint32_t n"
                                  : "char *text");
    } else {
        member_type(member, out);
        buffer_puts(out, " *items, uint32_t n");
    }
    buffer_puts(out, ")\n{\n    struct xvs_ref ref = ");
    if (!is_array) {
        buffer_puts(out, "xvs_put_string(&writer->writer, text);\n\n");
    } else if (is_text) {
        buffer_puts(out,
            "xvs_put(&writer->writer, NULL, n,\n"
            "        sizeof(struct xvs_ref));\n    uint32_t i;\n\n"
            "    for (i = 0; i < n && !writer->writer.full; i++) {\n"
            "        struct xvs_ref item = xvs_put_string(&writer->writer, "
            "items[i]);\n\n"
            "        memcpy((char *) writer->writer.body + ref.offset\n"
            "                   + i * sizeof item, &item, sizeof item);\n"
            "    }\n");
    } else {
        buffer_puts(out, "xvs_put(&writer->writer, items, n, sizeof "
                    "*items);\n\n");
    }
    buffer_printf(out, "    if (!writer->writer.full) {\n"
                  "        ((struct %s *) writer->writer.body)->%s = ref;\n"
                  "    }\n}\n\n", cls->name, member->name);
}

static void
write_finish(const struct header_class *cls, struct buffer *out)
{
    const char *name = cls->name;

    buffer_printf(out,
        "/* What was made; it lives as long as the writer and its memory. "
        "*/\nstatic inline struct xvs_view\n"
        "%s_view(const struct %s_writer *writer)\n{\n"
        "    struct xvs_view view = { writer->writer.body, "
        "writer->writer.size, ", name, name);
    if (has_bits(cls)) {
        buffer_printf(out, "%" PRIu32 "u,\n        writer->present };\n\n",
                      cls->n);
    } else {
        buffer_puts(out, "0, NULL };\n\n");
    }
    buffer_puts(out, "    return view;\n}\n\n");
    buffer_printf(out,
        "/* Adds the object to an answer; returns what the hook may return. "
        "*/\nstatic inline int\n"
        "%s_answer(const struct %s_writer *writer, const struct xvs_host "
        "*host,\n    struct xvs_answer *answer, const struct xvs_guid "
        "*instance)\n{\n"
        "    struct xvs_view view = %s_view(writer);\n\n"
        "    return writer->writer.full ? XVS_RESOURCES\n"
        "        : host->answer(answer, instance, &view);\n}\n\n",
        name, name, name);
}

void
header_write_writer(const struct header_class *cls, struct buffer *out)
{
    write_start(cls, out);
    for (uint32_t i = 0; i < cls->n; i++) {
        const struct header_member *member = &cls->members[i];
        uint8_t shape = member->field->shape;

        if (shape == SHAPE_VARIABLE
            || (shape == SHAPE_SCALAR && member_is_text(member->field))) {
            write_set(cls, member, out);
        }
    }
    write_finish(cls, out);
}

/* One C parameter; 'is_out': what the function fills in. */
static void
write_parameter(const struct parameter *parameter, bool is_out,
                struct buffer *out)
{
    MEM_AUTO char *name = name_snake(parameter->name);
    struct layout_field field = { .type = (uint8_t) parameter->type };
    struct header_member member = { .field = &field };

    buffer_puts(out, ",\n    ");
    if (member_is_text(&field)) {
        buffer_printf(out, is_out ? "struct xvs_text *%s_out"
                                  : "const char *%s", name);
        return;
    }
    if (!is_out && field.type == CIM_DATETIME) {
        buffer_puts(out, "const ");
    }
    member_type(&member, out);
    buffer_printf(out, is_out ? " *%s_out"
                       : field.type == CIM_DATETIME ? " *%s" : " %s", name);
}

bool
header_write_prototypes(const struct header_class *cls, struct buffer *out,
                        struct error *error)
{
    for (uint32_t i = 0; i < cls->cls->n_methods; i++) {
        const struct method *method = &cls->cls->methods[i];
        BUFFER_AUTO struct buffer signature = BUFFER_INIT;
        struct layout_field field = { .type = (uint8_t) method->type };
        struct header_member member = { .field = &field };

        if (!method_signature(method, &signature, error)) {
            return error_at(error, cls->cls->file, method->line,
                            method->column);
        }
        buffer_printf(out, "/* %s.%s */\n", cls->cls->name, method->name);
        if (method->type == CIM_NONE) {
            buffer_puts(out, "void");
        } else {
            member_type(&member, out);
        }
        buffer_printf(out, " %s(void *self, struct xvs_call *call",
                      cls->functions[i]);
        for (uint32_t j = 0; j < method->n_parameters; j++) {
            const struct parameter *parameter = &method->parameters[j];

            if (parameter->in) {
                write_parameter(parameter, false, out);
            }
            if (parameter->out) {
                write_parameter(parameter, true, out);
            }
        }
        buffer_puts(out, ");\n\n");
    }
    return true;
}

bool
header_write_methods(const struct header_class *cls, struct buffer *out,
                     struct error *error)
{
    for (uint32_t i = 0; i < cls->cls->n_methods; i++) {
        const struct method *method = &cls->cls->methods[i];
        BUFFER_AUTO struct buffer signature = BUFFER_INIT;

        if (!method_signature(method, &signature, error)) {
            return error_at(error, cls->cls->file, method->line,
                            method->column);
        }
        buffer_printf(out, " \\\n    { %s_UUID, \"%s\", \"%s\", \\\n"
                      "      (void (*)(void)) %s },", cls->upper,
                      method->name, buffer_string(&signature),
                      cls->functions[i]);
    }
    return true;
}
