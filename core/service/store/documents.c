/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Looking through documents, and changing them by journal records; see
 * documents.h.
 */

#include <config.h>

#include "service/store/documents.h"

#include <stdlib.h>

#include "base/map.h"
#include "base/memory.h"
#include "service/store/document.h"
#include "service/store/store.h"

static void
documents_visit(void *arg, enum store_op op, const char *name,
                const char *entry, const char *text)
{
    struct map *documents = arg;
    struct document *document = map_get(documents, name);

    if (op == STORE_DROP) {
        if (document) {
            map_destroy(document->entries, free);
            document->entries = map_create(false);
            document->removed = document->dirty = true;
        }
        return;
    }
    if (!document) {
        document = document_create();
        map_put(documents, name, document);
    }
    document_put(document, entry, op == STORE_PUT ? mem_strdup(text) : NULL);
    document->dirty = true;
    document->removed = false;
}

bool
documents_apply(struct map *documents, const void *payload, size_t size)
{
    return store_walk(payload, size, documents_visit, documents);
}

struct document *
documents_find(const struct map *documents, const char *name)
{
    struct document *document = map_get(documents, name);

    return document && !document->removed ? document : NULL;
}

bool
documents_next(const struct map *documents, size_t *at, const char **name)
{
    void *document;

    while (map_next(documents, at, name, &document)) {
        if (!((struct document *) document)->removed) {
            return true;
        }
    }
    return false;
}

bool
documents_dirty(const struct map *documents)
{
    size_t at = 0;
    const char *name;
    void *document;

    while (map_next(documents, &at, &name, &document)) {
        if (((struct document *) document)->dirty) {
            return true;
        }
    }
    return false;
}
