/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The built-in classes and qualifiers.  The text is mof/xvs_qualifiers.mof
 * and mof/xvs_core.mof, put into the program when it is built; each is
 * compiled at first use and kept for the life of the process.  A client that
 * reads classes from a server needs the qualifiers only.  An error in it is a
 * mistake of ours and ends the process.
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
    struct map *by_name;
} qualifiers = { .once = PTHREAD_ONCE_INIT },
  classes = { .once = PTHREAD_ONCE_INIT };

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

static const struct qualifier_type *
own_qualifier(void *arg, const char *name)
{
    (void) arg;
    return map_get(qualifiers.by_name, name);
}

static void
compile(const char *file, const char *text, size_t size,
        struct schema_unit *unit)
{
    static const struct schema_options options = {
        .no_files = true, .strict = true, .lookup = no_class,
        .lookup_qualifier = own_qualifier, .is_prelude = true,
    };
    struct error_list errors = { 0 };

    if (!mof_compile(file, text, size, &options, unit, &errors)
        || !schema_resolve(unit, &options, &errors)) {
        broken(&errors);
    }
    error_list_clear(&errors);
}

static void
compile_qualifiers(void)
{
    struct schema_unit *unit = &qualifiers.unit;

    qualifiers.by_name = map_create(true);
    compile("xvs_qualifiers.mof", prelude_qualifiers_text,
            prelude_qualifiers_size, unit);
    for (size_t i = 0; i < unit->n_qualifier_types; i++) {
        map_put(qualifiers.by_name, unit->qualifier_types[i].name,
                &unit->qualifier_types[i]);
    }
}

static void
compile_classes(void)
{
    struct schema_unit *unit = &classes.unit;

    pthread_once(&qualifiers.once, compile_qualifiers);
    classes.by_name = map_create(true);
    compile("xvs_core.mof", prelude_core_text, prelude_core_size, unit);
    for (size_t i = 0; i < unit->n_classes; i++) {
        map_put(classes.by_name, unit->classes[i]->name, unit->classes[i]);
    }
}

struct cim_class *
prelude_lookup(const char *name)
{
    pthread_once(&classes.once, compile_classes);
    return map_get(classes.by_name, name);
}

size_t
prelude_classes(struct cim_class ***all)
{
    pthread_once(&classes.once, compile_classes);
    *all = classes.unit.classes;
    return classes.unit.n_classes;
}

const struct qualifier_type *
prelude_qualifier(const char *name)
{
    pthread_once(&qualifiers.once, compile_qualifiers);
    return map_get(qualifiers.by_name, name);
}

size_t
prelude_qualifiers(const struct qualifier_type **types)
{
    pthread_once(&qualifiers.once, compile_qualifiers);
    *types = qualifiers.unit.qualifier_types;
    return qualifiers.unit.n_qualifier_types;
}

const char *
prelude_text(size_t *size)
{
    *size = prelude_core_size;
    return prelude_core_text;
}
