/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What all changes of objects share.
 */

#include <config.h>

#include "service/change/change.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/text.h"
#include "object/instance.h"
#include "object/path.h"

void
wish_finish(struct wish *wish, const struct error *error,
            const struct path *path)
{
    wish->done(wish->arg, error, error ? NULL : path);
    instance_destroy(wish->instance);
    path_destroy(wish->path);
    for (size_t i = 0; i < wish->n_names; i++) {
        free(wish->names[i]);
    }
    free(wish->names);
}

bool
wish_names(const struct wish *wish, const char *property)
{
    if (!wish->names) {
        return true;
    }
    for (size_t i = 0; i < wish->n_names; i++) {
        if (text_equal_fold(wish->names[i], property)) {
            return true;
        }
    }
    return false;
}

const char *
wish_text(const struct wish *wish, const char *property)
{
    const char *text = wish->path ? path_key(wish->path, property) : NULL;

    return text || !wish->instance ? text
        : instance_text(wish->instance, property);
}
