/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Cursors over settings: the objects themselves, without a copy, in the
 * order of the index and safe against changes of it.
 */

#include <config.h>

#include <string.h>

#include "base/text.h"
#include "object/instance.h"
#include "object/path.h"
#include "service/internal.h"
#include "service/settings.h"
#include "service/view/cursor.h"

/* The next setting of the class behind the position, or NULL. */
static struct setting *
next_setting(struct cursor *cursor, const struct xvs_guid *uuid)
{
    const struct state *state = &cursor->service->state;
    const struct index *index = &state->settings;
    struct position *position = &cursor->position;
    struct vswitch vswitch = { .name = position->first };
    struct vport port = { .vswitch = &vswitch, .name = position->second };
    struct setting key = {
        .uuid = *uuid, .vswitch = &vswitch, .instance = position->guid,
        .port = *position->second ? &port : NULL,
    };
    struct setting *setting;
    size_t at = position->hint;

    if (!position->started || position->changes != index->changes) {
        at = index_lower(index, &key);
        if (position->started && at < index->n
            && settings_compare(index->items[at], &key) == 0) {
            at++;
        }
    }
    while (at < index->n && !((struct setting *) index->items[at])->held) {
        at++;
    }
    setting = at < index->n ? index->items[at] : NULL;
    if (!setting || !guid_equal(&setting->uuid, uuid)) {
        return NULL;
    }
    position->started = true;
    position->hint = at + 1;
    position->changes = index->changes;
    position->guid = setting->instance;
    strcpy(position->first, setting->vswitch->name);
    strcpy(position->second, setting->port ? setting->port->name : "");
    return setting;
}

static const struct instance *
show_setting(struct cursor *cursor, struct setting *setting)
{
    if (!setting || !setting->held) {
        return NULL;
    }
    cursor->held = held_ref(setting->held);
    return held_shown(setting->held);
}

const struct instance *
cursor_next_setting(struct cursor *cursor, const struct xvs_guid *uuid)
{
    return show_setting(cursor, next_setting(cursor, uuid));
}

const struct instance *
cursor_setting_of_id(struct cursor *cursor, const char *instance_id)
{
    struct instance_id id;
    struct setting *setting = NULL;

    if (state_parse_instance_id(instance_id, &id)) {
        setting = state_setting_of_id(&cursor->service->state, &id);
    }
    return show_setting(cursor, setting);
}

const struct instance *
cursor_get_setting(struct cursor *cursor)
{
    const struct instance *item =
        cursor_setting_of_id(cursor, path_key(cursor->path, "InstanceID"));

    return item && class_is_a(item->cls, cursor->cls->name) ? item : NULL;
}
