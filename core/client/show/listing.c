/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Objects as tables, cards, JSON and names.
 */

#include <config.h>

#include "client/show/listing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/text.h"
#include "client/run.h"
#include "client/show/json-out.h"
#include "client/show/table.h"
#include "client/show/words.h"
#include "object/forms.h"
#include "object/instance.h"
#include "object/path.h"
#include "schema/class.h"

/* Around the objects of a listing as CIM-XML. */
#define XML_START "<CIM CIMVERSION=\"2.0\" DTDVERSION=\"2.0\">" \
    "<DECLARATION><DECLGROUP>\n"
#define XML_END "</DECLGROUP></DECLARATION></CIM>"

struct listing {
    struct run *run;
    const struct listing_column *columns;   /* or NULL: by class */
    const char *name;                       /* property of --names */
    const char *const *chosen;              /* properties asked for */
    size_t n_chosen;
    struct cim_class *cls;      /* of the open table (counted), or NULL */
    struct table *table;
    int *indexes;               /* property of each column; -1: none */
    size_t n_indexes, indexes_capacity;
    size_t n_tables;
    size_t count;
};

bool
listing_is_noise(const char *property)
{
    static const char *const noise[] = {
        "Caption", "Description", "ElementName", "SystemCreationClassName",
        "CreationClassName",
    };

    for (size_t i = 0; i < sizeof noise / sizeof *noise; i++) {
        if (text_equal_fold(property, noise[i])) {
            return true;
        }
    }
    return false;
}

struct listing *
listing_begin(struct run *run, const struct listing_column *columns,
              const char *name)
{
    struct listing *listing = mem_zalloc(sizeof *listing);

    listing->run = run;
    listing->columns = columns;
    listing->name = name;
    return listing;
}

void
listing_choose(struct listing *listing, const char *const *names, size_t n)
{
    listing->chosen = names;
    listing->n_chosen = n;
}

size_t
listing_count(const struct listing *listing)
{
    return listing->count;
}

static void
add_column(struct listing *listing, const char *title, const char *property)
{
    int index = class_property_index(listing->cls, property);
    bool number = false;

    if (index >= 0) {
        struct target target =
            words_of_property(&listing->cls->properties[index]);

        number = words_is_number(&target);
    }
    table_column(listing->table, title, number, !listing->columns
                                                && !listing->n_chosen);
    mem_grow(&listing->indexes, &listing->indexes_capacity,
             listing->n_indexes, sizeof *listing->indexes);
    listing->indexes[listing->n_indexes++] = index;
}

/* Keys and state of settings and answers, which stand first. */
static const struct listing_column first_columns[] = {
    { "ID", "InstanceID" },   { "Switch", "SwitchName" },
    { "Switch", "SystemName" }, { "Port", "PortName" },
    { "State", "SettingState" }, { NULL, NULL },
};

static bool
stands_first(const struct cim_class *cls, const char *property)
{
    if (!class_is_a(cls, "XVS_FeatureSettings")
        && !class_is_a(cls, "XVS_FeatureStatus")) {
        return false;
    }
    for (const struct listing_column *c = first_columns; c->title; c++) {
        if (text_equal_fold(c->property, property)) {
            return true;
        }
    }
    /* The name of an answer repeats switch, port and class. */
    return class_is_a(cls, "XVS_FeatureStatus")
           && text_equal_fold(property, "Name");
}

static void
class_columns(struct listing *listing)
{
    const struct cim_class *cls = listing->cls;

    for (const struct listing_column *c = first_columns; c->title; c++) {
        if (stands_first(cls, c->property)
            && class_property(cls, c->property)) {
            add_column(listing, c->title, c->property);
        }
    }
    for (uint32_t i = 0; i < cls->n_properties; i++) {
        const char *name = cls->properties[i].name;

        if (!listing_is_noise(name) && !stands_first(cls, name)) {
            add_column(listing, name, name);
        }
    }
}

static void
close_table(struct listing *listing)
{
    if (listing->table) {
        table_finish(listing->table);
        listing->table = NULL;
    }
    class_unref(listing->cls);
    listing->cls = NULL;
    listing->n_indexes = 0;
}

static void
open_table(struct listing *listing, struct cim_class *cls)
{
    bool terminal = isatty(STDOUT_FILENO) && !getenv("NO_COLOR");

    close_table(listing);
    listing->cls = class_ref(cls);
    if (!listing->columns) {
        if (listing->n_tables++) {
            putchar('\n');
        }
        text_put_safe(stdout, cls->name);
        putchar('\n');
    }
    listing->table = table_create(stdout, terminal);
    if (listing->n_chosen) {
        for (size_t i = 0; i < listing->n_chosen; i++) {
            add_column(listing, listing->chosen[i], listing->chosen[i]);
        }
    } else if (listing->columns) {
        for (const struct listing_column *c = listing->columns; c->title;
             c++) {
            add_column(listing, c->title, c->property);
        }
    } else {
        class_columns(listing);
    }
}

void
listing_class(struct listing *listing, struct cim_class *cls)
{
    if (listing->run->form == RUN_TABLE) {
        open_table(listing, cls);
    }
}

/* The part of an InstanceID that tells it from others: 8 digits. */
static void
put_short_id(const char *id, struct buffer *out)
{
    const char *last = strrchr(id, '\\');

    if (last && strlen(last + 1) == GUID_TEXT_SIZE - 1) {
        buffer_printf(out, "%.8s", last + 1);
    } else {
        buffer_puts(out, id);
    }
}

/* No value, or the one that the schema gives anyway. */
static bool
is_dull(const struct instance *instance, int index)
{
    return index < 0 || instance->values[index].is_null
           || value_equal(&instance->values[index],
                          &instance->cls->properties[index].initial);
}

static void
add_row(struct listing *listing, const struct instance *instance)
{
    const struct cim_class *cls = listing->cls;

    for (size_t i = 0; i < listing->n_indexes; i++) {
        BUFFER_AUTO struct buffer cell = BUFFER_INIT;
        int index = listing->indexes[i];

        if (index < 0) {
            buffer_putc(&cell, '-');
        } else if (!listing->n_chosen && !instance->values[index].is_null
                   && class_is_a(cls, "XVS_FeatureSettings")
                   && text_equal_fold(cls->properties[index].name,
                                      "InstanceID")) {
            put_short_id(instance->values[index].s, &cell);
        } else {
            struct target target = words_of_property(&cls->properties[index]);

            words_print(&target, &instance->values[index], &cell);
        }
        table_cell(listing->table, buffer_string(&cell),
                   is_dull(instance, index));
    }
}

static void
put_name(struct listing *listing, const struct instance *instance,
         const struct path *path)
{
    BUFFER_AUTO struct buffer out = BUFFER_INIT;
    const char *name = listing->name && class_property(instance->cls,
                                                       listing->name)
        ? instance_text(instance, listing->name) : NULL;
    struct path *own = NULL;

    if (name) {
        buffer_puts(&out, name);
    } else {
        own = path ? NULL : path_of_instance(instance);
        if (path || own) {
            path_print(path ? path : own, &out);
        }
        path_destroy(own);
    }
    text_put_safe(stdout, buffer_string(&out));
    putchar('\n');
}

/* As in JSON, but texts as they are, arrays a line per item, and nothing for
 * NULL. */
static void
put_plain(const struct value *value)
{
    BUFFER_AUTO struct buffer out = BUFFER_INIT;

    if (value->is_array && !value->is_null) {
        for (uint32_t i = 0; i < value->n; i++) {
            put_plain(&value->items[i]);
        }
        return;
    }
    if (!value->is_null && value->type == CIM_STRING) {
        buffer_puts(&out, value->s);
    } else if (!value->is_null) {
        value_write_json(value, &out);
    }
    text_put_safe(stdout, buffer_string(&out));
    putchar('\n');
}

/* The property that --value names. */
static void
put_value(struct run *run, const struct instance *instance)
{
    const char *name = run_option(run, "value");
    int index = class_property_index(instance->cls, name);

    if (index >= 0) {
        put_plain(&instance->values[index]);
    } else {
        run->incomplete = true;
        error_set(&run->error, ERROR_NO_PROPERTY,
                  "class %s has no property %s", instance->cls->name, name);
    }
}

/* The object as MOF or CIM-XML, raw: it may be input of a command again. */
static void
put_form(const struct run *run, const struct instance *instance)
{
    BUFFER_AUTO struct buffer out = BUFFER_INIT;

    if (run->form == RUN_MOF) {
        instance_write_mof(instance, &out);
    } else {
        instance_write_xml(instance, 0, NULL, 0, &out);
    }
    while (out.size && out.data[out.size - 1] == '\n') {
        out.size--;
    }
    fwrite(out.data, 1, out.size, stdout);
}

void
listing_add(struct listing *listing, const struct instance *instance,
            const struct path *path)
{
    BUFFER_AUTO struct buffer out = BUFFER_INIT;

    switch (listing->run->form) {
    case RUN_JSON:
        json_out_object(instance, listing->chosen, listing->n_chosen, &out);
        printf("%s%s", listing->count ? ",\n" : "[", buffer_string(&out));
        break;
    case RUN_NAMES:
        put_name(listing, instance, path);
        break;
    case RUN_VALUE:
        put_value(listing->run, instance);
        break;
    case RUN_TABLE:
        if (!listing->table
            || (listing->cls != instance->cls && !listing->columns)) {
            open_table(listing, instance->cls);
        }
        add_row(listing, instance);
        break;
    case RUN_XML:
        fputs(listing->count ? "<VALUE.OBJECT>" : XML_START "<VALUE.OBJECT>",
              stdout);
        put_form(listing->run, instance);
        puts("</VALUE.OBJECT>");
        break;
    case RUN_MOF:
        put_form(listing->run, instance);
        putchar('\n');
        break;
    }
    listing->count++;
}

void
listing_end(struct listing *listing)
{
    if (listing->run->form == RUN_JSON) {
        puts(listing->count ? "]" : "[]");
    } else if (listing->run->form == RUN_XML) {
        puts(listing->count ? XML_END : XML_START XML_END);
    }
    close_table(listing);
    free(listing->indexes);
    free(listing);
}

bool
listing_take(void *arg, struct instance *instance, const struct path *path,
             struct error *error)
{
    (void) error;
    listing_add(arg, instance, path);
    instance_destroy(instance);
    return true;
}

static void
put_card(const struct instance *instance)
{
    const struct cim_class *cls = instance->cls;
    int width = 0;

    for (uint32_t i = 0; i < cls->n_properties; i++) {
        int length = (int) strlen(cls->properties[i].name);

        width = length > width && !instance->values[i].is_null ? length
                                                                : width;
    }
    for (uint32_t i = 0; i < cls->n_properties; i++) {
        BUFFER_AUTO struct buffer text = BUFFER_INIT;
        struct target target = words_of_property(&cls->properties[i]);

        if (instance->values[i].is_null) {
            continue;
        }
        words_print(&target, &instance->values[i], &text);
        printf("%-*s  ", width, target.name);
        text_put_safe(stdout, buffer_string(&text));
        putchar('\n');
    }
}

void
listing_show(struct run *run, const struct instance *instance,
             const char *name)
{
    BUFFER_AUTO struct buffer out = BUFFER_INIT;
    struct listing listing = { .name = name };

    switch (run->form) {
    case RUN_JSON:
        json_out_object(instance, NULL, 0, &out);
        puts(buffer_string(&out));
        break;
    case RUN_NAMES:
        put_name(&listing, instance, NULL);
        break;
    case RUN_VALUE:
        put_value(run, instance);
        break;
    case RUN_TABLE:
        put_card(instance);
        break;
    case RUN_MOF:
    case RUN_XML:
        put_form(run, instance);
        putchar('\n');
        break;
    }
}
