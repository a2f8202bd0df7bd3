/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See class-names.h.
 */

#include <config.h>

#include "client/class-names.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/text.h"
#include "client/run.h"
#include "client/wbem/cim-client.h"

static bool
keep(void *arg, const char *name, struct error *error)
{
    struct class_names *names = arg;

    (void) error;
    mem_grow(&names->items, &names->capacity, names->n,
             sizeof *names->items);
    names->items[names->n++] = mem_strdup(name);
    return true;
}

static int
compare(const void *a, const void *b)
{
    return text_compare_fold(*(char *const *) a, *(char *const *) b);
}

bool
class_names_get(struct run *run, const char *base, struct class_names *names)
{
    struct cim_client *client = run_client(run);
    bool done;

    *names = (struct class_names) { NULL, 0, 0 };
    done = client && cim_client_class_names(client, base, keep, names,
                                            &run->error);
    if (names->n) {
        qsort(names->items, names->n, sizeof *names->items, compare);
    }
    return done;
}

void
class_names_free(struct class_names *names)
{
    for (size_t i = 0; i < names->n; i++) {
        free(names->items[i]);
    }
    free(names->items);
}
