/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See subject.h.
 */

#include <config.h>

#include "subject.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/map.h"
#include "base/memory.h"
#include "marshal/layout.h"

struct cim_class *
subject_class(void *subject, const char *name)
{
    struct map *classes = ((struct subject *) subject)->classes;
    struct cim_class *cls = map_get(classes, name);

    return cls ? cls : prelude_lookup(name);
}

static const struct qualifier_type *
look_up_qualifier(void *arg, const char *name)
{
    const struct subject *subject = arg;

    for (size_t i = 0; i < subject->n_units; i++) {
        const struct schema_unit *unit = &subject->units[i];

        for (size_t j = 0; j < unit->n_qualifier_types; j++) {
            if (strcasecmp(unit->qualifier_types[j].name, name) == 0) {
                return &unit->qualifier_types[j];
            }
        }
    }
    return prelude_qualifier(name);
}

/* A class of the schema; false with an error when it is no good. */
static bool
take_class(struct subject *subject, struct cim_class *cls,
           struct error *error)
{
    struct subject_feature *feature =
        &subject->features[subject->n_features];
    struct error_list errors = { 0 };
    bool good = schema_check_class(cls, false, &errors);

    for (size_t i = 0; !good && i < errors.n; i++) {
        if (errors.items[i].severity == SEVERITY_ERROR) {
            *error = errors.items[i];
            break;
        }
    }
    error_list_clear(&errors);
    if (!good) {
        return false;
    }
    map_put(subject->classes, cls->name, class_ref(cls));
    *error = (struct error) { 0 };
    if (cls->is_abstract
        || !feature_of_class(cls, &feature->feature, error)) {
        return error->code == ERROR_NONE;
    }
    if (subject->n_features + 1 == SUBJECT_FEATURES) {
        return error_set(error, ERROR_LIMIT, "%s: more than %d classes of"
                         " settings and status", cls->file,
                         SUBJECT_FEATURES - 1);
    }
    feature->cls = cls;
    feature->layout = layout_of_class(cls, subject_class, subject, error);
    subject->n_features += feature->layout != NULL;
    return feature->layout != NULL;
}

static bool
read_schema(struct subject *subject, const char *path,
            const char *const *include_dirs, size_t n_include_dirs,
            struct error *error)
{
    struct schema_options options = {
        .include_dirs = include_dirs, .n_include_dirs = n_include_dirs,
        .lookup = subject_class, .lookup_qualifier = look_up_qualifier,
        .arg = subject };
    struct schema_unit *unit = &subject->units[subject->n_units];
    struct error_list errors = { 0 };
    bool good = schema_compile_file(path, &options, unit, &errors)
        && schema_resolve(unit, &options, &errors);

    subject->n_units++;
    for (size_t i = 0; !good && i < errors.n; i++) {
        if (errors.items[i].severity == SEVERITY_ERROR) {
            *error = errors.items[i];
            break;
        }
    }
    error_list_clear(&errors);
    for (size_t i = 0; good && i < unit->n_classes; i++) {
        good = take_class(subject, unit->classes[i], error);
    }
    return good;
}

static bool
find_plugin(struct subject *subject, const char *plugin, struct error *error)
{
    char path[PATH_MAX], *slash;

    if (!realpath(plugin, path)) {
        return error_set_errno(error, errno, "%s", plugin);
    }
    slash = strrchr(path, '/');
    if (strlen(slash + 1) >= sizeof subject->file) {
        return error_set(error, ERROR_LIMIT, "%s: its name is too long",
                         plugin);
    }
    memcpy(subject->path, path, strlen(path) + 1);
    snprintf(subject->file, sizeof subject->file, "%s", slash + 1);
    *slash = 0;
    snprintf(subject->folder, sizeof subject->folder, "%s",
             path[0] ? path : "/");
    return true;
}

bool
subject_open(struct subject *subject, const char *plugin,
             char *const *schemas, int n, const char *const *include_dirs,
             size_t n_include_dirs, struct error *error)
{
    memset(subject, 0, sizeof *subject);
    subject->classes = map_create(true);
    subject->units = mem_array((size_t) n + 1, sizeof *subject->units);
    if (!find_plugin(subject, plugin, error)) {
        return false;
    }
    for (int i = 0; i < n; i++) {
        if (!read_schema(subject, schemas[i], include_dirs, n_include_dirs,
                         error)) {
            return false;
        }
    }
    return true;
}

static void
release(void *cls)
{
    class_unref(cls);
}

void
subject_close(struct subject *subject)
{
    map_destroy(subject->classes, release);
    for (size_t i = 0; i < subject->n_units; i++) {
        schema_unit_clear(&subject->units[i]);
    }
    free(subject->units);
}
