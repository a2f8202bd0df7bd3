/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The built-in classes and qualifiers.  The text is mof/xvs_qualifiers.mof
 * and mof/xvs_core.mof, put into the program when it is built; it is
 * compiled at first use and kept for the life of the process.  An error in
 * it is a mistake of ours and ends the process.
 */

#include <config.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/map.h"
#include "schema/compile.h"
#include "schema/prelude-text.h"

static struct {
    pthread_once_t once;
    struct schema_unit unit;
    struct map *classes;
    struct map *qualifiers;
} prelude = { .once = PTHREAD_ONCE_INIT };

_Noreturn static void
broken(const struct error_list *errors)
{
    char text[1024];

    for (size_t i = 0; i < errors->n; i++) {
        fprintf(stderr, "%s\n",
                error_format(&errors->items[i], text, sizeof(text)));
    }
    abort();
}

static struct cim_class *
no_class(void *arg, const char *name)
{
    (void) arg;
    (void) name;
    return NULL;
}

static void
compile(void)
{
    static const struct schema_options options = {
        .no_files = true, .strict = true, .lookup = no_class,
        .is_prelude = true,
    };
    struct schema_unit *unit = &prelude.unit;
    struct error_list errors = { 0 };

    if (!mof_compile("xvs_qualifiers.mof", prelude_qualifiers_text,
                     prelude_qualifiers_size, &options, unit, &errors)
        || !mof_compile("xvs_core.mof", prelude_core_text, prelude_core_size,
                        &options, unit, &errors)
        || !schema_resolve(unit, &options, &errors)) {
        broken(&errors);
    }
    error_list_clear(&errors);
    prelude.classes = map_create(true);
    prelude.qualifiers = map_create(true);
    for (size_t i = 0; i < unit->n_classes; i++) {
        map_put(prelude.classes, unit->classes[i]->name, unit->classes[i]);
    }
    for (size_t i = 0; i < unit->n_qualifier_types; i++) {
        map_put(prelude.qualifiers, unit->qualifier_types[i].name,
                &unit->qualifier_types[i]);
    }
}

struct cim_class *
prelude_lookup(const char *name)
{
    pthread_once(&prelude.once, compile);
    return map_get(prelude.classes, name);
}

size_t
prelude_classes(struct cim_class ***classes)
{
    pthread_once(&prelude.once, compile);
    *classes = prelude.unit.classes;
    return prelude.unit.n_classes;
}

const struct qualifier_type *
prelude_qualifier(const char *name)
{
    pthread_once(&prelude.once, compile);
    return map_get(prelude.qualifiers, name);
}

size_t
prelude_qualifiers(const struct qualifier_type **types)
{
    pthread_once(&prelude.once, compile);
    *types = prelude.unit.qualifier_types;
    return prelude.unit.n_qualifier_types;
}

const char *
prelude_text(size_t *size)
{
    *size = prelude_core_size;
    return prelude_core_text;
}
