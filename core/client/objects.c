/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Create, list, show, change and delete, as most nouns do them.
 */

#include <config.h>

#include "client/objects.h"

#include "client/run.h"
#include "client/show/listing.h"
#include "client/wbem/cim-client.h"
#include "object/instance.h"
#include "object/path.h"
#include "schema/class.h"

struct instance *
objects_new(struct run *run, const char *class_name)
{
    struct cim_class *cls = run_class(run, class_name);

    return cls ? instance_create(cls) : NULL;
}

bool
objects_create(struct run *run, struct instance *instance,
               struct path **path)
{
    struct cim_client *client = run_client(run);
    bool done = client
                && cim_client_create_instance(client, instance, path,
                                              &run->error);

    instance_destroy(instance);
    return done;
}

#define MOST_COLUMNS 16

/* The properties that the output has; 0: all. */
static size_t
shown(const struct run *run, const struct cim_class *cls,
      const struct listing_column *columns, const char *name,
      const char *names[MOST_COLUMNS])
{
    size_t n = 0;

    if (run->form == RUN_NAMES && name && class_property(cls, name)) {
        names[n++] = name;
    } else if (run->form == RUN_TABLE && columns) {
        for (; columns->title && n < MOST_COLUMNS; columns++) {
            names[n++] = columns->property;
        }
    }
    return n;
}

bool
objects_list(struct run *run, const char *class_name,
             const struct listing_column *columns, const char *name)
{
    struct cim_client *client = run_client(run);
    struct cim_class *cls = client ? run_class(run, class_name) : NULL;
    const char *names[MOST_COLUMNS];
    struct listing *listing;
    bool done;

    if (!cls) {
        return false;
    }
    listing = listing_begin(run, columns, name);
    listing_class(listing, cls);
    done = cim_client_enumerate(client, class_name, names,
                                shown(run, cls, columns, name, names),
                                listing_take, listing, &run->error);
    listing_end(listing);
    return done;
}

struct instance *
objects_get(struct run *run, struct path *path)
{
    struct cim_client *client = run_client(run);
    struct instance *instance = client
        ? cim_client_get(client, path, &run->error) : NULL;

    path_destroy(path);
    return instance;
}

bool
objects_show(struct run *run, struct path *path, const char *name)
{
    struct instance *instance = objects_get(run, path);

    if (!instance) {
        return false;
    }
    listing_show(run, instance, name);
    instance_destroy(instance);
    return true;
}

bool
objects_delete(struct run *run, struct path *path)
{
    struct cim_client *client = run_client(run);
    bool done = client && cim_client_delete(client, path, &run->error);

    path_destroy(path);
    return done;
}

bool
objects_modify(struct run *run, struct path *path, struct instance *instance,
               const char *const *names, size_t n)
{
    struct cim_client *client = run_client(run);
    bool done = client && cim_client_modify(client, path, instance, names, n,
                                            &run->error);

    path_destroy(path);
    instance_destroy(instance);
    return done;
}
