/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SERVICE_CONFIG_TEXT_H
#define XVS_SERVICE_CONFIG_TEXT_H

/*
 * Objects as libconfig text and back, with no value changed on the way
 * (doc/formats.md, "State files").
 */

#include <stdbool.h>
#include <stdint.h>
#include <libconfig.h>
#include "object/instance.h"

struct buffer;
struct error;

/* A class by its name, or NULL. */
typedef struct cim_class *(*config_class)(void *arg, const char *name);

/* True when the property is not to be written. */
typedef bool (*config_skip)(const char *property);

/* Appends "  name = \"text\";" with the escapes that libconfig knows. */
void config_put_string(struct buffer *out, const char *name,
                       const char *text);
void config_put_number(struct buffer *out, const char *name, uint64_t number);
/* Appends "  values = { ... };", one line per property that has a value, and
 * at the end, if there are any, those that are Secret as "  secrets = ...". */
#define CONFIG_SECRETS "  secrets = {\n"
void config_put_values(struct buffer *out, const struct instance *instance,
                       config_skip skip);

/* Parses the text of an entry; the caller destroys '*config' in any case. */
bool config_parse(const char *text, config_t *config, struct error *error);
/* Members of a group; the error names the one that is missing. */
bool config_get_string(const config_setting_t *group, const char *name,
                       const char **text, struct error *error);
bool config_get_number(const config_setting_t *group, const char *name,
                       uint64_t max, uint64_t *number, struct error *error);
/*
 * Reads what config_put_values() wrote into an object that has its class's
 * defaults.  'same': the class is that of the writer, so what is absent is
 * NULL; else it keeps its default.  A property that the class no longer has
 * is an error.
 */
bool config_get_values(const config_setting_t *group,
                       struct instance *instance, bool same,
                       config_skip skip, config_class lookup, void *arg,
                       struct error *error);

#endif
