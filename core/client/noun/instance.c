/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * xvsctl instance and xvsctl wql: objects of any class.
 */

#include <config.h>

#include <stdlib.h>

#include "client/command.h"
#include "client/objects.h"
#include "client/run.h"
#include "client/show/listing.h"
#include "client/show/words.h"
#include "client/wbem/cim-client.h"
#include "object/instance.h"
#include "object/path.h"
#include "object/wql.h"
#include "schema/class.h"

static bool
list(struct run *run)
{
    return objects_list(run, run_word(run, 0), NULL, NULL);
}

static bool
get(struct run *run)
{
    struct path *path = path_parse(run_word(run, 0), &run->error);

    return path && objects_show(run, path, NULL);
}

static bool
add(struct run *run)
{
    struct instance *instance = objects_new(run, run_word(run, 0));
    struct path *path = NULL;
    const struct path_key *key;

    if (!instance) {
        return false;
    }
    if (!words_assign(instance, run->args.words + 1, run->args.n_words - 1,
                      cim_client_lookup, run_client(run), NULL,
                      &run->error)) {
        instance_destroy(instance);
        return false;
    }
    if (!objects_create(run, instance, &path)) {
        return false;
    }
    key = path && path->n_keys ? &path->keys[path->n_keys - 1] : NULL;
    run_result(run, key && key->text ? key->text : "", "%s added",
               run_word(run, 0));
    path_destroy(path);
    return true;
}

static bool
set(struct run *run)
{
    struct path *path = path_parse(run_word(run, 0), &run->error);
    const char **names = NULL;
    struct instance *instance;
    bool done;

    instance = path ? objects_get(run, path_copy(path)) : NULL;
    if (!instance
        || !words_assign(instance, run->args.words + 1,
                         run->args.n_words - 1, cim_client_lookup,
                         run_client(run), &names, &run->error)) {
        instance_destroy(instance);
        path_destroy(path);
        return false;
    }
    done = objects_modify(run, path, instance, names, run->args.n_words - 1);
    free(names);
    if (done) {
        run_say(run, "%s changed", run_word(run, 0));
    }
    return done;
}

static bool
remove_object(struct run *run)
{
    struct path *path = path_parse(run_word(run, 0), &run->error);

    if (!path || !objects_delete(run, path)) {
        return false;
    }
    run_say(run, "%s removed", run_word(run, 0));
    return true;
}

static bool
wql(struct run *run)
{
    struct wql *query = wql_parse(run_word(run, 0), &run->error);
    const char *const *names = NULL;
    struct listing *listing;
    size_t n = 0;
    bool done;

    if (!query || !run_client(run)) {
        wql_destroy(query);
        return false;
    }
    if (wql_kind(query) == WQL_SELECT) {
        n = wql_columns(query, &names);
    }
    listing = listing_begin(run, NULL, NULL);
    listing_choose(listing, names, n);
    done = cim_client_query(run_client(run), run_word(run, 0), listing_take,
                            listing, &run->error);
    listing_end(listing);
    wql_destroy(query);
    return done;
}

static const struct option form_options[] = {
    { "mof", 0, NULL, "answer as MOF", WORD_NONE },
    { "xml", 0, NULL, "answer as CIM-XML", WORD_NONE },
    { NULL, 0, NULL, NULL, WORD_NONE },
};

const struct command instance_commands[] = {
    { "list", "CLASS", "Lists the objects of a class and its subclasses.",
      form_options, { WORD_CLASS }, 1, 1, list },
    { "get", "PATH", "Shows one object: CLASS.Key=\"value\",...",
      form_options, { WORD_CLASS }, 1, 1, get },
    { "add", "CLASS [Name=value...]", "Creates an object.", NULL,
      { WORD_CLASS, WORD_ASSIGNMENT }, 1, ANY_NUMBER, add },
    { "set", "PATH Name=value...", "Changes properties of an object.", NULL,
      { WORD_CLASS, WORD_ASSIGNMENT }, 2, ANY_NUMBER, set },
    { "remove", "PATH", "Deletes an object.", NULL, { WORD_CLASS }, 1, 1,
      remove_object },
    { NULL, NULL, NULL, NULL, { WORD_NONE }, 0, 0, NULL },
};

const struct command wql_commands[] = {
    { "", "'SELECT ...'", "Runs a query.", form_options, { WORD_FREE }, 1, 1,
      wql },
    { NULL, NULL, NULL, NULL, { WORD_NONE }, 0, 0, NULL },
};
