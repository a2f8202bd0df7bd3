/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Classes and objects from MOF text.  What the tests are given compiles; when
 * it does not, there is nothing to test.
 */

#include <config.h>

#include "marshal-schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "marshal/layout.h"
#include "object/forms.h"
#include "object/instance.h"

static _Noreturn void
give_up(const char *what, const struct error *error)
{
    char text[1024];

    fprintf(stderr, "%s: %s\n", what,
            error_format(error, text, sizeof text));
    exit(99);
}

void
test_schema_open(struct test_schema *schema, const char *mof)
{
    struct schema_options options = {
        .no_files = true,
        .lookup = test_lookup,
        .arg = schema,
    };
    struct error_list errors = { 0 };

    memset(schema, 0, sizeof *schema);
    if (!mof_compile("test.mof", mof, strlen(mof), &options, &schema->unit,
                     &errors)
        || !schema_resolve(&schema->unit, &options, &errors)) {
        give_up("test schema", &errors.items[0]);
    }
    error_list_clear(&errors);
}

void
test_schema_close(struct test_schema *schema)
{
    schema_unit_clear(&schema->unit);
}

struct cim_class *
test_lookup(void *arg, const char *name)
{
    struct test_schema *schema = arg;

    for (size_t i = 0; i < schema->unit.n_classes; i++) {
        struct cim_class *cls = schema->unit.classes[i];

        if (cls->is_resolved && text_equal_fold(cls->name, name)) {
            return cls;
        }
    }
    return prelude_lookup(name);
}

struct cim_class *
test_class(struct test_schema *schema, const char *name,
           const struct layout **layout)
{
    struct cim_class *cls = test_lookup(schema, name);
    struct error error = { 0 };

    if (!cls) {
        give_up(name, &error);
    }
    *layout = layout_of_class(cls, test_lookup, schema, &error);
    if (!*layout) {
        give_up(name, &error);
    }
    return cls;
}

struct instance *
test_instance(struct test_schema *schema, const char *mof)
{
    struct instance **instances = NULL;
    struct instance *instance;
    struct error error = { 0 };
    size_t n = 0;

    if (!instances_read("test", mof, strlen(mof), NULL, test_lookup, schema,
                        &instances, &n, &error)
        || n != 1) {
        give_up(mof, &error);
    }
    instance = instances[0];
    free(instances);
    return instance;
}
