/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Fetching follows the superclass chain and the classes of embedded
 * properties, with a limit on the depth: a server could answer in circles.
 */

#include <config.h>

#include "client/wbem/class-cache.h"

#include <stdlib.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/map.h"
#include "base/memory.h"
#include "base/text.h"
#include "schema/class.h"
#include "schema/compile.h"

#define DEPTH_LIMIT 32

struct class_cache {
    class_fetch fetch;
    void *arg;              /* of fetch */
    struct map *classes;    /* name -> struct cim_class, a reference each */
    unsigned int depth;     /* fetches that wait for each other */
    struct error failure;   /* the first error of a nested fetch */
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

static struct cim_class *
lookup(void *arg, const char *name)
{
    struct class_cache *cache = arg;
    struct error error;
    struct cim_class *cls = class_cache_get(cache, name, &error);

    if (!cls && cache->failure.code == ERROR_NONE) {
        cache->failure = error;
    }
    return cls;
}

/* Compiles and resolves the one class of the text. */
static struct cim_class *
compile(struct class_cache *cache, const char *name,
        const struct buffer *xml, struct error *error)
{
    struct schema_options options = { .no_files = true, .lookup = lookup,
                                      .arg = cache };
    struct schema_unit unit = { 0 };
    struct error_list errors = { 0 };
    struct cim_class *cls = NULL;
    bool done = cimxml_compile(name, xml->data, xml->size, &options, &unit,
                               &errors)
                && schema_resolve(&unit, &options, &errors);

    if (done && unit.n_classes == 1
        && text_equal_fold(unit.classes[0]->name, name)) {
        cls = class_ref(unit.classes[0]);
    } else if (cache->failure.code != ERROR_NONE) {
        *error = cache->failure;
    } else if (errors.n) {
        *error = errors.items[0];
        error_prefix(error, "the server's class %s", name);
    } else {
        error_set(error, ERROR_SYNTAX,
                  "the server answered no class %s", name);
    }
    error_list_clear(&errors);
    schema_unit_clear(&unit);
    return cls;
}

struct cim_class *
class_cache_get(struct class_cache *cache, const char *name,
                struct error *error)
{
    BUFFER_AUTO struct buffer xml = BUFFER_INIT;
    struct cim_class *cls = map_get(cache->classes, name);
    struct error local = { 0 };

    error = error ? error : &local;
    if (cls) {
        return cls;
    }
    if (cache->depth == DEPTH_LIMIT) {
        error_set(error, ERROR_LIMIT,
                  "class %s is nested deeper than %d classes", name,
                  DEPTH_LIMIT);
        return NULL;
    }
    if (!cache->depth) {
        cache->failure.code = ERROR_NONE;
    }
    cache->depth++;
    if (cache->fetch(cache->arg, name, &xml, error)) {
        cls = compile(cache, name, &xml, error);
    }
    cache->depth--;
    if (cls) {
        map_put(cache->classes, name, cls);
    }
    return cls;
}
