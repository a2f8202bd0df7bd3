/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The repository: the present world, the disk under it, and who wants to
 * know.  A change is staged as a new world (stage.c), shown to the guard,
 * written to disk, and only then swapped in.
 */

#include <config.h>

#include "schema/repository.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/log.h"
#include "base/map.h"
#include "base/memory.h"
#include "schema/repository/stage.h"
#include "schema/repository/shelf.h"
#include "schema/repository/world.h"

struct repository {
    struct world *world;
    struct shelf *shelf;        /* NULL: in memory only */
    uint64_t generation;
    repository_guard guard;     /* or NULL */
    repository_watch watch;     /* or NULL */
    void *arg;                  /* of both */
};

void
repository_set_guard(struct repository *repository, repository_guard guard,
                     repository_watch watch, void *arg)
{
    repository->guard = guard;
    repository->watch = watch;
    repository->arg = arg;
}

/* Makes the staged world the present one. */
static void
swap(struct repository *repository, struct stage *stage)
{
    struct world *old = repository->world;

    repository->world = stage->next;
    stage->next = NULL;
    repository->generation++;
    if (repository->watch) {
        repository->watch(repository->arg, &stage->change);
    }
    world_destroy(old);
}

static bool
is_allowed(struct repository *repository, const struct stage *stage,
           struct error *error)
{
    return !repository->guard
           || repository->guard(repository->arg, &stage->change, error);
}

/* Loading. ----------------------------------------------------------------- */

/* Takes the schemas in at once; they are on disk already. */
static bool
take_in(struct repository *repository, struct schema **schemas, size_t n,
        struct error_list *errors)
{
    struct stage stage = { .old = repository->world,
                           .incoming = schemas,
                           .n_incoming = n,
                           .errors = errors };
    bool ok;

    for (size_t i = 0; i < n; i++) {
        schema_ref(schemas[i]);
    }
    ok = stage_run(&stage);
    if (ok) {
        swap(repository, &stage);
    }
    stage_clear(&stage);
    return ok;
}

/* A fresh copy: a failed attempt leaves traces in a schema. */
static bool
take_in_one(struct repository *repository, const struct schema *schema,
            struct error_list *errors)
{
    struct schema *copy = schema_create(schema->name, schema->text,
                                        schema->size);
    bool ok = take_in(repository, &copy, 1, errors);

    schema_unref(copy);
    return ok;
}

/*
 * One at a time, again and again while that helps: a schema may need the
 * classes of another.
 */
static void
take_in_each(struct repository *repository, struct schema **schemas,
             size_t n, struct error_list *errors)
{
    bool progress;

    do {
        progress = false;
        for (size_t i = 0; i < n; i++) {
            struct error_list attempt = { 0 };

            if (schemas[i]
                && take_in_one(repository, schemas[i], &attempt)) {
                schema_unref(schemas[i]);
                schemas[i] = NULL;
                progress = true;
            }
            error_list_clear(&attempt);
        }
    } while (progress);

    for (size_t i = 0; i < n; i++) {
        if (schemas[i]) {
            take_in_one(repository, schemas[i], errors);
            shelf_set_aside(repository->shelf, schemas[i]);
        }
    }
}

static void
load(struct repository *repository, struct error_list *errors)
{
    struct schema **schemas;
    size_t n = shelf_load(repository->shelf, &schemas, errors);
    struct schema **copies = mem_array(n, sizeof *copies);
    struct error_list attempt = { 0 };

    for (size_t i = 0; i < n; i++) {
        copies[i] = schema_create(schemas[i]->name, schemas[i]->text,
                                  schemas[i]->size);
    }
    if (n && !take_in(repository, copies, n, &attempt)) {
        take_in_each(repository, schemas, n, errors);
    }
    error_list_clear(&attempt);
    for (size_t i = 0; i < n; i++) {
        schema_unref(copies[i]);
        schema_unref(schemas[i]);
    }
    free(copies);
    free(schemas);
}

struct repository *
repository_open(const char *path, struct error_list *errors)
{
    struct repository *repository = mem_zalloc(sizeof *repository);
    struct schema *builtin = schema_builtin();
    struct error error;

    repository->world = world_create(&builtin, 1);
    repository->generation = 1;
    if (path) {
        repository->shelf = shelf_open(path, &error);
        if (!repository->shelf) {
            error_list_add(errors, &error);
            repository_close(repository);
            return NULL;
        }
        load(repository, errors);
    }
    return repository;
}

void
repository_close(struct repository *repository)
{
    if (repository) {
        world_destroy(repository->world);
        shelf_close(repository->shelf);
        free(repository);
    }
}

/* Changing. ---------------------------------------------------------------- */

static bool
is_same(const struct schema *schema, const char *text, size_t size)
{
    return schema && schema->size == size
           && memcmp(schema->text, text, size) == 0;
}

static bool
fail(struct error_list *errors, struct error *error)
{
    error->severity = SEVERITY_ERROR;
    return error_list_add(errors, error);
}

/* The staged change, past the guard and onto the disk. */
static bool
commit(struct repository *repository, struct stage *stage, bool check_only,
       struct error *error)
{
    const struct schema *schema =
        stage->n_incoming ? stage->incoming[0] : stage->outgoing;

    if (!is_allowed(repository, stage, error)) {
        return false;
    }
    if (check_only) {
        return true;
    }
    if (repository->shelf
        && !(stage->n_incoming
                 ? shelf_write(repository->shelf, schema, error)
                 : shelf_remove(repository->shelf, schema, error))) {
        return false;
    }
    swap(repository, stage);
    return true;
}

/* Gives what a large change has freed back to the system. */
static void
trim_memory(size_t size)
{
    if (size > (size_t) 1 << 20) {
        malloc_trim(0);
    }
}

bool
repository_register(struct repository *repository, const char *name,
                    const char *text, size_t size, bool check_only,
                    struct error_list *errors)
{
    struct stage stage = { .old = repository->world, .errors = errors };
    struct schema *schema;
    struct error error;
    bool ok;

    if (!shelf_name_ok(name, &error)) {
        return fail(errors, &error);
    }
    if (size > SHELF_TEXT_LIMIT) {
        error_set(&error, ERROR_LIMIT, "schema %s has %zu bytes, more than "
                  "%zu", name, size, SHELF_TEXT_LIMIT);
        return fail(errors, &error);
    }
    if (is_same(world_schema(repository->world, name), text, size)) {
        return true;
    }
    schema = schema_create(name, text, size);
    stage.incoming = &schema;
    stage.n_incoming = 1;
    ok = stage_run(&stage);
    if (ok && !commit(repository, &stage, check_only, &error)) {
        ok = fail(errors, &error);
    }
    stage_clear(&stage);
    trim_memory(size);
    return ok;
}

bool
repository_unregister(struct repository *repository, const char *name,
                      struct error *error)
{
    struct error_list errors = { 0 };
    struct stage stage = { .old = repository->world, .errors = &errors };
    size_t size;
    bool ok = strcmp(name, SCHEMA_BUILTIN) != 0 || shelf_name_ok(name, error);

    if (!ok) {
        return false;
    }
    stage.outgoing = world_schema(repository->world, name);
    if (!stage.outgoing) {
        error_set(error, ERROR_NOT_FOUND, "there is no schema %.80s", name);
        return false;
    }
    size = stage.outgoing->size;
    ok = stage_run(&stage);
    if (ok) {
        ok = commit(repository, &stage, false, error);
    } else if (error && errors.n) {
        *error = errors.items[0];
    }
    stage_clear(&stage);
    trim_memory(size);
    error_list_clear(&errors);
    return ok;
}

/* Asking. ------------------------------------------------------------------ */

size_t
repository_schemas(const struct repository *repository,
                   const char *const **names)
{
    *names = repository->world->names;
    return repository->world->n_schemas;
}

const char *
repository_text(const struct repository *repository, const char *name,
                size_t *size)
{
    const struct schema *schema = world_schema(repository->world, name);

    if (!schema) {
        return NULL;
    }
    if (size) {
        *size = schema->size;
    }
    return schema->text;
}

const char *
repository_schema_of(const struct repository *repository,
                     const struct cim_class *cls)
{
    const struct schema *owner =
        map_get(repository->world->owners, cls->name);

    return owner ? owner->name : NULL;
}

struct cim_class *
repository_class(const struct repository *repository, const char *name)
{
    return world_class(repository->world, name);
}

struct cim_class *
repository_feature(const struct repository *repository,
                   const struct xvs_guid *uuid)
{
    return world_feature(repository->world, uuid);
}

const struct qualifier_type *
repository_qualifier(const struct repository *repository, const char *name)
{
    return map_get(repository->world->qualifiers, name);
}

size_t
repository_classes(const struct repository *repository,
                   struct cim_class *const **classes)
{
    *classes = repository->world->ordered;
    return repository->world->n_ordered;
}

size_t
repository_qualifiers(const struct repository *repository,
                      const struct qualifier_type *const **types)
{
    *types = repository->world->types;
    return repository->world->n_types;
}

uint64_t
repository_generation(const struct repository *repository)
{
    return repository->generation;
}
