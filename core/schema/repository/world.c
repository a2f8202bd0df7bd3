/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Schemas, and the indexes over all of them.  Indexes are made anew for
 * each world: for the whole DMTF tree that takes less than a millisecond,
 * and there is no index to be kept right by hand.
 */

#include <config.h>

#include "schema/repository/world.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/memory.h"
#include "base/text.h"
#include "schema/feature.h"

struct schema *
schema_create(const char *name, const char *text, size_t size)
{
    struct schema *schema = mem_zalloc(sizeof *schema);

    schema->references = 1;
    schema->name = mem_strdup(name);
    schema->text = mem_alloc(size + 1);
    if (size) {
        memcpy(schema->text, text, size);
    }
    schema->text[size] = '\0';
    schema->size = size;
    return schema;
}

struct schema *
schema_ref(struct schema *schema)
{
    schema->references++;
    return schema;
}

void
schema_unref(struct schema *schema)
{
    if (!schema || --schema->references) {
        return;
    }
    for (size_t i = 0; i < schema->n_classes; i++) {
        class_unref(schema->classes[i]);
    }
    free(schema->classes);
    schema_unit_clear(&schema->unit);
    free(schema->text);
    free(schema->name);
    free(schema);
}

void
schema_add_class(struct schema *schema, struct cim_class *cls)
{
    mem_grow(&schema->classes, &schema->capacity, schema->n_classes,
             sizeof *schema->classes);
    schema->classes[schema->n_classes++] = cls;
}

struct schema *
schema_builtin(void)
{
    struct cim_class **classes;
    size_t n = prelude_classes(&classes);
    struct schema *schema;
    const char *text;
    size_t size;

    text = prelude_text(&size);
    schema = schema_create(SCHEMA_BUILTIN, text, size);
    for (size_t i = 0; i < n; i++) {
        schema_add_class(schema, class_ref(classes[i]));
    }
    return schema;
}

/* CIM-XML begins with '<', whatever encoding it is in. */
static bool
is_xml(const struct schema *schema)
{
    for (size_t i = 0; i < schema->size; i++) {
        unsigned char c = (unsigned char) schema->text[i];

        if (c == '<') {
            return true;
        }
        if (c && c != 0xef && c != 0xbb && c != 0xbf && c != 0xff
            && c != 0xfe && !strchr(" \t\r\n", c)) {
            return false;
        }
    }
    return false;
}

char *
schema_file(const struct schema *schema)
{
    return mem_printf("%s.%s", schema->name, is_xml(schema) ? "xml" : "mof");
}

/* Indexes. ---------------------------------------------------------------- */

static int
compare_schemas(const void *a, const void *b)
{
    const struct schema *const *left = a;
    const struct schema *const *right = b;
    bool l = strcmp((*left)->name, SCHEMA_BUILTIN) == 0;
    bool r = strcmp((*right)->name, SCHEMA_BUILTIN) == 0;

    return l || r ? (int) r - (int) l
                  : strcmp((*left)->name, (*right)->name);
}

static unsigned int
depth_of(const struct cim_class *cls)
{
    unsigned int depth = 0;

    while ((cls = cls->super) != NULL) {
        depth++;
    }
    return depth;
}

/* Superclass first; within one depth by schema and declaration. */
static void
order_classes(struct world *world)
{
    size_t total = map_count(world->classes);
    MEM_AUTO unsigned int *depths = mem_array(total, sizeof *depths);
    MEM_AUTO struct cim_class **all = mem_array(total, sizeof *all);
    unsigned int deepest = 0;
    size_t at = 0;
    size_t n = 0;
    void *cls;

    while (map_next(world->classes, &at, NULL, &cls)) {
        all[n] = cls;
        depths[n] = depth_of(cls);
        deepest = depths[n] > deepest ? depths[n] : deepest;
        n++;
    }
    world->ordered = mem_array(n, sizeof *world->ordered);
    for (unsigned int depth = 0; depth <= deepest; depth++) {
        for (size_t i = 0; i < n; i++) {
            if (depths[i] == depth) {
                world->ordered[world->n_ordered++] = all[i];
            }
        }
    }
}

static void
index_schema(struct world *world, struct schema *schema)
{
    for (size_t i = 0; i < schema->n_classes; i++) {
        struct cim_class *cls = schema->classes[i];
        char guid[GUID_TEXT_SIZE];
        struct feature feature;

        map_put(world->classes, cls->name, cls);
        map_put(world->owners, cls->name, schema);
        if (feature_of_class(cls, &feature, NULL)) {
            map_put(world->features, guid_format(&feature.uuid, guid), cls);
        }
    }
    for (size_t i = 0; i < schema->unit.n_qualifier_types; i++) {
        struct qualifier_type *type = &schema->unit.qualifier_types[i];

        map_put(world->qualifiers, type->name, type);
    }
}

static void
index_qualifiers(struct world *world)
{
    size_t at = 0;
    void *type;

    world->types = mem_array(map_count(world->qualifiers),
                             sizeof *world->types);
    while (map_next(world->qualifiers, &at, NULL, &type)) {
        world->types[world->n_types++] = type;
    }
}

static void
index_builtin_qualifiers(struct world *world)
{
    const struct qualifier_type *types;
    size_t n = prelude_qualifiers(&types);

    for (size_t i = 0; i < n; i++) {
        map_put(world->qualifiers, types[i].name,
                (void *) (uintptr_t) &types[i]);
    }
}

struct world *
world_create(struct schema **schemas, size_t n)
{
    struct world *world = mem_zalloc(sizeof *world);

    world->schemas = mem_array(n, sizeof *world->schemas);
    memcpy(world->schemas, schemas, n * sizeof *schemas);
    world->n_schemas = n;
    qsort(world->schemas, n, sizeof *schemas, compare_schemas);
    world->names = mem_array(n, sizeof *world->names);
    world->classes = map_create(true);
    world->owners = map_create(true);
    world->features = map_create(true);
    world->qualifiers = map_create(true);
    index_builtin_qualifiers(world);
    for (size_t i = 0; i < n; i++) {
        world->names[i] = world->schemas[i]->name;
        index_schema(world, world->schemas[i]);
    }
    order_classes(world);
    index_qualifiers(world);
    return world;
}

void
world_destroy(struct world *world)
{
    if (!world) {
        return;
    }
    map_destroy(world->classes, NULL);
    map_destroy(world->owners, NULL);
    map_destroy(world->features, NULL);
    map_destroy(world->qualifiers, NULL);
    for (size_t i = 0; i < world->n_schemas; i++) {
        schema_unref(world->schemas[i]);
    }
    free(world->schemas);
    free(world->names);
    free(world->ordered);
    free(world->types);
    free(world);
}

struct schema *
world_schema(const struct world *world, const char *name)
{
    for (size_t i = 0; i < world->n_schemas; i++) {
        if (strcmp(world->names[i], name) == 0) {
            return world->schemas[i];
        }
    }
    return NULL;
}

struct cim_class *
world_class(const struct world *world, const char *name)
{
    return map_get(world->classes, name);
}

struct cim_class *
world_feature(const struct world *world, const struct xvs_guid *uuid)
{
    char text[GUID_TEXT_SIZE];

    return map_get(world->features, guid_format(uuid, text));
}

bool
world_twins(const struct world *world, struct cim_class **first,
            struct cim_class **second)
{
    for (size_t i = 0; i < world->n_ordered; i++) {
        struct feature feature;

        if (!feature_of_class(world->ordered[i], &feature, NULL)) {
            continue;
        }
        *first = world_feature(world, &feature.uuid);
        *second = world->ordered[i];
        if (*first != *second) {
            return true;
        }
    }
    return false;
}
