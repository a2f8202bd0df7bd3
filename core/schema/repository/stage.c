/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Parse, check, stage: the steps of a change in order.  Which classes it
 * touches is decided in stage-read.c, what must hold in stage-check.c.
 */

#include <config.h>

#include "schema/repository/stage.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/map.h"
#include "base/memory.h"
#include "schema/repository/world.h"

bool
stage_error(struct stage *stage, const struct cim_class *cls,
            struct error *error)
{
    if (cls && cls->file) {
        error_at(error, cls->file, cls->line, cls->column);
    }
    error->severity = SEVERITY_ERROR;
    error_list_add(stage->errors, error);
    return false;
}

static bool
stage_resolve(struct stage *stage)
{
    struct schema_options options = stage_options(stage);

    return schema_resolve(stage->unit, &options, stage->errors)
           && stage_check_classes(stage);
}

/* The world with the rebuilt schemas in place of theirs. */
static void
stage_assemble(struct stage *stage)
{
    size_t most = stage->old->n_schemas + stage->n_incoming;
    MEM_AUTO struct schema **schemas = mem_array(most, sizeof *schemas);
    size_t n = 0;

    for (size_t i = 0; i < stage->unit->n_classes; i++) {
        struct cim_class *cls = stage->unit->classes[i];

        schema_add_class(map_get(stage->homes, cls->name), class_ref(cls));
    }
    for (size_t i = 0; i < stage->n_incoming; i++) {
        schemas[n++] = schema_ref(stage->incoming[i]);
    }
    for (size_t i = 0; i < stage->n_rebuilt; i++) {
        schemas[n++] = schema_ref(stage->rebuilt[i]);
    }
    for (size_t i = 0; i < stage->old->n_schemas; i++) {
        struct schema *schema = stage->old->schemas[i];
        bool same = !stage_changes(stage, schema->name);

        for (size_t j = 0; same && j < stage->n_rebuilt; j++) {
            same = strcmp(stage->rebuilt[j]->name, schema->name) != 0;
        }
        if (same) {
            schemas[n++] = schema_ref(schema);
        }
    }
    stage->next = world_create(schemas, n);
}

static void
stage_compare(struct stage *stage)
{
    struct repository_change *change = &stage->change;
    size_t n = map_count(stage->touched);
    size_t at = 0;
    const char *name;

    change->added = mem_array(n, sizeof *change->added);
    change->removed = mem_array(n, sizeof *change->removed);
    change->replaced = mem_array(n, sizeof *change->replaced);
    change->replacing = mem_array(n, sizeof *change->replacing);
    while (map_next(stage->touched, &at, &name, NULL)) {
        struct cim_class *before = world_class(stage->old, name);
        struct cim_class *after = world_class(stage->next, name);

        if (before && after) {
            change->replaced[change->n_replaced] = before;
            change->replacing[change->n_replaced++] = after;
        } else if (before) {
            change->removed[change->n_removed++] = before;
        } else if (after) {
            change->added[change->n_added++] = after;
        }
    }
}

bool
stage_run(struct stage *stage)
{
    stage->touched = map_create(true);
    stage->homes = map_create(true);
    stage->unit = mem_zalloc(sizeof *stage->unit);
    stage->rebuilt = mem_array(stage->old->n_schemas + 1,
                               sizeof *stage->rebuilt);
    if (!stage_read(stage) || !stage_resolve(stage)) {
        return false;
    }
    stage_assemble(stage);
    stage_compare(stage);
    return stage_check_identities(stage);
}

/* The classes are in 'classes' now; the unit keeps the qualifiers. */
static void
drop_declared(struct schema *schema)
{
    for (size_t i = 0; i < schema->unit.n_classes; i++) {
        class_unref(schema->unit.classes[i]);
    }
    schema->unit.n_classes = 0;
}

static void
drop_schemas(struct schema **schemas, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        drop_declared(schemas[i]);
        schema_unref(schemas[i]);
    }
}

void
stage_clear(struct stage *stage)
{
    drop_schemas(stage->incoming, stage->n_incoming);
    drop_schemas(stage->rebuilt, stage->n_rebuilt);
    free(stage->rebuilt);
    map_destroy(stage->touched, NULL);
    map_destroy(stage->homes, NULL);
    if (stage->unit) {
        schema_unit_clear(stage->unit);
        free(stage->unit);
    }
    world_destroy(stage->next);
    free(stage->change.added);
    free(stage->change.removed);
    free(stage->change.replaced);
    free(stage->change.replacing);
}
