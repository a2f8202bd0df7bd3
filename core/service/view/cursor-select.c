/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Cursors for queries: settings that a query names by an indexed text are
 * looked up, and extensions are asked for the switch and port that it names.
 * What is left out here the query would leave out; the rest it judges itself.
 */

#include <config.h>

#include <stdio.h>

#include "base/map.h"
#include "object/instance.h"
#include "object/wql.h"
#include "schema/feature.h"
#include "service/internal.h"
#include "service/lookup.h"
#include "service/view/cursor.h"

/* ---- Settings ----------------------------------------------------------- */

/* The names of those that have one of the texts, each once. */
static void
look_up(struct cursor *cursor, const struct xvs_guid *uuid,
        const struct wql_key *keys, size_t n)
{
    const struct state *state = &cursor->service->state;

    for (size_t i = 0; i < n; i++) {
        const struct lookup_hit *hit =
            lookup_find(state->lookup, uuid, keys[i].property, keys[i].text);

        for (; hit; hit = hit->next) {
            map_put(cursor->found,
                    instance_text(hit->setting->held->instance,
                                  "InstanceID"), cursor);
        }
    }
}

static bool
are_settings(const struct cursor *cursor)
{
    struct feature feature;

    for (size_t i = 0; i < cursor->n_classes; i++) {
        if (!feature_of_class(cursor->classes[i], &feature, NULL)
            || feature.kind != FEATURE_SETTING) {
            return false;
        }
    }
    return true;
}

static void
select_settings(struct cursor *cursor, const struct wql_key *keys, size_t n)
{
    struct feature feature;

    cursor->found = map_create(false);
    for (size_t i = 0; i < cursor->n_classes; i++) {
        feature_of_class(cursor->classes[i], &feature, NULL);
        look_up(cursor, &feature.uuid, keys, n);
    }
}

const struct instance *
cursor_next_found(struct cursor *cursor)
{
    const struct instance *instance = NULL;
    const char *id;
    void *value;

    /* One that has gone meanwhile is none. */
    while (!instance && map_next(cursor->found, &cursor->found_at, &id,
                                 &value)) {
        instance = cursor_setting_of_id(cursor, id);
    }
    return instance;
}

/* ---- All ---------------------------------------------------------------- */

static void
keep_text(char out[XVS_NAME_SIZE], const char *text)
{
    snprintf(out, XVS_NAME_SIZE, "%s", text ? text : "");
}

struct cursor *
service_select(struct service *service, struct cim_class *cls,
               const struct wql *wql, cursor_wake wake, void *arg)
{
    struct cursor *cursor = service_enumerate(service, cls, wake, arg);
    struct wql_key keys[WQL_KEYS];
    size_t n = wql_keys(wql, cls, keys);

    if (n && are_settings(cursor)) {
        select_settings(cursor, keys, n);
    }
    keep_text(cursor->only_switch, wql_fixed(wql, "SystemName"));
    keep_text(cursor->only_port, wql_fixed(wql, "PortName"));
    return cursor;
}
