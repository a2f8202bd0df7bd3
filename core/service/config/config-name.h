/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SERVICE_CONFIG_NAME_H
#define XVS_SERVICE_CONFIG_NAME_H

/*
 * Names of properties as names that libconfig allows: a character that it
 * does not allow is '*' and two hex digits.  Shared by writer and reader.
 */

#include <stdbool.h>

#define CONFIG_NAME_SIZE 512

/* False when the name is too long. */
bool config_name_escape(const char *name, char out[CONFIG_NAME_SIZE]);
bool config_name_unescape(const char *name, char out[CONFIG_NAME_SIZE]);

#endif
