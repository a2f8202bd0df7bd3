/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A class is a feature when it derives from one of the four bases of
 * mof/xvs_core.mof and is not abstract; what its qualifiers must say is in
 * doc/formats.md, "Features".
 */

#include <config.h>

#include "schema/feature.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "schema/class.h"

static const struct {
    const char *base;
    enum feature_kind kind;
    enum xvs_scope scope;
} bases[] = {
    { "XVS_SwitchFeatureSettings", FEATURE_SETTING, XVS_SCOPE_SWITCH },
    { "XVS_PortFeatureSettings", FEATURE_SETTING, XVS_SCOPE_PORT },
    { "XVS_SwitchFeatureStatus", FEATURE_STATUS, XVS_SCOPE_SWITCH },
    { "XVS_PortFeatureStatus", FEATURE_STATUS, XVS_SCOPE_PORT },
};

static bool
find_kind(const struct cim_class *cls, struct feature *feature)
{
    if (cls->is_builtin || cls->is_abstract) {
        return false;
    }
    for (size_t i = 0; i < sizeof bases / sizeof bases[0]; i++) {
        if (class_is_a(cls, bases[i].base)) {
            feature->kind = bases[i].kind;
            feature->scope = bases[i].scope;
            return true;
        }
    }
    return false;
}

static bool
read_guid(const struct cim_class *cls, const char *name,
          struct xvs_guid *guid, struct error *error)
{
    const struct qualifier *qualifier = class_qualifier(cls, name);
    const char *text = qualifier_text(qualifier);

    if (!qualifier) {
        return error_set(error, ERROR_INVALID,
                         "class %s has no %s qualifier, which every feature "
                         "needs", cls->name, name);
    }
    if (!text || !guid_parse(text, guid) || guid_is_zero(guid)) {
        return error_set(error, ERROR_INVALID,
                         "%s(\"%.60s\") of class %s is not a GUID "
                         "(8-4-4-4-12 hexadecimal digits)", name,
                         text ? text : "", cls->name);
    }
    return true;
}

static bool
read_version(const struct cim_class *cls, const char *name,
             struct error *error)
{
    const struct qualifier *qualifier = class_qualifier(cls, name);
    const char *text = qualifier_text(qualifier);
    const struct value *value;
    uint64_t number = UINT64_MAX;

    if (!qualifier) {
        return error_set(error, ERROR_INVALID,
                         "class %s has no %s qualifier, which every feature "
                         "needs", cls->name, name);
    }
    value = &qualifier->value;
    if (text) {
        if (!text_to_u64(text, &number)) {
            number = UINT64_MAX;
        }
    } else if (cim_type_is_integer(value->type) && !value->is_array
               && !value->is_null) {
        number = value->u;
    }
    if (number > 255) {
        return error_set(error, ERROR_INVALID,
                         "%s of class %s is not a number from 0 to 255",
                         name, cls->name);
    }
    return true;
}

static bool
read_policy(const struct cim_class *cls, struct feature *feature,
            struct error *error)
{
    static const char *const names[] = { "block", "park", "drop" };
    const struct qualifier *qualifier = class_qualifier(cls,
                                                        "MigrationPolicy");
    const char *text = qualifier_text(qualifier);

    feature->on_absence = FEATURE_BLOCK;
    if (!qualifier) {
        return true;
    }
    for (unsigned int i = 0; text && i < 3; i++) {
        if (text_equal_fold(text, names[i])) {
            feature->on_absence = (enum feature_on_absence) i;
            return true;
        }
    }
    return error_set(error, ERROR_INVALID,
                     "MigrationPolicy(\"%.60s\") of class %s is not block, "
                     "park or drop", text ? text : "", cls->name);
}

bool
feature_of_class(const struct cim_class *cls, struct feature *feature,
                 struct error *error)
{
    const char *name;

    memset(feature, 0, sizeof *feature);
    if (error) {
        memset(error, 0, sizeof *error);
    }
    if (!find_kind(cls, feature)) {
        return false;
    }
    if (!read_guid(cls, "UUID", &feature->uuid, error)
        || !read_guid(cls, "ExtensionId", &feature->extension, error)
        || !read_version(cls, "InterfaceVersion", error)
        || !read_version(cls, "InterfaceRevision", error)
        || !read_policy(cls, feature, error)) {
        return error_at(error, cls->file, cls->line, cls->column);
    }
    name = qualifier_text(class_qualifier(cls, "DisplayName"));
    feature->version = class_version(cls);
    feature->singleton = qualifier_true(class_qualifier(cls, "Singleton"));
    feature->display_name = name ? name : cls->name;
    return true;
}
