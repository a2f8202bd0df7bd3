/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * All objects of a text, in whichever of the three forms it is.
 */

#include <config.h>

#include "object/forms/forms-read.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "object/instance.h"
#include "schema/compile.h"

void
forms_add(struct forms_reader *reader, struct instance *instance)
{
    mem_grow(&reader->instances, &reader->capacity, reader->n,
             sizeof *reader->instances);
    reader->instances[reader->n++] = instance;
}

/* Every <INSTANCE> below the node, in whatever it is wrapped. */
static bool
collect_xml(struct forms_reader *reader, const struct xml_node *node)
{
    if (xml_is(node, "INSTANCE")) {
        struct instance *instance = instance_read_xml(
            node, reader->lookup, reader->arg, reader->error);

        if (!instance) {
            return error_at(reader->error, reader->file, node->line, 0);
        }
        forms_add(reader, instance);
        return true;
    }
    for (const struct xml_node *at = node->children; at; at = at->next) {
        if (!collect_xml(reader, at)) {
            return false;
        }
    }
    return true;
}

static bool
read_xml(struct forms_reader *reader)
{
    struct xml_document *document =
        xml_parse_safe(reader->file, reader->text, reader->size,
                       reader->error);
    bool ok = document && collect_xml(reader, xml_root(document));

    xml_free(document);
    return ok;
}

static bool
read_mof(struct forms_reader *reader)
{
    struct schema_options options = { .no_files = true,
                                      .lookup = reader->lookup,
                                      .arg = reader->arg };
    struct error_list errors = { 0 };
    struct schema_unit unit = { 0 };
    bool ok = mof_compile(reader->file, reader->text, reader->size, &options,
                          &unit, &errors);

    for (size_t i = 0; !ok && i < errors.n; i++) {
        if (errors.items[i].severity == SEVERITY_ERROR) {
            if (reader->error) {
                *reader->error = errors.items[i];
            }
            break;
        }
    }
    for (size_t i = 0; ok && i < unit.n_instances; i++) {
        struct instance *instance =
            instance_from_declared(&unit.instances[i], &unit, reader->lookup,
                                   reader->arg, reader->error);

        ok = instance != NULL;
        if (ok) {
            forms_add(reader, instance);
        }
    }
    schema_unit_clear(&unit);
    error_list_clear(&errors);
    return ok;
}

/* The first character that is neither space nor byte order mark. */
static char
first_character(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (text[i] && !strchr(" \t\r\n\xef\xbb\xbf\xff\xfe", text[i])) {
            return text[i];
        }
    }
    return '\0';
}

bool
instances_read(const char *file, const char *text, size_t size,
               struct cim_class *cls, class_lookup lookup, void *arg,
               struct instance ***instances, size_t *n, struct error *error)
{
    struct forms_reader reader = { .file = file, .text = text, .size = size,
                                   .lookup = lookup, .arg = arg,
                                   .error = error };
    char first = first_character(text, size);
    bool ok;

    if (first == '<') {
        ok = read_xml(&reader);
    } else if (first == '{' || first == '[') {
        ok = forms_read_json(&reader, cls);
    } else {
        ok = read_mof(&reader);
    }
    if (!ok) {
        for (size_t i = 0; i < reader.n; i++) {
            instance_destroy(reader.instances[i]);
        }
        free(reader.instances);
        reader.instances = NULL;
        reader.n = 0;
    }
    *instances = reader.instances;
    *n = reader.n;
    return ok;
}
