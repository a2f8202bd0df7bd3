/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * xvsctl schema: the schemas that are registered.
 */

#include <config.h>

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "client/command.h"
#include "client/noun/schema.h"
#include "client/objects.h"
#include "client/run.h"
#include "client/show/class-text.h"
#include "client/show/listing.h"
#include "client/wbem/cim-client.h"
#include "object/instance.h"
#include "schema/class.h"

#define CLASS "XVS_Schema"
#define BUILT_IN "xvs_core"

/* The built-in schema has too many classes for a cell of a table. */
static bool
take_schema(void *arg, struct instance *instance, const struct path *path,
            struct error *error)
{
    const struct value *classes = instance_get(instance, "Classes");
    const char *name = instance_text(instance, "Name");

    if (name && strcmp(name, BUILT_IN) == 0 && classes && !classes->is_null) {
        struct value list = value_array(CIM_STRING, 1);
        MEM_AUTO char *text = mem_printf("(%u built-in classes)", classes->n);

        list.items[0] = value_string(text);
        if (!instance_set(instance, "Classes", list, error)) {
            instance_destroy(instance);
            return false;
        }
    }
    return listing_take(arg, instance, path, error);
}

static bool
list(struct run *run)
{
    static const struct listing_column columns[] = {
        { "Schema", "Name" }, { "Classes", "Classes" }, { NULL, NULL },
    };
    static const char *const names[] = { "Name", "Classes", "ExtensionIds" };
    struct cim_class *cls = run_class(run, CLASS);
    struct listing *listing;
    bool done;

    if (!cls) {
        return false;
    }
    listing = listing_begin(run, columns, "Name");
    if (run->form == RUN_JSON) {
        listing_choose(listing, names, 3);
    }
    listing_class(listing, cls);
    done = cim_client_enumerate(run_client(run), CLASS, names, 3,
                                run->form == RUN_TABLE ? take_schema
                                                       : listing_take,
                                listing, &run->error);
    listing_end(listing);
    return done;
}

/* Prints the text that was registered, or all about the schema. */
static void
print_schema(struct run *run, const struct instance *instance)
{
    const char *text = instance_text(instance, "Text");
    size_t length = text ? strlen(text) : 0;

    if (run->form == RUN_JSON || run->form == RUN_NAMES) {
        listing_show(run, instance, "Name");
    } else if (text) {
        fputs(text, stdout);
        if (length && text[length - 1] != '\n') {
            putchar('\n');
        }
    }
}

static bool
show_schema(struct run *run, const char *name)
{
    struct instance *instance =
        objects_get(run, run_path(CLASS, "Name", name));

    if (!instance) {
        return false;
    }
    print_schema(run, instance);
    instance_destroy(instance);
    return true;
}

static bool
is_missing(const struct run *run)
{
    return run->error.code == ERROR_NOT_FOUND
           || run->error.code == ERROR_NO_CLASS;
}

/* A name may be a schema's and a class's; a form is asked for of a class. */
static bool
show(struct run *run)
{
    const char *name = run_word(run, 0);
    bool class_first = run->form == RUN_MOF || run->form == RUN_XML;
    bool (*first)(struct run *, const char *) =
        class_first ? class_text_show : show_schema;
    bool (*second)(struct run *, const char *) =
        class_first ? show_schema : class_text_show;

    if (first(run, name)) {
        return true;
    }
    if (!is_missing(run)) {
        return false;
    }
    if (second(run, name)) {
        return true;
    }
    if (is_missing(run) && !run->error.hint[0]) {
        error_set(&run->error, ERROR_NOT_FOUND,
                  "there is neither a schema nor a class %s", name);
    }
    return false;
}

static bool
remove_schema(struct run *run)
{
    const char *name = run_word(run, 0);

    if (!objects_delete(run, run_path(CLASS, "Name", name))) {
        return false;
    }
    cim_client_forget_classes(run_client(run));
    run_say(run, "schema %s removed", name);
    return true;
}

static const struct option add_options[] = {
    { "include-dir", 'I', "FOLDER", "where included files are",
      WORD_FOLDER },
    { "name", 0, "NAME", "name of the schema (default: the file's)",
      WORD_FREE },
    { "check", 0, NULL, "compile only, against the server's classes",
      WORD_NONE },
    { "strict", 0, NULL, "warnings are errors", WORD_NONE },
    { "from", 0, "HOST", "take classes from another host's repository; a "
      "path is a unix socket", WORD_FREE },
    { NULL, 0, NULL, NULL, WORD_NONE },
};

static const struct option check_options[] = {
    { "include-dir", 'I', "FOLDER", "where included files are",
      WORD_FOLDER },
    { "strict", 0, NULL, "warnings are errors", WORD_NONE },
    { NULL, 0, NULL, NULL, WORD_NONE },
};

static const struct option form_options[] = {
    { "mof", 0, NULL, "answer as MOF", WORD_NONE },
    { "xml", 0, NULL, "answer as CIM-XML", WORD_NONE },
    { NULL, 0, NULL, NULL, WORD_NONE },
};

const struct command schema_commands[] = {
    { "add", "FILE...|--from HOST CLASS...",
      "Registers schemas, or replaces those of the same name.", add_options,
      { WORD_FILE }, 1, ANY_NUMBER, schema_add },
    { "list", "", "Lists the schemas and their classes.", NULL,
      { WORD_NONE }, 0, 0, list },
    { "show", "SCHEMA|CLASS", "Shows a schema's text, or a class.",
      form_options, { WORD_SCHEMA_CLASS }, 1, 1, show },
    { "remove", "SCHEMA", "Unregisters a schema that nothing uses.", NULL,
      { WORD_SCHEMA }, 1, 1, remove_schema },
    { "check", "FILE...", "Compiles schemas here, without a server.",
      check_options, { WORD_FILE }, 1, ANY_NUMBER, schema_check },
    { NULL, NULL, NULL, NULL, { WORD_NONE }, 0, 0, NULL },
};
