/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * xvsctl schema: the schemas that are registered.
 */

#include <config.h>

#include <stdio.h>
#include <string.h>

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
                                listing_take, listing, &run->error);
    listing_end(listing);
    return done;
}

/* Prints the text that was registered. */
static bool
show_schema(struct run *run, const struct instance *instance)
{
    const char *text = instance_text(instance, "Text");

    if (run->form != RUN_TABLE) {
        listing_show(run, instance, "Name");
    } else if (text) {
        size_t length = strlen(text);

        fputs(text, stdout);
        if (length && text[length - 1] != '\n') {
            putchar('\n');
        }
    }
    return true;
}

static bool
show(struct run *run)
{
    const char *name = run_word(run, 0);
    struct instance *instance =
        objects_get(run, run_path(CLASS, "Name", name));
    struct error first = run->error;
    bool done;

    if (instance) {
        done = show_schema(run, instance);
        instance_destroy(instance);
        return done;
    }
    if (first.code != ERROR_NOT_FOUND) {
        return false;
    }
    done = class_text_show(run, name);
    if (!done && run->error.code == ERROR_NO_CLASS) {
        error_set(&run->error, ERROR_NOT_FOUND,
                  "there is neither a schema nor a class %s", name);
    }
    return done;
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
