/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Settings or answers, class by class, so that each class has one table.
 */

#include <config.h>

#include <stdlib.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "client/class-names.h"
#include "client/noun/feature.h"
#include "client/place.h"
#include "client/run.h"
#include "client/show/listing.h"
#include "client/wbem/cim-client.h"
#include "object/instance.h"
#include "schema/class.h"

/* What is listed, of which class. */
struct choice {
    struct run *run;
    struct listing *listing;
    const struct place *place;
    const char *const *names;   /* properties; n 0: all */
    size_t n;
    const char *where;          /* condition, or NULL */
};

static bool
take_object(void *arg, struct instance *instance, const struct path *path,
            struct error *error)
{
    const struct choice *choice = arg;

    /* A query's projection may lack the place; it has filtered already. */
    if (!choice->n && !place_matches(choice->place, instance)) {
        instance_destroy(instance);
        return true;
    }
    return listing_take(choice->listing, instance, path, error);
}

/* An unknown property is told by the nearest one. */
static bool
check_names(const struct choice *choice, struct cim_class *cls)
{
    struct instance *probe;
    bool done = true;

    for (size_t i = 0; i < choice->n && done; i++) {
        if (!class_property(cls, choice->names[i])) {
            probe = instance_create(cls);
            done = instance_set(probe, choice->names[i],
                                value_null(CIM_STRING, false),
                                &choice->run->error);
            instance_destroy(probe);
        }
    }
    return done;
}

/* Whether the class can answer the question at all. */
static bool
is_concerned(const struct choice *choice, const struct cim_class *cls)
{
    if (cls->is_abstract
        || (*choice->place->port_name && !class_property(cls, "PortName"))) {
        return false;
    }
    for (size_t i = 0; i < choice->n; i++) {
        if (!class_property(cls, choice->names[i])) {
            return false;
        }
    }
    return true;
}

static bool
list_class(struct choice *choice, struct cim_class *cls)
{
    struct run *run = choice->run;
    struct cim_client *client = run_client(run);
    BUFFER_AUTO struct buffer wql = BUFFER_INIT;

    if (!choice->where && !choice->n && !*choice->place->switch_name) {
        return cim_client_enumerate(client, cls->name, NULL, 0, take_object,
                                    choice, &run->error);
    }
    place_query(choice->place, cls, choice->names, choice->n, choice->where,
                &wql);
    return cim_client_query(client, buffer_string(&wql), take_object, choice,
                            &run->error);
}

/* One of many classes: that a condition does not fit it is no failure. */
static bool
list_one(struct choice *choice, const char *name, size_t *n)
{
    struct run *run = choice->run;
    struct cim_class *cls = run_class(run, name);

    if (!cls || !is_concerned(choice, cls)) {
        return cls != NULL;
    }
    if (!list_class(choice, cls)) {
        return choice->where && run->error.code == ERROR_NO_PROPERTY;
    }
    ++*n;
    return true;
}

static bool
list_all(struct choice *choice, const char *base)
{
    struct run *run = choice->run;
    struct class_names names;
    size_t n = 0;
    bool done = class_names_get(run, base, &names);

    for (size_t i = 0; done && i < names.n; i++) {
        done = list_one(choice, names.items[i], &n);
    }
    class_names_free(&names);
    if (done && !n && (choice->n || choice->where)) {
        return error_set(&run->error, ERROR_NO_PROPERTY,
                         "no class has %s", choice->n
                             ? "all of these properties"
                             : "the properties of this condition");
    }
    return done;
}

bool
feature_list_chosen(struct run *run, const char *base, struct cim_class *cls,
                    const struct place *place, const char *name,
                    const char *const *chosen, size_t n_chosen,
                    const char *where)
{
    struct choice choice = { .run = run, .place = place, .names = chosen,
                             .n = n_chosen, .where = where };
    bool done;

    if (!run_client(run) || (cls && !check_names(&choice, cls))) {
        return false;
    }
    choice.listing = listing_begin(run, NULL, name);
    listing_choose(choice.listing, chosen, n_chosen);
    if (cls && !cls->is_abstract) {
        listing_class(choice.listing, cls);
    }
    done = cls && !cls->is_abstract
        ? list_class(&choice, cls)
        : list_all(&choice, cls ? cls->name : base);
    listing_end(choice.listing);
    return done;
}

bool
feature_list(struct run *run, const char *base, struct cim_class *cls,
             const struct place *place, const char *name)
{
    return feature_list_chosen(run, base, cls, place, name, NULL, 0, NULL);
}
