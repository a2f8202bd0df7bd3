/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What a change must satisfy beyond what the compiler checks in one text:
 * the rules that hold between schemas.
 */

#include <config.h>

#include "schema/repository/stage.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/map.h"
#include "base/memory.h"
#include "base/text.h"
#include "schema/feature.h"
#include "schema/repository/world.h"

/* "\\.\root\x\" as "root/x" (heap). */
static char *
plain_namespace(const char *text)
{
    char *plain;
    size_t n;

    while (*text == '/' || *text == '\\' || *text == '.') {
        text++;
    }
    plain = mem_strdup(text);
    n = strlen(plain);
    for (size_t i = 0; i < n; i++) {
        if (plain[i] == '\\') {
            plain[i] = '/';
        }
    }
    while (n && plain[n - 1] == '/') {
        plain[--n] = '\0';
    }
    return plain;
}

static bool
is_ours(const char *name_space)
{
    static const char *const ours[] = { "root/xvs", "root/virtualization/v2",
                                        "root/cimv2", "root/interop",
                                        "interop" };
    MEM_AUTO char *plain = plain_namespace(name_space);

    for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++) {
        if (text_equal_fold(plain, ours[i])) {
            return true;
        }
    }
    return false;
}

bool
stage_check_namespaces(struct stage *stage)
{
    bool ok = true;

    for (size_t i = 0; i < stage->n_incoming; i++) {
        const struct schema *schema = stage->incoming[i];
        struct error error;

        if (!schema->unit.name_space || is_ours(schema->unit.name_space)) {
            continue;
        }
        error_set(&error, ERROR_NO_NAMESPACE,
                  "schema %s: #pragma namespace(\"%.100s\") is not a "
                  "namespace of this host", schema->name,
                  schema->unit.name_space);
        error_hint(&error, "use root/xvs, root/virtualization/v2, "
                           "root/cimv2 or root/interop, or no pragma");
        ok = stage_error(stage, NULL, &error);
    }
    return ok;
}

/* A class that no schema will have. */
static bool
vanishes(const struct stage *stage, const char *name)
{
    return name && map_get(stage->touched, name)
           && !map_get(stage->homes, name);
}

/* The vanishing class that 'cls' uses, or NULL. */
static const char *
vanishing_use(const struct stage *stage, const struct cim_class *cls)
{
    if (vanishes(stage, cls->super_name)) {
        return cls->super_name;
    }
    for (uint32_t i = 0; i < cls->n_properties; i++) {
        if (vanishes(stage, cls->properties[i].class_name)) {
            return cls->properties[i].class_name;
        }
    }
    for (uint32_t i = 0; i < cls->n_methods; i++) {
        const struct method *method = &cls->methods[i];

        if (vanishes(stage, method->class_name)) {
            return method->class_name;
        }
        for (uint32_t j = 0; j < method->n_parameters; j++) {
            if (vanishes(stage, method->parameters[j].class_name)) {
                return method->parameters[j].class_name;
            }
        }
    }
    return NULL;
}

bool
stage_check_uses(struct stage *stage)
{
    const struct world *old = stage->old;
    bool ok = true;

    for (size_t i = 0; i < old->n_ordered; i++) {
        const struct cim_class *cls = old->ordered[i];
        const struct schema *owner = map_get(old->owners, cls->name);
        const char *used;
        struct error error;

        if (stage_changes(stage, owner->name)) {
            continue;
        }
        used = vanishing_use(stage, cls);
        if (!used) {
            continue;
        }
        error_set(&error, ERROR_IN_USE,
                  "class %s is used by class %s of schema %s", used,
                  cls->name, owner->name);
        error_hint(&error, "unregister schema %s first", owner->name);
        ok = stage_error(stage, cls, &error);
    }
    return ok;
}

/* The class has what the built-in one has that it takes the place of. */
static bool
is_compatible(const struct cim_class *builtin, const struct cim_class *cls,
              struct error *error)
{
    for (uint32_t i = 0; i < builtin->n_properties; i++) {
        const struct property *ours = &builtin->properties[i];
        const struct property *theirs = class_property(cls, ours->name);

        if (!theirs || theirs->type != ours->type
            || theirs->is_array != ours->is_array
            || theirs->is_key != ours->is_key) {
            error_set(error, ERROR_EXISTS,
                      "class %s is built in, and this declaration has no "
                      "%s%s %s%s", cls->name, ours->is_key ? "[Key] " : "",
                      cim_type_name(ours->type), ours->name,
                      ours->is_array ? "[]" : "");
            return error_hint(error, "declare all properties of the built-in "
                                     "class, or give the class another name");
        }
    }
    return true;
}

static bool
check_class(struct stage *stage, const struct cim_class *cls)
{
    const struct schema *home = map_get(stage->homes, cls->name);
    struct cim_class *builtin = prelude_lookup(cls->name);
    struct error_list list = { 0 };
    struct error error;
    bool is_new = false;
    bool ok;

    for (size_t i = 0; i < stage->n_incoming; i++) {
        is_new = is_new || stage->incoming[i] == home;
    }
    if (cls->is_builtin) {
        return !is_new || !builtin || is_compatible(builtin, cls, &error)
               || stage_error(stage, cls, &error);
    }
    ok = schema_check_class(cls, false, &list);
    for (size_t i = 0; i < list.n; i++) {
        if (is_new || list.items[i].severity == SEVERITY_ERROR) {
            error_list_add(stage->errors, &list.items[i]);
        }
    }
    error_list_clear(&list);
    return ok;
}

bool
stage_check_classes(struct stage *stage)
{
    bool ok = true;

    for (size_t i = 0; i < stage->unit->n_classes; i++) {
        ok = check_class(stage, stage->unit->classes[i]) && ok;
    }
    return ok;
}

bool
stage_check_identities(struct stage *stage)
{
    struct cim_class *first, *second;
    struct feature feature;
    char guid[GUID_TEXT_SIZE];
    struct error error;

    if (!world_twins(stage->next, &first, &second)) {
        return true;
    }
    feature_of_class(first, &feature, NULL);
    error_set(&error, ERROR_EXISTS,
              "classes %s (%s) and %s (%s) have one UUID, %s", first->name,
              first->file, second->name, second->file,
              guid_format(&feature.uuid, guid));
    error_hint(&error, "every class needs a UUID of its own (uuidgen)");
    return stage_error(stage, second, &error);
}
