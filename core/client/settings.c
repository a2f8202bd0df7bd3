/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Settings by identifier, from files, and as transactions.
 */

#include <config.h>

#include "client/settings.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/memory.h"
#include "client/invocation.h"
#include "client/objects.h"
#include "client/place.h"
#include "client/run.h"
#include "client/wbem/cim-client.h"
#include "object/forms.h"
#include "object/instance.h"
#include "object/path.h"

#define BASE "XVS_FeatureSettings"
#define SHORTEST_ID 4

/* A search for the one setting whose identifier begins with a text. */
struct search {
    const char *start;
    size_t length;
    char *found;        /* or NULL */
    size_t n;           /* how many there are */
};

static bool
match_id(void *arg, const struct path *path, struct error *error)
{
    struct search *search = arg;
    const char *id = path_key(path, "InstanceID");
    const char *last = id ? strrchr(id, '\\') : NULL;

    (void) error;
    if (last && strncasecmp(last + 1, search->start, search->length) == 0
        && search->n++ == 0) {
        search->found = mem_strdup(id);
    }
    return true;
}

char *
settings_id(struct run *run, const char *word)
{
    struct search search = { word, strlen(word), NULL, 0 };
    struct cim_client *client = run_client(run);

    if (strchr(word, '\\') || strchr(word, ':')) {
        return mem_strdup(word);
    }
    if (strspn(word, "0123456789abcdefABCDEF-") != search.length
        || search.length < SHORTEST_ID) {
        error_set(&run->error, ERROR_INVALID, "'%s' is no InstanceID", word);
        error_hint(&run->error, "feature get shows them; %d digits of the "
                   "last part are enough", SHORTEST_ID);
        return NULL;
    }
    if (!client || !cim_client_paths(client, BASE, match_id, &search,
                                     &run->error)) {
        free(search.found);
        return NULL;
    }
    if (search.n == 1) {
        return search.found;
    }
    free(search.found);
    if (search.n) {
        error_set(&run->error, ERROR_INVALID,
                  "'%s' is the start of %zu settings", word, search.n);
        error_hint(&run->error, "give more of it");
    } else {
        error_set(&run->error, ERROR_NOT_FOUND,
                  "there is no setting '%s'", word);
    }
    return NULL;
}

bool
settings_read(struct run *run, const char *file, struct cim_class *cls,
              struct instance ***instances, size_t *n)
{
    BUFFER_AUTO struct buffer text = BUFFER_INIT;
    struct cim_client *client = run_client(run);

    *instances = NULL;
    *n = 0;
    return client && run_read_file(run, file, &text)
           && instances_read(strcmp(file, "-") == 0 ? "standard input" : file,
                             text.data, text.size, cls, cim_client_lookup,
                             client, instances, n, &run->error);
}

void
settings_free(struct instance **instances, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        instance_destroy(instances[i]);
    }
    free(instances);
}

static char *
join(const struct value *list)
{
    struct buffer out = BUFFER_INIT;

    for (uint32_t i = 0; list && !list->is_null && i < list->n; i++) {
        if (!list->items[i].is_null) {
            buffer_printf(&out, "%s%s", out.size ? "," : "",
                          list->items[i].s);
        }
    }
    return buffer_steal(&out);
}

bool
settings_apply(struct run *run, struct instance *const *instances, size_t n,
               bool validate, char **ids)
{
    struct invocation call;
    struct value list = value_array(CIM_OBJECT, (uint32_t) n);
    bool done;

    for (size_t i = 0; i < n; i++) {
        list.items[i].is_null = false;
        list.items[i].object = instance_copy(instances[i]);
    }
    if (!invocation_begin_host(&call, run, "ApplySettings")) {
        value_clear(&list);
        return false;
    }
    invocation_set(&call, "Settings", list);
    invocation_set(&call, "Validate", value_boolean(validate));
    done = invocation_run_host(&call);
    if (done && ids) {
        *ids = join(invocation_out(&call, "InstanceIDs"));
    }
    invocation_end(&call);
    return done;
}

/* Whether there is a switch of that name. */
static bool
is_switch(struct run *run, const char *name)
{
    struct error before = run->error;
    struct instance *instance =
        objects_get(run, run_path("XVS_Switch", "Name", name));

    run->error = before;
    instance_destroy(instance);
    return instance != NULL;
}

bool
settings_scope(struct run *run, size_t first, struct cim_class **cls,
               struct place *place)
{
    const char *word = run_word(run, first);
    const char *second = run_word(run, first + 1);
    struct cim_client *client = run_client(run);

    *cls = NULL;
    if (!client) {
        return false;
    }
    if (word && !second
        && (strchr(word, '/')
            || (!cim_client_lookup(client, word) && is_switch(run, word)))) {
        second = word;
        word = NULL;
    }
    if (word) {
        *cls = run_class(run, word);
        if (!*cls) {
            return false;
        }
    }
    if (!place_parse(second, place, &run->error)) {
        run->usage = true;
        return false;
    }
    return !*cls || place_fits(place, *cls, false, &run->error);
}
