/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * xvsctl schema check: the compiler, here, so that mistakes are told with
 * their file and line and no server need run.
 */

#include <config.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "client/noun/schema.h"
#include "client/run.h"
#include "client/wbem/cim-client.h"
#include "schema/class.h"
#include "schema/compile.h"

static struct cim_class *
lookup_built_in(void *arg, const char *name)
{
    (void) arg;
    return prelude_lookup(name);
}

/* Built-in classes are known to be that only when they are ours. */
static struct cim_class *
lookup_known(void *arg, const char *name)
{
    struct cim_class *cls = prelude_lookup(name);

    return cls ? cls : cim_client_lookup(arg, name);
}

static const struct qualifier_type *
lookup_qualifier(void *arg, const char *name)
{
    (void) arg;
    return prelude_qualifier(name);
}

const char **
schema_folders(const struct run *run, size_t *n)
{
    const char **folders = mem_array(run->args.n_given + 1, sizeof *folders);

    *n = 0;
    for (size_t i = 0; i < run->args.n_given; i++) {
        if (run->args.given[i].option->letter == 'I') {
            folders[(*n)++] = run->args.given[i].text;
        }
    }
    return folders;
}

/* Prints every problem; the last error is left for the end. */
static bool
report(struct run *run, const char *file, const struct error_list *errors)
{
    for (size_t i = 0; i < errors->n; i++) {
        char text[1024];

        error_format(&errors->items[i], text, sizeof text);
        fprintf(stderr, "%s%s\n",
                errors->items[i].severity == SEVERITY_WARNING
                    ? "warning: " : "", text);
    }
    if (errors->n_errors) {
        return error_set(&run->error, ERROR_SYNTAX, "%s: %zu error%s", file,
                         errors->n_errors,
                         errors->n_errors == 1 ? "" : "s");
    }
    return true;
}

bool
schema_check_file(struct run *run, const char *file, bool connected,
                  size_t *n_classes)
{
    size_t n;
    const char **folders = schema_folders(run, &n);
    struct schema_options options = {
        .include_dirs = folders, .n_include_dirs = n,
        .strict = run_has(run, "strict"),
        .lookup = connected ? lookup_known : lookup_built_in,
        .lookup_qualifier = lookup_qualifier,
        .arg = connected ? run_client(run) : NULL,
    };
    struct schema_unit unit = { 0 };
    struct error_list errors = { 0 };
    bool done = schema_compile_file(file, &options, &unit, &errors)
                && schema_resolve(&unit, &options, &errors);

    for (size_t i = 0; done && i < unit.n_classes; i++) {
        schema_check_class(unit.classes[i], options.strict, &errors);
    }
    done = report(run, file, &errors)
           && (done || error_set(&run->error, ERROR_SYNTAX,
                                 "%s does not compile", file));
    *n_classes = unit.n_classes;
    error_list_clear(&errors);
    schema_unit_clear(&unit);
    free(folders);
    return done;
}

bool
schema_check(struct run *run)
{
    bool done = true;

    for (size_t i = 0; i < run->args.n_words; i++) {
        const char *file = run_word(run, i);
        size_t n;

        if (schema_check_file(run, file, false, &n)) {
            run_say(run, "%s: %zu class%s", file, n, n == 1 ? "" : "es");
        } else {
            done = false;
        }
    }
    return done;
}
