/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * xvs-mofc diff: what happens to plugins that were built for the old schema,
 * and to settings that are in force, when the new one takes its place.  A
 * line with '!' breaks them, one with '+' or '~' does not.
 */

#include <config.h>

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/text.h"
#include "marshal/layout.h"
#include "marshal/signature.h"
#include "mofc.h"
#include "schema/class.h"
#include "schema/feature.h"

struct report {
    struct mofc_schema old, new;
    struct buffer out;
    size_t n_breaks, n_changes;
    const struct cim_class *cls;    /* the old class in hand */
    bool is_named;                  /* its headline was written */
    bool is_broken;                 /* one of its lines has a '!' */
};

static void line(struct report *report, char mark, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* One change of the class in hand. */
static void
line(struct report *report, char mark, const char *format, ...)
{
    va_list args;

    if (!report->is_named && report->cls) {
        buffer_printf(&report->out, "%s\n", report->cls->name);
        report->is_named = true;
    }
    buffer_printf(&report->out, "  %c ", mark);
    va_start(args, format);
    buffer_vprintf(&report->out, format, args);
    va_end(args);
    buffer_putc(&report->out, '\n');
    report->n_breaks += mark == '!';
    report->is_broken = report->is_broken || mark == '!';
    report->n_changes++;
}

/* "uint32[4]", "string[] of at most 3", "Acme_Peer". */
static char *
type_text(const struct property *property)
{
    struct buffer out = BUFFER_INIT;

    buffer_puts(&out, property->type == CIM_EMBEDDED && property->class_name
                          ? property->class_name
                          : cim_type_name(property->type));
    if (property->is_array && property->array_size) {
        buffer_printf(&out, "[%" PRIu32 "]", property->array_size);
    } else if (property->is_array) {
        buffer_puts(&out, "[]");
    }
    if (property->is_array && property->max_elements) {
        buffer_printf(&out, " of at most %" PRIu32, property->max_elements);
    }
    return buffer_steal(&out);
}

/* The class's binary form: its properties in their order. */
struct form {
    const struct cim_class *cls;
    const struct layout *layout;
    uint32_t n;
};

static bool
open_form(struct form *form, struct cim_class *cls, struct mofc_schema *schema,
          struct error *error)
{
    form->cls = cls;
    form->layout = layout_of_class(cls, mofc_lookup, schema, error);
    form->n = form->layout ? form->layout->parts[0].n_fields : 0;
    return form->layout || error_at(error, cls->file, cls->line, cls->column);
}

static const struct property *
form_property(const struct form *form, uint32_t i)
{
    return &form->cls->properties[layout_property(form->cls, form->layout,
                                                  i)];
}

/* Place of the property of that name; UINT32_MAX when there is none. */
static uint32_t
form_find(const struct form *form, const char *name)
{
    for (uint32_t i = 0; i < form->n; i++) {
        if (text_equal_fold(form_property(form, i)->name, name)) {
            return i;
        }
    }
    return UINT32_MAX;
}

static bool
number_of(const struct property *property, const char *name, int64_t *number)
{
    const struct qualifier *qualifier = property_qualifier(property, name);

    if (!qualifier || qualifier->value.is_null || qualifier->value.is_array
        || !cim_type_is_integer(qualifier->value.type)) {
        return false;
    }
    *number = qualifier->value.i;
    return true;
}

/* Limits that refuse values which were allowed. */
static void
compare_limits(struct report *report, const struct property *old,
               const struct property *new)
{
    static const struct {
        const char *name;
        bool is_low;
    } limits[] = { { "MinValue", true }, { "MaxValue", false },
                   { "MaxLen", false } };

    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        int64_t before = 0, after = 0;
        bool had = number_of(old, limits[i].name, &before);
        bool has = number_of(new, limits[i].name, &after);

        if (has && (!had || (limits[i].is_low ? after > before
                                              : after < before))) {
            line(report, '!', "%s: %s(%" PRId64 ") refuses values that were "
                 "allowed", new->name, limits[i].name, after);
        } else if (had != has || before != after) {
            line(report, '~', "%s: %s allows more", new->name,
                 limits[i].name);
        }
    }
    if (!value_equal(&old->initial, &new->initial)) {
        line(report, '~', "%s: its default changed", new->name);
    }
}

static void
compare_property(struct report *report, const struct form *old, uint32_t i,
                 const struct form *new)
{
    const struct property *before = form_property(old, i);
    uint32_t at = form_find(new, before->name);
    const struct property *after;
    MEM_AUTO char *old_type = type_text(before);
    MEM_AUTO char *new_type = NULL;

    if (at == UINT32_MAX) {
        line(report, '!', "%s: removed (it was number %" PRIu32 ", %s)",
             before->name, i + 1, old_type);
        return;
    }
    after = form_property(new, at);
    new_type = type_text(after);
    if (at != i) {
        line(report, '!', "%s: renumbered, %" PRIu32 " was %" PRIu32,
             after->name, at + 1, i + 1);
    }
    if (strcmp(old_type, new_type) != 0) {
        line(report, '!', "%s: retyped, %s was %s", after->name, new_type,
             old_type);
    } else if (before->embedded_hash != after->embedded_hash) {
        line(report, '!', "%s: class %s changed", after->name,
             after->class_name);
    } else {
        compare_limits(report, before, after);
    }
}

static void
compare_added(struct report *report, const struct form *old,
              const struct form *new)
{
    bool is_plain = old->layout->n_parts == 1 && new->layout->n_parts == 1;

    for (uint32_t i = 0; i < new->n; i++) {
        const struct property *property = form_property(new, i);
        MEM_AUTO char *type = type_text(property);

        if (form_find(old, property->name) != UINT32_MAX) {
            continue;
        }
        if (i < old->n) {
            line(report, '!', "%s: added before others, as number %" PRIu32,
                 property->name, i + 1);
        } else if (!is_plain) {
            line(report, '!', "%s: added to a class that embeds others",
                 property->name);
        } else {
            line(report, '+', "%s: added as number %" PRIu32 ", %s",
                 property->name, i + 1, type);
        }
    }
}

static void
compare_methods(struct report *report, const struct cim_class *old,
                const struct cim_class *new)
{
    for (uint32_t i = 0; i < old->n_methods; i++) {
        const struct method *after = class_method(new, old->methods[i].name);
        BUFFER_AUTO struct buffer was = BUFFER_INIT;
        BUFFER_AUTO struct buffer is = BUFFER_INIT;

        if (!after) {
            line(report, '!', "%s(): removed", old->methods[i].name);
            continue;
        }
        if (!method_signature(&old->methods[i], &was, NULL)
            || !method_signature(after, &is, NULL)) {
            continue;
        }
        if (strcmp(buffer_string(&was), buffer_string(&is)) != 0) {
            line(report, '!', "%s(): signature %s was %s", after->name,
                 buffer_string(&is), buffer_string(&was));
        }
    }
    for (uint32_t i = 0; i < new->n_methods; i++) {
        if (!class_method(old, new->methods[i].name)) {
            line(report, '+', "%s(): added", new->methods[i].name);
        }
    }
}

static void
compare_identity(struct report *report, const struct cim_class *old,
                 const struct cim_class *new)
{
    struct feature was, is;
    bool had = feature_of_class(old, &was, NULL);
    bool has = feature_of_class(new, &is, NULL);

    if (!text_equal_fold(old->name, new->name)) {
        line(report, '!', "renamed to %s", new->name);
    }
    if (had != has) {
        line(report, '!', has ? "is a feature now" : "is no feature any more");
    }
    if (!had || !has) {
        return;
    }
    if (!guid_equal(&was.uuid, &is.uuid)) {
        line(report, '!', "its UUID changed");
    }
    if (!guid_equal(&was.extension, &is.extension)) {
        line(report, '!', "its ExtensionId changed");
    }
    if (was.kind != is.kind || was.scope != is.scope) {
        line(report, '!', "its base class changed its meaning");
    }
    if (was.singleton != is.singleton) {
        line(report, is.singleton ? '!' : '~', is.singleton
             ? "is a Singleton now" : "is no Singleton any more");
    }
}

/* A changed binary form needs another version. */
static void
compare_version(struct report *report, const struct form *old,
                const struct form *new)
{
    uint16_t was = old->layout->version;
    uint16_t is = new->layout->version;

    if (is >> 8 != was >> 8) {
        line(report, '!', "major version %d was %d: plugins must be rebuilt, "
             "settings made anew", is >> 8, was >> 8);
    } else if (is < was) {
        line(report, '!', "revision %d was %d", is & 0xff, was & 0xff);
    } else if (is == was && old->layout->hash != new->layout->hash) {
        line(report, '!', "its binary form changed and its version did not: "
             "raise %s", report->is_broken ? "InterfaceVersion"
                                          : "InterfaceRevision");
    } else if (is != was) {
        line(report, '~', "revision %d was %d", is & 0xff, was & 0xff);
    }
}

/* The class that takes the old one's place: of its UUID, or of its name. */
static struct cim_class *
successor(struct report *report, const struct cim_class *old)
{
    struct schema_unit *unit = &report->new.unit;
    struct feature was, is;
    bool had = feature_of_class(old, &was, NULL);

    for (size_t i = 0; had && i < unit->n_classes; i++) {
        if (feature_of_class(unit->classes[i], &is, NULL)
            && guid_equal(&was.uuid, &is.uuid)) {
            return unit->classes[i];
        }
    }
    for (size_t i = 0; i < unit->n_classes; i++) {
        if (text_equal_fold(unit->classes[i]->name, old->name)) {
            return unit->classes[i];
        }
    }
    return NULL;
}

static bool
compare_class(struct report *report, struct cim_class *cls,
              struct error *error)
{
    struct cim_class *next = successor(report, cls);
    struct form old, new;

    report->cls = cls;
    report->is_named = report->is_broken = false;
    if (!next) {
        line(report, '!', "removed");
        return true;
    }
    if (!open_form(&old, cls, &report->old, error)
        || !open_form(&new, next, &report->new, error)) {
        return false;
    }
    compare_identity(report, cls, next);
    for (uint32_t i = 0; i < old.n; i++) {
        compare_property(report, &old, i, &new);
    }
    compare_added(report, &old, &new);
    compare_methods(report, cls, next);
    compare_version(report, &old, &new);
    return true;
}

static bool
is_added(struct report *report, const struct cim_class *cls)
{
    struct schema_unit *unit = &report->old.unit;

    for (size_t i = 0; i < unit->n_classes; i++) {
        if (successor(report, unit->classes[i]) == cls) {
            return false;
        }
    }
    return true;
}

static bool
compare(struct report *report, struct error *error)
{
    for (size_t i = 0; i < report->old.unit.n_classes; i++) {
        if (!compare_class(report, report->old.unit.classes[i], error)) {
            return false;
        }
    }
    for (size_t i = 0; i < report->new.unit.n_classes; i++) {
        report->cls = report->new.unit.classes[i];
        report->is_named = false;
        if (is_added(report, report->cls)) {
            line(report, '+', "added");
        }
    }
    return true;
}

int
mofc_diff(const struct mofc_options *options)
{
    struct report report = { 0 };
    struct error error = { 0 };
    int code = MOFC_USAGE;

    if (mofc_load(&report.old, options->files[0], options)
        && mofc_load(&report.new, options->files[1], options)) {
        if (compare(&report, &error)) {
            buffer_printf(&report.out, "%s (%zu change%s, %zu breaking)\n",
                          report.n_breaks ? "incompatible" : "compatible",
                          report.n_changes,
                          report.n_changes == 1 ? "" : "s", report.n_breaks);
            code = report.n_breaks ? MOFC_BAD : MOFC_OK;
            if (!mofc_write(options, &report.out)) {
                code = MOFC_USAGE;
            }
        } else {
            mofc_fail(&error);
        }
    }
    buffer_free(&report.out);
    mofc_schema_clear(&report.new);
    mofc_schema_clear(&report.old);
    return code;
}
