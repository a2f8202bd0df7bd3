/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A class comes with what it needs: superclasses, and the classes that its
 * properties and parameters name.  They are fetched first, each once, and
 * then resolved together, since they may refer to each other in circles.
 */

#include <config.h>

#include "client/wbem/class-cache.h"

#include <stdlib.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/map.h"
#include "base/memory.h"
#include "schema/class.h"
#include "schema/compile.h"

#define MAX_CLASSES 1024

struct class_cache {
    class_fetch fetch;
    void *arg;              /* of fetch */
    struct map *classes;    /* name -> struct cim_class, a reference each */
};

/* What is fetched for one class. */
struct closure {
    struct class_cache *cache;
    struct map *seen;       /* names that are or were in the queue */
    char **names;           /* the queue */
    size_t n, capacity;
    struct schema_unit unit;    /* the classes that came, as declared */
};

struct class_cache *
class_cache_create(class_fetch fetch, void *arg)
{
    struct class_cache *cache = mem_zalloc(sizeof *cache);

    cache->fetch = fetch;
    cache->arg = arg;
    cache->classes = map_create(true);
    return cache;
}

static void
release_class(void *cls)
{
    class_unref(cls);
}

void
class_cache_destroy(struct class_cache *cache)
{
    if (cache) {
        map_destroy(cache->classes, release_class);
        free(cache);
    }
}

void
class_cache_forget(struct class_cache *cache)
{
    map_destroy(cache->classes, release_class);
    cache->classes = map_create(true);
}

static void
want(struct closure *closure, const char *name)
{
    if (!name || map_get(closure->cache->classes, name)
        || map_get(closure->seen, name)) {
        return;
    }
    map_put(closure->seen, name, closure);
    mem_grow(&closure->names, &closure->capacity, closure->n,
             sizeof *closure->names);
    closure->names[closure->n++] = mem_strdup(name);
}

/* The class that a qualifier of a string names. */
static const char *
embedded(const struct qualifier *qualifiers, uint32_t n)
{
    return qualifier_text(qualifier_find(qualifiers, n, "EmbeddedInstance"));
}

static void
want_needs(struct closure *closure, const struct cim_class *cls)
{
    want(closure, cls->super_name);
    for (uint32_t i = 0; i < cls->n_properties; i++) {
        want(closure, cls->properties[i].class_name);
        want(closure, embedded(cls->properties[i].qualifiers,
                               cls->properties[i].n_qualifiers));
    }
    for (uint32_t i = 0; i < cls->n_methods; i++) {
        const struct method *method = &cls->methods[i];

        want(closure, method->class_name);
        want(closure, embedded(method->qualifiers, method->n_qualifiers));
        for (uint32_t j = 0; j < method->n_parameters; j++) {
            const struct parameter *parameter = &method->parameters[j];

            want(closure, parameter->class_name);
            want(closure, embedded(parameter->qualifiers,
                                   parameter->n_qualifiers));
        }
    }
}

/* Tells the first error of the list as one about the server's class. */
static bool
tell(const char *name, const struct error_list *errors, struct error *error)
{
    for (size_t i = 0; i < errors->n; i++) {
        if (errors->items[i].severity == SEVERITY_ERROR) {
            *error = errors->items[i];
            return error_prefix(error, "the server's class %s", name);
        }
    }
    return error_set(error, ERROR_SYNTAX, "the server answered no class %s",
                     name);
}

/* Reads one class as declared, and asks for what it needs. */
static bool
look_into(struct closure *closure, const char *name,
          const struct buffer *piece, struct error *error)
{
    struct schema_options options = { .no_files = true };
    struct schema_unit *unit = &closure->unit;
    struct error_list errors = { 0 };
    size_t before = unit->n_classes;
    bool done = cimxml_compile(name, piece->data, piece->size, &options,
                               unit, &errors)
                && unit->n_classes == before + 1;

    if (done) {
        want_needs(closure, unit->classes[before]);
    } else {
        tell(name, &errors, error);
    }
    error_list_clear(&errors);
    return done;
}

/* Fetches everything in the queue, which grows meanwhile. */
static bool
fetch_all(struct closure *closure, struct error *error)
{
    struct class_cache *cache = closure->cache;

    for (size_t at = 0; at < closure->n; at++) {
        BUFFER_AUTO struct buffer piece = BUFFER_INIT;

        if (at == MAX_CLASSES) {
            return error_set(error, ERROR_LIMIT,
                             "class %s needs more than %d classes",
                             closure->names[0], MAX_CLASSES);
        }
        if (!cache->fetch(cache->arg, closure->names[at], &piece, error)) {
            /* What refers to a missing class is judged by the compiler. */
            if (at && (error->code == ERROR_NO_CLASS
                       || error->code == ERROR_NOT_FOUND)) {
                continue;
            }
            return false;
        }
        if (!look_into(closure, closure->names[at], &piece, error)) {
            return false;
        }
    }
    return true;
}

static struct cim_class *
lookup(void *arg, const char *name)
{
    const struct class_cache *cache = arg;

    return map_get(cache->classes, name);
}

/* Ties the classes to each other and keeps them. */
static bool
resolve_all(struct closure *closure, struct error *error)
{
    struct class_cache *cache = closure->cache;
    struct schema_options options = { .no_files = true, .lookup = lookup,
                                      .arg = cache };
    struct schema_unit *unit = &closure->unit;
    struct error_list errors = { 0 };
    bool done = schema_resolve(unit, &options, &errors);

    for (size_t i = 0; done && i < unit->n_classes; i++) {
        class_unref(map_put(cache->classes, unit->classes[i]->name,
                            class_ref(unit->classes[i])));
    }
    if (!done) {
        tell(closure->names[0], &errors, error);
    }
    error_list_clear(&errors);
    return done;
}

struct cim_class *
class_cache_get(struct class_cache *cache, const char *name,
                struct error *error)
{
    struct cim_class *cls = map_get(cache->classes, name);
    struct closure closure = { .cache = cache };
    struct error local = { 0 };

    if (cls) {
        return cls;
    }
    error = error ? error : &local;
    closure.seen = map_create(true);
    want(&closure, name);
    if (fetch_all(&closure, error) && resolve_all(&closure, error)) {
        cls = map_get(cache->classes, name);
        if (!cls) {
            error_set(error, ERROR_SYNTAX, "the server answered no class %s",
                      name);
        }
    }
    for (size_t i = 0; i < closure.n; i++) {
        free(closure.names[i]);
    }
    free(closure.names);
    schema_unit_clear(&closure.unit);
    map_destroy(closure.seen, NULL);
    return cls;
}
