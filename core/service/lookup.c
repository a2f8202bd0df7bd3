/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A map from "class, property, text" to the settings that have it.
 */

#include <config.h>

#include "service/lookup.h"

#include <stdlib.h>

#include "base/map.h"
#include "base/memory.h"
#include "base/text.h"
#include "object/instance.h"
#include "service/state.h"

typedef void (*text_call)(struct map *lookup, const char *key,
                          struct setting *setting);

static char *
key_of(const struct xvs_guid *uuid, const char *property, const char *text)
{
    char class_id[GUID_TEXT_SIZE];

    return mem_printf("%s/%s/%s", guid_format(uuid, class_id), property,
                      text);
}

static void
put(struct map *lookup, const char *key, struct setting *setting)
{
    struct lookup_hit *hit = mem_zalloc(sizeof *hit);

    hit->setting = setting;
    hit->next = map_put(lookup, key, hit);
}

static void
take(struct map *lookup, const char *key, struct setting *setting)
{
    struct lookup_hit *first = map_get(lookup, key), **at = &first;

    while (*at && (*at)->setting != setting) {
        at = &(*at)->next;
    }
    if (*at) {
        struct lookup_hit *hit = *at;

        *at = hit->next;
        free(hit);
    }
    if (first) {
        map_put(lookup, key, first);
    } else {
        map_remove(lookup, key);
    }
}

/* Nobody looks for an empty text, which many may have. */
static void
call_for(struct map *lookup, struct setting *setting, const char *property,
         const struct value *value, text_call call)
{
    if (!value->is_null && *value->s) {
        MEM_AUTO char *key = key_of(&setting->uuid, property, value->s);

        call(lookup, key, setting);
    }
}

static void
each_text(struct map *lookup, struct setting *setting, text_call call)
{
    const struct instance *instance = setting->held
        ? setting->held->instance : NULL;

    for (uint32_t i = 0; instance && i < instance->n; i++) {
        const struct property *property = &instance->cls->properties[i];
        const struct value *value = &instance->values[i];

        if (!property->is_indexed || value->is_null) {
            continue;
        }
        if (!value->is_array) {
            call_for(lookup, setting, property->name, value, call);
        }
        for (uint32_t j = 0; value->is_array && j < value->n; j++) {
            call_for(lookup, setting, property->name, &value->items[j],
                     call);
        }
    }
}

struct map *
lookup_create(void)
{
    return map_create(true);
}

static void
free_hits(void *first)
{
    struct lookup_hit *hit = first;

    while (hit) {
        struct lookup_hit *next = hit->next;

        free(hit);
        hit = next;
    }
}

void
lookup_destroy(struct map *lookup)
{
    map_destroy(lookup, free_hits);
}

void
lookup_enter(struct map *lookup, struct setting *setting)
{
    each_text(lookup, setting, put);
}

void
lookup_leave(struct map *lookup, struct setting *setting)
{
    each_text(lookup, setting, take);
}

const struct lookup_hit *
lookup_find(const struct map *lookup, const struct xvs_guid *uuid,
            const char *property, const char *text)
{
    MEM_AUTO char *key = key_of(uuid, property, text);

    return map_get(lookup, key);
}
