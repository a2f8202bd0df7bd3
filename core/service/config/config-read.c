/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Reading objects from libconfig text.  The text may come from a stranger
 * (an import), so every type and range is checked.
 */

#include <config.h>

#include <float.h>
#include <limits.h>
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "service/config/config-name.h"
#include "service/config/config-text.h"

/* What reading needs at every depth. */
struct config_reader {
    config_class lookup;
    void *arg;
    struct error *error;
};

static bool get_value(const struct config_reader *reader,
                      const config_setting_t *setting, enum cim_type type,
                      bool is_array, struct value *value);

static bool
wrong(const struct config_reader *reader, const config_setting_t *setting,
      const char *expected)
{
    const char *name = config_setting_name(setting);

    error_set(reader->error, ERROR_TYPE, "line %u: %s%s%s expected",
              config_setting_source_line(setting), name ? name : "",
              name ? ": " : "", expected);
    return false;
}

static bool
is_integer(const config_setting_t *setting)
{
    int type = config_setting_type(setting);

    return type == CONFIG_TYPE_INT || type == CONFIG_TYPE_INT64;
}

static bool
get_integer(const struct config_reader *reader,
            const config_setting_t *setting, enum cim_type type,
            struct value *value)
{
    int64_t low;
    uint64_t high;
    long long number;

    if (!is_integer(setting)) {
        return wrong(reader, setting, "an integer is");
    }
    number = config_setting_get_int64(setting);
    if (type == CIM_CHAR16) {
        low = 0;
        high = UINT16_MAX;
    } else {
        cim_type_range(type, &low, &high);
    }
    if (cim_type_is_signed(type)) {
        if (number < low || number > (int64_t) high) {
            return wrong(reader, setting, "a smaller integer is");
        }
        *value = value_i64(type, number);
        return true;
    }
    if ((uint64_t) number > high) {
        return wrong(reader, setting, "an integer of that type is");
    }
    *value = value_u64(type, (uint64_t) number);
    return true;
}

static bool
get_real(const struct config_reader *reader, const config_setting_t *setting,
         enum cim_type type, struct value *value)
{
    const char *text = config_setting_get_string(setting);

    memset(value, 0, sizeof *value);
    value->type = type;
    if (config_setting_type(setting) == CONFIG_TYPE_FLOAT) {
        value->r = config_setting_get_float(setting);
    } else if (is_integer(setting)) {
        value->r = (double) config_setting_get_int64(setting);
    } else if (text && strcmp(text, "nan") == 0) {
        value->r = NAN;
    } else if (text && strcmp(text, "inf") == 0) {
        value->r = INFINITY;
    } else if (text && strcmp(text, "-inf") == 0) {
        value->r = -INFINITY;
    } else {
        return wrong(reader, setting, "a number is");
    }
    if (type == CIM_REAL32 && isfinite(value->r)
        && fabs(value->r) > (double) FLT_MAX) {
        return wrong(reader, setting, "a smaller number is");
    }
    return true;
}

static bool
get_text(const struct config_reader *reader, const config_setting_t *setting,
         enum cim_type type, struct value *value)
{
    const char *text = config_setting_get_string(setting);

    if (!text || !text_is_utf8(text, strlen(text))) {
        return wrong(reader, setting, "text in UTF-8 is");
    }
    if (type == CIM_DATETIME) {
        return value_parse(value, type, text, reader->error);
    }
    *value = value_string(text);
    value->type = type;
    return true;
}

static bool
get_members(const struct config_reader *reader,
            const config_setting_t *group, struct instance *instance,
            config_skip skip)
{
    int n = group ? config_setting_length(group) : 0;

    if (group && !config_setting_is_group(group)) {
        return wrong(reader, group, "a group is");
    }
    for (int i = 0; i < n; i++) {
        config_setting_t *member = config_setting_get_elem(group,
                                                           (unsigned int) i);
        char name[CONFIG_NAME_SIZE];
        const struct property *property = NULL;
        int at = -1;

        if (config_name_unescape(config_setting_name(member), name)) {
            at = class_property_index(instance->cls, name);
        }
        if (at < 0) {
            return error_set(reader->error, ERROR_NO_PROPERTY,
                             "line %u: %s has no property %s",
                             config_setting_source_line(member),
                             instance->cls->name,
                             config_setting_name(member));
        }
        if (skip && skip(name)) {
            continue;
        }
        property = &instance->cls->properties[at];
        value_clear(&instance->values[at]);
        if (!get_value(reader, member, property->type, property->is_array,
                       &instance->values[at])) {
            instance->values[at] = value_null(property->type,
                                              property->is_array);
            return false;
        }
    }
    return true;
}

static void
clear_values(struct instance *instance, config_skip skip)
{
    for (uint32_t i = 0; i < instance->n; i++) {
        const struct property *property = &instance->cls->properties[i];

        if (!skip || !skip(property->name)) {
            value_clear(&instance->values[i]);
            instance->values[i] = value_null(property->type,
                                             property->is_array);
        }
    }
}

static bool
get_object(const struct config_reader *reader,
           const config_setting_t *setting, enum cim_type type,
           struct value *value)
{
    const char *class_name;
    struct cim_class *cls;
    struct instance *object;

    if (!config_setting_is_group(setting)
        || !config_setting_lookup_string(setting, "class", &class_name)) {
        return wrong(reader, setting, "an object with its class is");
    }
    cls = reader->lookup ? reader->lookup(reader->arg, class_name) : NULL;
    if (!cls) {
        return error_set(reader->error, ERROR_NO_CLASS,
                         "line %u: there is no class %s",
                         config_setting_source_line(setting), class_name);
    }
    object = instance_create(cls);
    clear_values(object, NULL);
    if (!get_members(reader, config_setting_get_member(setting, "values"),
                     object, NULL)) {
        instance_destroy(object);
        return false;
    }
    memset(value, 0, sizeof *value);
    value->type = type;
    value->object = object;
    return true;
}

static bool
get_list(const struct config_reader *reader, const config_setting_t *setting,
         enum cim_type type, struct value *value)
{
    int n;

    if (!config_setting_is_list(setting)
        && !config_setting_is_array(setting)) {
        return wrong(reader, setting, "a list is");
    }
    n = config_setting_length(setting);
    *value = value_array(type, (uint32_t) n);
    for (int i = 0; i < n; i++) {
        config_setting_t *item = config_setting_get_elem(setting,
                                                         (unsigned int) i);

        if (!get_value(reader, item, type, false, &value->items[i])) {
            value->items[i] = value_null(type, false);
            value_clear(value);
            return false;
        }
    }
    return true;
}

static bool
get_value(const struct config_reader *reader,
          const config_setting_t *setting, enum cim_type type, bool is_array,
          struct value *value)
{
    if (is_array) {
        return get_list(reader, setting, type, value);
    }
    if (config_setting_is_group(setting)
        && config_setting_length(setting) == 0) {
        *value = value_null(type, false);
        return true;
    }
    switch (type) {
    case CIM_BOOLEAN:
        if (config_setting_type(setting) != CONFIG_TYPE_BOOL) {
            return wrong(reader, setting, "true or false is");
        }
        *value = value_boolean(config_setting_get_bool(setting));
        return true;
    case CIM_REAL32: case CIM_REAL64:
        return get_real(reader, setting, type, value);
    case CIM_STRING: case CIM_REFERENCE: case CIM_DATETIME:
        return get_text(reader, setting, type, value);
    case CIM_EMBEDDED: case CIM_OBJECT:
        return get_object(reader, setting, type, value);
    default:
        return get_integer(reader, setting, type, value);
    }
}

bool
config_get_values(const config_setting_t *group, struct instance *instance,
                  bool same, config_skip skip, config_class lookup,
                  void *arg, struct error *error)
{
    struct config_reader reader = { lookup, arg, error };

    if (same) {
        clear_values(instance, skip);
    }
    return get_members(&reader, config_setting_get_member(group, "values"),
                       instance, skip)
        && get_members(&reader, config_setting_get_member(group, "secrets"),
                       instance, skip);
}

/*
 * libconfig would read another file at the start of any line.  Our own
 * writer never begins a line so, because it escapes newlines in strings.
 */
static bool
includes(const char *text)
{
    const char *at = text;

    while ((at = strstr(at, "@include")) != NULL) {
        const char *before = at;

        while (before > text && strchr(" \t\r\v\f", before[-1])) {
            before--;
        }
        if (before == text || before[-1] == '\n') {
            return true;
        }
        at++;
    }
    return false;
}

bool
config_parse(const char *text, config_t *config, struct error *error)
{
    config_init(config);
    if (includes(text)) {
        return error_set(error, ERROR_INVALID, "the text includes another "
                         "file, which is not allowed");
    }
    if (!config_read_string(config, text)) {
        return error_set(error, ERROR_SYNTAX, "line %d: %s",
                         config_error_line(config),
                         config_error_text(config));
    }
    return true;
}

bool
config_get_string(const config_setting_t *group, const char *name,
                  const char **text, struct error *error)
{
    if (!config_setting_lookup_string(group, name, text)) {
        return error_set(error, ERROR_SYNTAX, "'%s' is missing or no text",
                         name);
    }
    return true;
}

bool
config_get_number(const config_setting_t *group, const char *name,
                  uint64_t max, uint64_t *number, struct error *error)
{
    const config_setting_t *member = config_setting_get_member(group, name);

    if (!member || !is_integer(member)) {
        return error_set(error, ERROR_SYNTAX, "'%s' is missing or no number",
                         name);
    }
    *number = (uint64_t) config_setting_get_int64(member);
    if (*number > max) {
        return error_set(error, ERROR_INVALID, "'%s' is out of range", name);
    }
    return true;
}
