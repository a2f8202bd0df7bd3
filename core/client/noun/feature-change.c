/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * xvsctl feature set, remove and apply.
 */

#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "client/invocation.h"
#include "client/noun/feature.h"
#include "client/objects.h"
#include "client/place.h"
#include "client/run.h"
#include "client/settings.h"
#include "client/show/words.h"
#include "client/wbem/cim-client.h"
#include "object/instance.h"
#include "object/path.h"
#include "schema/class.h"

#define BASE "XVS_FeatureSettings"

/* The settings of a class at a place, of which there must be one. */
struct single {
    const struct place *place;
    struct instance *found;
    size_t n;
};

static bool
take_single(void *arg, struct instance *instance, const struct path *path,
            struct error *error)
{
    struct single *single = arg;

    (void) path;
    (void) error;
    if (place_matches(single->place, instance) && single->n++ == 0) {
        single->found = instance;
    } else {
        instance_destroy(instance);
    }
    return true;
}

/* The one setting of CLASS at PLACE. */
static struct instance *
find_by_class(struct run *run, struct cim_class *cls, const char *word)
{
    struct place place;
    struct single single = { &place, NULL, 0 };

    if (!place_parse(word, &place, &run->error)
        || !place_fits(&place, cls, true, &run->error)
        || !cim_client_enumerate(run_client(run), cls->name, NULL, 0,
                                 take_single, &single, &run->error)) {
        instance_destroy(single.found);
        return NULL;
    }
    if (single.n == 1) {
        return single.found;
    }
    instance_destroy(single.found);
    if (single.n) {
        error_set(&run->error, ERROR_INVALID,
                  "%s has %zu settings of class %s", word, single.n,
                  cls->name);
        error_hint(&run->error, "give the ID of one: feature get %s %s",
                   cls->name, word);
    } else {
        error_set(&run->error, ERROR_NOT_FOUND,
                  "%s has no setting of class %s", word, cls->name);
        error_hint(&run->error, "feature add makes one");
    }
    return NULL;
}

static struct instance *
find_by_id(struct run *run, const char *word)
{
    char *id = settings_id(run, word);
    struct instance *instance = id
        ? objects_get(run, run_path(BASE, "InstanceID", id)) : NULL;

    free(id);
    return instance;
}

/* Sends the changed properties. */
static bool
change(struct run *run, struct instance *instance, size_t first)
{
    const char *const *words = run->args.words + first;
    size_t n = run->args.n_words - first;
    const char **names;
    struct path *path;
    bool done;

    if (!words_assign(instance, words, n, cim_client_lookup, run_client(run),
                      &names, &run->error)) {
        instance_destroy(instance);
        return false;
    }
    path = path_of_instance(instance);
    done = objects_modify(run, path, instance, names, n);
    free(names);
    return done;
}

bool
feature_set(struct run *run)
{
    const char *word = run_word(run, 0);
    bool by_class = !strchr(run_word(run, 1), '=');
    struct instance *instance = NULL;

    if (by_class && run->args.n_words < 3) {
        return run_usage(run, "nothing to set");
    }
    if (by_class) {
        struct cim_class *cls = run_class(run, word);

        instance = cls ? find_by_class(run, cls, run_word(run, 1)) : NULL;
    } else {
        instance = find_by_id(run, word);
    }
    if (!instance || !change(run, instance, by_class ? 2 : 1)) {
        return false;
    }
    run_say(run, "%s changed", word);
    return true;
}

/* Several at once through the host's method. */
static bool
remove_all(struct run *run, const struct value *ids)
{
    struct invocation call;
    struct value copy;
    bool done;

    if (!invocation_begin_host(&call, run, "RemoveSettings")) {
        return false;
    }
    value_copy(&copy, ids);
    invocation_set(&call, "InstanceIDs", copy);
    done = invocation_run_host(&call);
    invocation_end(&call);
    return done;
}

bool
feature_remove(struct run *run)
{
    size_t n = run->args.n_words;
    struct value ids = value_array(CIM_STRING, (uint32_t) n);
    bool done = true;

    for (size_t i = 0; i < n && done; i++) {
        char *id = settings_id(run, run_word(run, i));

        done = id != NULL;
        if (done) {
            ids.items[i] = value_string(id);
        }
        free(id);
    }
    if (done && n == 1) {
        done = objects_delete(run, run_path(BASE, "InstanceID",
                                            ids.items[0].s));
    } else if (done) {
        done = remove_all(run, &ids);
    }
    value_clear(&ids);
    if (done) {
        run_say(run, "%zu setting%s removed", n, n == 1 ? "" : "s");
    }
    return done;
}

/* One line per new setting with --names. */
static void
print_ids(struct run *run, char *ids, size_t n, bool validate)
{
    if (run->form == RUN_NAMES) {
        for (char *id = strtok(ids, ","); id; id = strtok(NULL, ",")) {
            run_result(run, id, "%s", id);
        }
    }
    run_say(run, "%zu setting%s %s", n, n == 1 ? "" : "s",
            validate ? "would be accepted" : "applied");
}

bool
feature_apply(struct run *run)
{
    const char *file = run_option(run, "file");
    bool validate = run_has(run, "validate");
    struct instance **list;
    MEM_AUTO char *ids = NULL;
    size_t n;
    bool done;

    if (!file) {
        return run_usage(run, "feature apply needs -f FILE");
    }
    if (!settings_read(run, file, NULL, &list, &n)) {
        return false;
    }
    if (!n) {
        free(list);
        return error_set(&run->error, ERROR_INVALID,
                         "%s has no objects in it", file);
    }
    done = settings_apply(run, list, n, validate, &ids);
    settings_free(list, n);
    if (done) {
        print_ids(run, ids, n, validate);
    }
    return done;
}
