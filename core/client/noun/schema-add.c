/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * xvsctl schema add: a file becomes one text and is registered.
 */

#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/memory.h"
#include "client/flatten.h"
#include "client/noun/schema.h"
#include "client/objects.h"
#include "client/run.h"
#include "client/wbem/cim-client.h"
#include "object/instance.h"
#include "object/path.h"

#define CLASS "XVS_Schema"

bool
schema_register(struct run *run, const char *name, const char *text)
{
    static const char *const changed[] = { "Text" };
    struct cim_client *client = run_client(run);
    struct instance *instance = objects_new(run, CLASS);
    struct error refusal;
    struct path *path;
    bool done;

    if (!instance) {
        return false;
    }
    instance_set_string(instance, "Name", name);
    instance_set_string(instance, "Text", text);
    done = cim_client_create_instance(client, instance, NULL, &run->error);
    if (done) {
        run_result(run, name, "schema %s registered", name);
    } else if (run->error.code == ERROR_EXISTS) {
        refusal = run->error;
        path = run_path(CLASS, "Name", name);
        done = cim_client_modify(client, path, instance, changed, 1,
                                 &run->error);
        path_destroy(path);
        if (done) {
            run_result(run, name, "schema %s replaced", name);
        } else if (run->error.code == ERROR_NOT_FOUND) {
            /* Not the schema was there, but something that is in it. */
            run->error = refusal;
        }
    }
    instance_destroy(instance);
    cim_client_forget_classes(client);
    return done;
}

/* "mof/xvs_acl.mof" is the schema "xvs_acl". */
static char *
schema_name(const char *file)
{
    const char *slash = strrchr(file, '/');
    const char *base = slash ? slash + 1 : file;
    const char *dot = strrchr(base, '.');

    return dot && dot > base ? mem_strndup(base, (size_t) (dot - base))
                             : mem_strdup(base);
}

static bool
add_file(struct run *run, const char *file)
{
    BUFFER_AUTO struct buffer text = BUFFER_INIT;
    const char *given = run_option(run, "name");
    MEM_AUTO char *name = given ? mem_strdup(given) : schema_name(file);
    size_t n;
    const char **folders;
    bool done;

    /* Mistakes are told here with file and line; the server sees one text. */
    if (!schema_check_file(run, file, true, &n)) {
        return false;
    }
    if (run_has(run, "check")) {
        run_say(run, "%s: %zu class%s", file, n, n == 1 ? "" : "es");
        return true;
    }
    folders = schema_folders(run, &n);
    done = flatten_file(file, folders, n, &text, &run->error);
    free(folders);
    return done && (schema_register(run, name, buffer_string(&text))
                    || error_prefix(&run->error, "%s", file));
}

bool
schema_add(struct run *run)
{
    const char *from = run_option(run, "from");

    if (from) {
        return schema_add_from(run, from);
    }
    if (run_option(run, "name") && run->args.n_words > 1) {
        return run_usage(run, "--name takes one FILE");
    }
    if (!run_client(run)) {
        return false;
    }
    for (size_t i = 0; i < run->args.n_words; i++) {
        if (!add_file(run, run_word(run, i))) {
            return false;
        }
    }
    return true;
}
