/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Places, and how settings (SwitchName) and answers (SystemName) name them.
 */

#include <config.h>

#include "client/place.h"

#include <ctype.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "object/instance.h"
#include "schema/class.h"

static bool
take_name(const char *text, size_t length, char *out, struct error *error)
{
    bool good = length > 0 && length < XVS_NAME_SIZE;

    for (size_t i = 0; good && i < length; i++) {
        good = isalnum((unsigned char) text[i])
               || strchr("_-.", text[i]) != NULL;
    }
    if (!good) {
        error_set(error, ERROR_INVALID, "'%.*s' is no name", (int) length,
                  text);
        return error_hint(error, "letters, digits, '_', '-', '.', at most "
                          "%d", XVS_NAME_SIZE - 1);
    }
    memcpy(out, text, length);
    out[length] = '\0';
    return true;
}

bool
place_parse(const char *text, struct place *place, struct error *error)
{
    size_t length;

    memset(place, 0, sizeof *place);
    if (!text) {
        return true;
    }
    length = strcspn(text, "/");
    return take_name(text, length, place->switch_name, error)
           && (!text[length]
               || take_name(text + length + 1, strlen(text + length + 1),
                            place->port_name, error));
}

static bool
is_of_port(const struct cim_class *cls)
{
    return class_property(cls, "PortName") != NULL;
}

bool
place_fits(const struct place *place, const struct cim_class *cls, bool exact,
           struct error *error)
{
    if (*place->port_name && !is_of_port(cls)) {
        error_set(error, ERROR_INVALID, "%s is about switches, not ports",
                  cls->name);
        return error_hint(error, "name %s alone", place->switch_name);
    }
    if (exact && !*place->port_name && is_of_port(cls)) {
        error_set(error, ERROR_INVALID, "%s is about ports", cls->name);
        return error_hint(error, "name %s/PORT", place->switch_name);
    }
    return true;
}

void
place_assign(const struct place *place, struct instance *instance)
{
    if (*place->switch_name
        && class_property(instance->cls, "SwitchName")) {
        instance_set_string(instance, "SwitchName", place->switch_name);
    }
    if (*place->port_name && class_property(instance->cls, "PortName")) {
        instance_set_string(instance, "PortName", place->port_name);
    }
}

static const char *
switch_property(const struct cim_class *cls)
{
    return class_property(cls, "SwitchName") ? "SwitchName" : "SystemName";
}

static bool
has_text(const struct instance *instance, const char *property,
         const char *text)
{
    const char *have = *text && class_property(instance->cls, property)
        ? instance_text(instance, property) : NULL;

    return !*text || (have && strcmp(have, text) == 0);
}

bool
place_matches(const struct place *place, const struct instance *instance)
{
    return has_text(instance, switch_property(instance->cls),
                    place->switch_name)
           && has_text(instance, "PortName", place->port_name);
}

void
place_query(const struct place *place, const struct cim_class *cls,
            const char *const *names, size_t n, const char *where,
            struct buffer *out)
{
    const char *joint = " WHERE ";

    buffer_puts(out, "SELECT ");
    for (size_t i = 0; i < n; i++) {
        buffer_printf(out, "%s%s", i ? ", " : "", names[i]);
    }
    buffer_printf(out, "%s FROM %s", n ? "" : "*", cls->name);
    if (*place->switch_name) {
        buffer_printf(out, "%s%s = '%s'", joint, switch_property(cls),
                      place->switch_name);
        joint = " AND ";
    }
    if (*place->port_name) {
        buffer_printf(out, "%sPortName = '%s'", joint, place->port_name);
        joint = " AND ";
    }
    if (where) {
        buffer_printf(out, "%s(%s)", joint, where);
    }
}
