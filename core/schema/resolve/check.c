/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What a class must satisfy before it is registered, beyond being MOF:
 * doc/formats.md, "Features".  Rules about single values are in
 * check-value.c; that a UUID is unique is known to the repository only.
 */

#include <config.h>

#include "schema/resolve/check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "schema/feature.h"

bool
check_report(struct check *check, enum error_severity severity,
             const struct property *property, const char *format, ...)
{
    const struct cim_class *cls = check->cls;
    struct error error;
    char text[sizeof(error.text)];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (property) {
        error_set(&error, ERROR_INVALID, "property %s of class %s: %s",
                  property->name, cls->name, text);
    } else {
        error_set(&error, ERROR_INVALID, "class %s: %s", cls->name, text);
    }
    error_at(&error, cls->file ? cls->file : "",
             property ? property->line : cls->line,
             property ? property->column : cls->column);
    error.severity = check->strict ? SEVERITY_ERROR : severity;
    return error_list_add(check->errors, &error);
}

#define fault(check, property, ...) \
    check_report(check, SEVERITY_ERROR, property, __VA_ARGS__)
#define warning(check, property, ...) \
    check_report(check, SEVERITY_WARNING, property, __VA_ARGS__)

/* An error in a feature only: classes of WMI's drivers do otherwise. */
#define advice(check, property, ...) \
    check_report(check, (check)->is_feature ? SEVERITY_ERROR \
                                            : SEVERITY_WARNING, \
                 property, __VA_ARGS__)

/* Ids are 1..n, each once, or there are none. */
static void
check_ids(struct check *check, const uint32_t *indexes, uint32_t n)
{
    const struct property *properties = check->cls->properties;
    uint32_t n_with = 0;

    for (uint32_t i = 0; i < n; i++) {
        n_with += properties[indexes[i]].data_id != 0;
    }
    if (n_with == 0) {
        return;
    }
    /* They are in the order of their ids; those without come first. */
    for (uint32_t i = 0; i < n; i++) {
        const struct property *property = &properties[indexes[i]];
        const struct property *before = i ? &properties[indexes[i - 1]]
                                          : NULL;
        uint32_t id = property->data_id;

        if (id == 0) {
            advice(check, property, "it has no WmiDataId, but others have");
        } else if (before && before->data_id == id) {
            fault(check, property, "WmiDataId(%u) belongs to %s already", id,
                  before->name);
        } else if (n_with == n && id != i + 1
                   && (!before || id != before->data_id + 1)) {
            fault(check, property, "WmiDataId(%u) leaves a gap: %u is "
                  "expected next", id, before ? before->data_id + 1 : 1);
        }
    }
}

static bool
is_written(const struct property *property)
{
    return qualifier_true(property_qualifier(property, "Write"));
}

static bool
is_read(const struct property *property)
{
    return qualifier_true(property_qualifier(property, "Read"));
}

static void
check_status(struct check *check, const uint32_t *indexes, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        const struct property *property =
            &check->cls->properties[indexes[i]];

        if (is_written(property)) {
            fault(check, property,
                  "a status class has no property with Write");
        }
        if (property->grant) {
            fault(check, property, "a status class has no property with "
                  "Grant: nobody could set it");
        }
        if (property->is_secret) {
            fault(check, property, "a status class has no property with "
                  "Secret: nobody could ever read it");
        }
    }
}

/*
 * A class of answers that is derived from a base for settings would be asked
 * to store what nobody can write.  It gives itself away by its name, or by
 * properties that are all for reading only.
 */
static void
check_setting(struct check *check, const uint32_t *indexes, uint32_t n)
{
    const struct cim_class *cls = check->cls;
    size_t length = strlen(cls->name);
    bool all_read = n > 0;

    for (uint32_t i = 0; i < n; i++) {
        const struct property *property = &cls->properties[indexes[i]];

        all_read &= is_read(property) && !is_written(property);
    }
    if (all_read
        || (length > 6 && text_equal_fold(cls->name + length - 6,
                                          "Status"))) {
        fault(check, NULL, "a status class cannot be derived from a base "
              "for settings (%s); derive it from "
              "XVS_SwitchFeatureStatus or XVS_PortFeatureStatus",
              cls->super_name);
    }
}

/* "1" is for ports, "2" for switches: it must be what the base says. */
static void
check_applicability(struct check *check, const struct feature *feature)
{
    const struct qualifier *qualifier = class_qualifier(check->cls,
                                                        "Applicability");
    const char *text = qualifier_text(qualifier);
    const char *wanted = feature->scope == XVS_SCOPE_PORT ? "1" : "2";

    if (qualifier && (!text || strcmp(text, wanted) != 0)) {
        fault(check, NULL, "Applicability(\"%.20s\") contradicts its base, "
              "which is for a %s: \"%s\" is expected", text ? text : "",
              feature->scope == XVS_SCOPE_PORT ? "port" : "switch", wanted);
    }
}

static void
check_methods(struct check *check)
{
    const struct cim_class *cls = check->cls;

    for (uint32_t i = 0; i < cls->n_methods; i++) {
        const struct method *method = &cls->methods[i];

        for (uint32_t j = 0; j < method->n_parameters; j++) {
            const struct parameter *parameter = &method->parameters[j];

            if (!method->propagated
                && (parameter->is_array || parameter->type == CIM_EMBEDDED
                    || parameter->type == CIM_OBJECT)) {
                warning(check, NULL, "parameter %s of method %s: an "
                        "extension cannot be called with arrays or embedded "
                        "objects", parameter->name, method->name);
            }
        }
    }
}

static void
check_feature(struct check *check, const struct feature *feature,
              const uint32_t *indexes, uint32_t n)
{
    const struct cim_class *cls = check->cls;

    if (!class_qualifier(cls, "DisplayName")) {
        warning(check, NULL, "it has no DisplayName; people will see %s",
                cls->name);
    }
    check_applicability(check, feature);
    if (feature->kind == FEATURE_STATUS) {
        check_status(check, indexes, n);
    } else {
        check_setting(check, indexes, n);
    }
    check_methods(check);
}

static void
check_name(struct check *check)
{
    const char *name = check->cls->name;
    const char *underscore = strchr(name, '_');

    if (!underscore || underscore == name || !underscore[1]) {
        advice(check, NULL, "its name has no vendor prefix: Vendor_%s is "
               "expected", name);
    }
}

bool
schema_check_class(const struct cim_class *cls, bool strict,
                   struct error_list *errors)
{
    struct check check = { .cls = cls, .strict = strict, .errors = errors };
    MEM_AUTO uint32_t *indexes = mem_array((size_t) cls->n_properties + 1,
                                           sizeof(*indexes));
    size_t errors_before = errors->n_errors;
    uint32_t n = class_serialized(cls, indexes);
    struct feature feature;
    struct error error;
    bool is_whole = feature_of_class(cls, &feature, &error);

    check.is_feature = feature.kind != FEATURE_NONE;
    check_name(&check);
    check_ids(&check, indexes, n);
    if (check.is_feature) {
        if (!is_whole) {
            error_list_add(errors, &error);
        }
        check_feature(&check, &feature, indexes, n);
    }
    for (uint32_t i = 0; i < cls->n_properties; i++) {
        if (!cls->properties[i].propagated) {
            check_values(&check, &cls->properties[i]);
        }
    }
    return errors->n_errors == errors_before;
}
