/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Objects and values as CIM-XML (DSP0201); paths are in xml-path.c.
 *
 * Enumerations write the same tags again and again, so the constant text
 * around each property's value is made once per class and kept in its text
 * cache: writing an object is then appending constants and values.  Elements
 * always have an end tag; readers exist that fail on self-closed ones.
 */

#include <config.h>

#include "object/forms.h"

#include <stdlib.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/text.h"
#include "object/instance.h"
#include "object/path.h"

/* Where the text around one property's value lies in its class's frames. */
struct frame {
    uint32_t open;          /* offset of '<PROPERTY NAME="..." ...><VALUE>' */
    uint32_t open_size;
    uint32_t tag_size;      /* of it without '<VALUE>' */
    uint32_t close;         /* offset of '</VALUE></PROPERTY>' */
    uint32_t close_size;
    uint32_t inner_size;    /* of '</VALUE>' */
};

struct frames {
    struct buffer text;     /* all constants of the class */
    struct buffer head;     /* '<INSTANCE CLASSNAME="...">' */
    struct frame *plain;    /* one per property */
    struct frame *origin;   /* the same with CLASSORIGIN */
};

/* Names of the elements for one shape of property. */
struct shape {
    const char *outer;
    const char *inner;
};

static struct shape
shape_of(const struct property *property)
{
    if (property->is_array) {
        return (struct shape){ "PROPERTY.ARRAY",
                               property->type == CIM_REFERENCE
                                   ? "VALUE.REFARRAY" : "VALUE.ARRAY" };
    }
    if (property->type == CIM_REFERENCE) {
        return (struct shape){ "PROPERTY.REFERENCE", "VALUE.REFERENCE" };
    }
    return (struct shape){ "PROPERTY", "VALUE" };
}

static void
frame_attributes(struct buffer *text, const struct property *property,
                 bool with_origin)
{
    bool is_object =
        property->type == CIM_EMBEDDED || property->type == CIM_OBJECT;

    xml_put_attribute(text, "NAME", property->name);
    if (property->type != CIM_REFERENCE || property->is_array) {
        xml_put_attribute(text, "TYPE",
                          is_object || property->type == CIM_REFERENCE
                              ? "string" : cim_type_name(property->type));
    } else if (property->class_name) {
        xml_put_attribute(text, "REFERENCECLASS", property->class_name);
    }
    if (with_origin && property->origin) {
        xml_put_attribute(text, "CLASSORIGIN", property->origin);
    }
    if (is_object && !property->is_array) {
        xml_put_attribute(text, "EmbeddedObject",
                          property->type == CIM_EMBEDDED ? "instance"
                                                         : "object");
    }
}

static void
frame_make(struct buffer *text, struct frame *frame,
           const struct property *property, bool with_origin)
{
    struct shape shape = shape_of(property);

    frame->open = (uint32_t) text->size;
    buffer_printf(text, "<%s", shape.outer);
    frame_attributes(text, property, with_origin);
    buffer_putc(text, '>');
    frame->tag_size = (uint32_t) text->size - frame->open;
    buffer_printf(text, "<%s>", shape.inner);
    frame->open_size = (uint32_t) text->size - frame->open;

    frame->close = (uint32_t) text->size;
    buffer_printf(text, "</%s>", shape.inner);
    frame->inner_size = (uint32_t) text->size - frame->close;
    buffer_printf(text, "</%s>", shape.outer);
    frame->close_size = (uint32_t) text->size - frame->close;
}

static void
frames_free(void *cache)
{
    struct frames *frames = cache;

    buffer_free(&frames->text);
    buffer_free(&frames->head);
    free(frames->plain);
    free(frames->origin);
    free(frames);
}

static const struct frames *
frames_of(struct cim_class *cls)
{
    struct frames *frames = cls->text_cache;

    if (frames) {
        return frames;
    }
    frames = mem_zalloc(sizeof *frames);
    frames->plain = mem_array(cls->n_properties, sizeof *frames->plain);
    frames->origin = mem_array(cls->n_properties, sizeof *frames->origin);
    buffer_puts(&frames->head, "<INSTANCE");
    xml_put_attribute(&frames->head, "CLASSNAME", cls->name);
    buffer_putc(&frames->head, '>');
    for (uint32_t i = 0; i < cls->n_properties; i++) {
        frame_make(&frames->text, &frames->plain[i], &cls->properties[i],
                   false);
        frame_make(&frames->text, &frames->origin[i], &cls->properties[i],
                   true);
    }
    cls->text_cache = frames;
    cls->text_cache_free = frames_free;
    return frames;
}

static void
put_object(const struct instance *object, struct buffer *out)
{
    struct buffer text = BUFFER_INIT;

    instance_write_xml(object, 0, NULL, 0, &text);
    xml_escape(out, text.data, text.size);
    buffer_free(&text);
}

static void
put_char16(const struct value *value, struct buffer *out)
{
    BUFFER_AUTO struct buffer text = BUFFER_INIT;

    value_print(value, &text);
    xml_escape(out, text.data, text.size);
}

static void
put_reference(const char *text, struct buffer *out)
{
    struct path *path = path_parse(text, NULL);

    if (!path) {
        return;
    }
    if (path->name_space) {
        path_write_xml_full(path, path->host, path->name_space, out);
    } else {
        path_write_xml(path, out);
    }
    path_destroy(path);
}

/* What stands between the tags of a scalar. */
static void
put_content(const struct value *value, struct buffer *out)
{
    switch (value->type) {
    case CIM_BOOLEAN:
        buffer_puts(out, value->u ? "TRUE" : "FALSE");
        return;
    case CIM_UINT8:
    case CIM_UINT16:
    case CIM_UINT32:
    case CIM_UINT64:
        buffer_put_u64(out, value->u);
        return;
    case CIM_SINT8:
    case CIM_SINT16:
    case CIM_SINT32:
    case CIM_SINT64:
        buffer_put_i64(out, value->i);
        return;
    case CIM_STRING:
        xml_escape(out, value->s, value->n);
        return;
    case CIM_CHAR16:
        put_char16(value, out);
        return;
    case CIM_REFERENCE:
        put_reference(value->s, out);
        return;
    case CIM_EMBEDDED:
    case CIM_OBJECT:
        put_object(value->object, out);
        return;
    default:
        value_print(value, out);
    }
}

static void
put_items(const struct value *array, struct buffer *out)
{
    const char *tag =
        array->type == CIM_REFERENCE ? "VALUE.REFERENCE" : "VALUE";

    for (uint32_t i = 0; i < array->n; i++) {
        if (array->items[i].is_null) {
            buffer_puts(out, "<VALUE.NULL></VALUE.NULL>");
            continue;
        }
        buffer_putc(out, '<');
        buffer_puts(out, tag);
        buffer_putc(out, '>');
        put_content(&array->items[i], out);
        buffer_put(out, "</", 2);
        buffer_puts(out, tag);
        buffer_putc(out, '>');
    }
}

static void
put_inside(const struct value *value, struct buffer *out)
{
    if (value->is_array) {
        put_items(value, out);
    } else {
        put_content(value, out);
    }
}

void
value_write_xml(const struct value *value, struct buffer *out)
{
    struct property shape_only = { .type = value->type,
                                   .is_array = value->is_array };
    const char *tag = shape_of(&shape_only).inner;

    if (value->is_null) {
        return;
    }
    buffer_printf(out, "<%s>", tag);
    put_inside(value, out);
    buffer_printf(out, "</%s>", tag);
}

static bool
is_wanted(const char *name, const char *const *names, size_t n_names)
{
    if (!names) {
        return true;
    }
    for (size_t i = 0; i < n_names; i++) {
        if (text_equal_fold(names[i], name)) {
            return true;
        }
    }
    return false;
}

void
instance_write_xml(const struct instance *instance, unsigned int flags,
                   const char *const *names, size_t n_names,
                   struct buffer *out)
{
    const struct frames *frames = frames_of(instance->cls);
    const struct frame *frame =
        flags & INSTANCE_XML_ORIGIN ? frames->origin : frames->plain;
    const char *text = frames->text.data;

    buffer_put(out, frames->head.data, frames->head.size);
    for (uint32_t i = 0; i < instance->n; i++, frame++) {
        const struct value *value = &instance->values[i];

        if (!is_wanted(instance->cls->properties[i].name, names, n_names)) {
            continue;
        }
        if (value->is_null) {
            buffer_put(out, text + frame->open, frame->tag_size);
            buffer_put(out, text + frame->close + frame->inner_size,
                       frame->close_size - frame->inner_size);
            continue;
        }
        buffer_put(out, text + frame->open, frame->open_size);
        put_inside(value, out);
        buffer_put(out, text + frame->close, frame->close_size);
    }
    buffer_put(out, "</INSTANCE>", 11);
}
