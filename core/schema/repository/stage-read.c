/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Which classes a change touches, and reading their texts.
 *
 * A class is touched when its schema comes, goes or is replaced, when it
 * derives from a touched class, or when it holds one by value (its binary
 * form has that class inside).  Touched classes are made again from the
 * texts of their schemas; all others stay the same objects, so that layouts
 * and instances made from them stay valid.
 *
 * A registered class takes the place of a built-in one when that is named
 * CIM_* and nothing is lost by it: our few base classes from the DMTF tree
 * are shorter than the tree's.  Built-in classes below are then made again.
 */

#include <config.h>

#include "schema/repository/stage.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "base/map.h"
#include "base/memory.h"
#include "schema/unit.h"
#include "schema/repository/world.h"

/* Looking up while the texts are read: what stays as it is. */

static struct cim_class *
lookup_class(void *arg, const char *name)
{
    const struct stage *stage = arg;

    return map_get(stage->touched, name) ? NULL
                                         : world_class(stage->old, name);
}

static bool
declares(const struct schema *schema, const struct qualifier_type *type)
{
    const struct schema_unit *unit = &schema->unit;

    return unit->n_qualifier_types && type >= unit->qualifier_types
           && type < unit->qualifier_types + unit->n_qualifier_types;
}

static const struct qualifier_type *
lookup_qualifier(void *arg, const char *name)
{
    const struct stage *stage = arg;
    const struct qualifier_type *type =
        map_get(stage->old->qualifiers, name);

    for (size_t i = 0; type && i < stage->old->n_schemas; i++) {
        const struct schema *schema = stage->old->schemas[i];

        if (declares(schema, type)) {
            return stage_changes(stage, schema->name)
                       ? prelude_qualifier(name) : type;
        }
    }
    return type;
}

struct schema_options
stage_options(struct stage *stage)
{
    return (struct schema_options){
        .no_files = true,
        .lookup = lookup_class,
        .lookup_qualifier = lookup_qualifier,
        .arg = stage,
    };
}

/* Which schemas change. ---------------------------------------------------- */

bool
stage_changes(const struct stage *stage, const char *schema)
{
    for (size_t i = 0; i < stage->n_incoming; i++) {
        if (strcmp(stage->incoming[i]->name, schema) == 0) {
            return true;
        }
    }
    return stage->outgoing && strcmp(stage->outgoing->name, schema) == 0;
}

static void
touch(struct stage *stage, const struct cim_class *cls)
{
    map_put(stage->touched, cls->name, (void *) (uintptr_t) cls->name);
}

static bool
is_touched(const struct stage *stage, const char *name)
{
    return name && map_get(stage->touched, name);
}

/* Compiles a text into its schema's unit. */
static bool
read_text(struct stage *stage, struct schema *schema)
{
    struct schema_options options = stage_options(stage);
    MEM_AUTO char *file = schema_file(schema);

    return schema_compile_text(file, schema->text, schema->size, &options,
                               &schema->unit, stage->errors);
}

static bool
read_incoming(struct stage *stage)
{
    bool ok = true;

    for (size_t i = 0; i < stage->old->n_schemas; i++) {
        const struct schema *schema = stage->old->schemas[i];

        for (size_t j = 0;
             stage_changes(stage, schema->name) && j < schema->n_classes; j++) {
            touch(stage, schema->classes[j]);
        }
    }
    for (size_t i = 0; i < stage->n_incoming; i++) {
        struct schema *schema = stage->incoming[i];

        ok = read_text(stage, schema) && ok;
        for (size_t j = 0; j < schema->unit.n_classes; j++) {
            touch(stage, schema->unit.classes[j]);
        }
    }
    return ok;
}

/* Derives from a touched class, or holds one by value. */
static bool
depends_on_touched(const struct stage *stage, const struct cim_class *cls)
{
    if (is_touched(stage, cls->super_name)) {
        return true;
    }
    for (uint32_t i = 0; i < cls->n_properties; i++) {
        const struct property *property = &cls->properties[i];

        if (property->type == CIM_EMBEDDED
            && is_touched(stage, property->class_name)) {
            return true;
        }
    }
    return false;
}

static void
touch_dependents(struct stage *stage)
{
    size_t before;

    do {
        before = map_count(stage->touched);
        for (size_t i = 0; i < stage->old->n_ordered; i++) {
            const struct cim_class *cls = stage->old->ordered[i];

            if (!is_touched(stage, cls->name)
                && depends_on_touched(stage, cls)) {
                touch(stage, cls);
            }
        }
    } while (map_count(stage->touched) != before);
}

/* Where touched classes will live. ----------------------------------------- */

/* Whether 'schema' may declare the class; 'owner' has it at present. */
static bool
may_declare(struct stage *stage, const struct schema *owner,
            struct cim_class *cls)
{
    struct cim_class *other = world_class(stage->old, cls->name);
    struct error error;

    if (!owner || stage_changes(stage, owner->name)) {
        other = prelude_lookup(cls->name);
        if (!other) {
            return true;
        }
    } else if (!other || !other->is_builtin
               || strcmp(owner->name, SCHEMA_BUILTIN) != 0) {
        error_set(&error, ERROR_EXISTS,
                  "class %s is declared by schema %s already (%s)", cls->name,
                  owner->name, other && other->file ? other->file : "?");
        error_hint(&error, "unregister %s first, or replace it", owner->name);
        return stage_error(stage, cls, &error);
    }
    if (strncasecmp(cls->name, "CIM_", 4) != 0) {
        error_set(&error, ERROR_EXISTS, "class %s is built in", cls->name);
        error_hint(&error, "give the class another name");
        return stage_error(stage, cls, &error);
    }
    cls->is_builtin = true;
    return true;
}

/* The class will be the schema's, unless it is another's. */
static bool
settle(struct stage *stage, struct schema *schema, struct cim_class *cls)
{
    const struct schema *owner = map_get(stage->old->owners, cls->name);
    const struct schema *other = map_get(stage->homes, cls->name);
    struct error error;
    bool ok;

    if (other) {
        error_set(&error, ERROR_EXISTS,
                  "class %s is declared twice, in schemas %s and %s",
                  cls->name, other->name, schema->name);
        return stage_error(stage, cls, &error);
    }
    ok = may_declare(stage, owner, cls);
    map_put(stage->homes, cls->name, schema);
    return unit_add_class(stage->unit, class_ref(cls)) && ok;
}

static bool
settle_incoming(struct stage *stage)
{
    bool ok = true;

    for (size_t i = 0; i < stage->n_incoming; i++) {
        struct schema *schema = stage->incoming[i];
        const struct schema_unit *unit = &schema->unit;

        for (size_t j = 0; j < unit->n_classes; j++) {
            ok = settle(stage, schema, unit->classes[j]) && ok;
        }
        for (size_t j = 0; j < unit->n_qualifier_types; j++) {
            unit_add_qualifier_type(stage->unit, &unit->qualifier_types[j]);
        }
    }
    return ok;
}

/* A touched class of the schema that nobody else will declare. */
static bool
must_rebuild(const struct stage *stage, const struct schema *schema)
{
    bool is_builtin = strcmp(schema->name, SCHEMA_BUILTIN) == 0;
    size_t at = 0;
    const char *name;

    while (map_next(stage->touched, &at, &name, NULL)) {
        if (map_get(stage->homes, name)) {
            continue;
        }
        if (map_get(stage->old->owners, name) == schema
            || (is_builtin && prelude_lookup(name))) {
            return true;
        }
    }
    return false;
}

/* Errors of a text that was accepted before; its warnings were seen then. */
static bool
keep_errors(struct stage *stage, struct error_list *list)
{
    bool ok = list->n_errors == 0;

    for (size_t i = 0; i < list->n; i++) {
        if (list->items[i].severity == SEVERITY_ERROR) {
            error_list_add(stage->errors, &list->items[i]);
        }
    }
    error_list_clear(list);
    return ok;
}

static bool
read_again(struct stage *stage, struct schema *schema)
{
    struct error_list *errors = stage->errors;
    struct error_list list = { 0 };
    bool ok;

    stage->errors = &list;
    ok = read_text(stage, schema);
    stage->errors = errors;
    return keep_errors(stage, &list) && ok;
}

/* Makes the touched classes of a schema again; the others stay. */
static bool
rebuild(struct stage *stage, const struct schema *old)
{
    struct schema *schema = schema_create(old->name, old->text, old->size);
    bool is_builtin = strcmp(schema->name, SCHEMA_BUILTIN) == 0;

    stage->rebuilt[stage->n_rebuilt++] = schema;
    if (!read_again(stage, schema)) {
        return false;
    }
    for (size_t i = 0; i < old->n_classes; i++) {
        if (!is_touched(stage, old->classes[i]->name)) {
            schema_add_class(schema, class_ref(old->classes[i]));
        }
    }
    for (size_t i = 0; i < schema->unit.n_classes; i++) {
        struct cim_class *cls = schema->unit.classes[i];

        if (is_touched(stage, cls->name)
            && !map_get(stage->homes, cls->name)) {
            cls->is_builtin = is_builtin;
            map_put(stage->homes, cls->name, schema);
            unit_add_class(stage->unit, class_ref(cls));
        }
    }
    return true;
}

static bool
rebuild_others(struct stage *stage)
{
    bool ok = true;

    for (size_t i = 0; i < stage->old->n_schemas; i++) {
        const struct schema *schema = stage->old->schemas[i];

        if (!stage_changes(stage, schema->name)
            && must_rebuild(stage, schema)) {
            ok = rebuild(stage, schema) && ok;
        }
    }
    return ok;
}

bool
stage_read(struct stage *stage)
{
    bool ok = read_incoming(stage) && stage_check_namespaces(stage);

    ok = ok && settle_incoming(stage);
    if (!ok) {
        return false;
    }
    touch_dependents(stage);
    return rebuild_others(stage) && stage_check_uses(stage);
}
