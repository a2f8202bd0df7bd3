/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Functions that read an object: the struct of a setting that was checked to
 * be of this class, and each text and array with its bounds.
 */

#include <config.h>

#include <inttypes.h>

#include "base/buffer.h"
#include "header.h"
#include "marshal/member.h"

static void
write_get(const struct header_class *cls, struct buffer *out)
{
    buffer_printf(out,
        "/* The setting's values; NULL when it is of another class or of an\n"
        " * incompatible version. */\n"
        "static inline const struct %s *\n%s_get(const struct xvs_setting "
        "*setting)\n{\n"
        "    static const struct xvs_guid uuid = %s_UUID;\n\n"
        "    if (memcmp(&setting->uuid, &uuid, sizeof uuid) != 0\n"
        "        || setting->version >> 8 != %s_VERSION >> 8\n"
        "        || setting->view.size < %s_SIZE) {\n"
        "        return NULL;\n    }\n"
        "    return (const struct %s *) setting->view.body;\n}\n\n",
        cls->name, cls->name, cls->upper, cls->upper, cls->upper, cls->name);
}

static void
write_is(const struct header_class *cls, struct buffer *out)
{
    buffer_printf(out,
        "/* 1 when the question is about this class. */\n"
        "static inline int\n%s_is(const struct xvs_query *query)\n{\n"
        "    static const struct xvs_guid uuid = %s_UUID;\n\n"
        "    return memcmp(&query->uuid, &uuid, sizeof uuid) == 0\n"
        "        && query->version >> 8 == %s_VERSION >> 8;\n}\n\n",
        cls->name, cls->upper, cls->upper);
}

static void
start_function(const struct header_class *cls,
               const struct header_member *member, const char *type,
               const char *more, struct buffer *out)
{
    buffer_printf(out, "static inline const %s*\n%s_%s(const struct xvs_view "
                  "*view, const struct %s *object%s)\n{\n", type, cls->name,
                  member->name, cls->name, more);
}

static void
write_text(const struct header_class *cls, const struct header_member *member,
           struct buffer *out)
{
    const char *name = member->name;

    switch (member->field->shape) {
    case SHAPE_SCALAR:
        start_function(cls, member, "char ", "", out);
        buffer_printf(out, "    return xvs_ref_string(view, object->%s);\n",
                      name);
        break;
    case SHAPE_VARIABLE:
        start_function(cls, member, "char ", ", uint32_t index", out);
        buffer_printf(out,
            "    const struct xvs_ref *refs = (const struct xvs_ref *)\n"
            "        xvs_ref_data(view, object->%s, sizeof *refs);\n\n"
            "    return refs && index < object->%s.count\n"
            "        ? xvs_ref_string(view, refs[index]) : \"\";\n",
            name, name);
        break;
    default:
        start_function(cls, member, "char ", ", uint32_t index", out);
        buffer_printf(out, "    return index < %" PRIu32 "u\n"
                      "        ? xvs_ref_string(view, object->%s[index]) : "
                      "\"\";\n", member->field->n, name);
        break;
    }
    buffer_puts(out, "}\n\n");
}

static void
write_array(const struct header_class *cls,
            const struct header_member *member, struct buffer *out)
{
    BUFFER_AUTO struct buffer type = BUFFER_INIT;

    member_type(member, &type);
    buffer_putc(&type, ' ');
    start_function(cls, member, buffer_string(&type), ", uint32_t *count",
                   out);
    if (member->field->shape == SHAPE_VARIABLE) {
        buffer_printf(out,
            "    const void *data = xvs_ref_data(view, object->%s,\n"
            "        sizeof(%.*s));\n\n"
            "    *count = data ? object->%s.count : 0;\n"
            "    return (const %s*) data;\n}\n\n",
            member->name, (int) type.size - 1, type.data, member->name,
            type.data);
    } else {
        buffer_printf(out,
            "    (void) view;\n"
            "    *count = object->%s < %" PRIu32 "u ? object->%s : %" PRIu32
            "u;\n    return object->%s;\n}\n\n",
            member->count, member->field->n, member->count, member->field->n,
            member->name);
    }
}

void
header_write_access(const struct header_class *cls, struct buffer *out)
{
    if (cls->is_feature && cls->feature.kind == FEATURE_SETTING) {
        write_get(cls, out);
    } else if (cls->is_feature) {
        write_is(cls, out);
    }
    for (uint32_t i = 0; i < cls->n; i++) {
        const struct header_member *member = &cls->members[i];

        if (member_is_text(member->field)) {
            write_text(cls, member, out);
        } else if (member->field->shape == SHAPE_VARIABLE
                   || member->field->shape == SHAPE_BOUNDED) {
            write_array(cls, member, out);
        }
    }
}
