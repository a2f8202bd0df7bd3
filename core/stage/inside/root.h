/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_STAGE_INSIDE_ROOT_H
#define XVS_STAGE_INSIDE_ROOT_H

/*
 * A root folder that has nothing but what loading a plugin needs, read-only:
 * the plugin's folder and those of the system's libraries.
 */

#include <stdbool.h>

/* Folders of the system's libraries; ends with NULL. */
extern const char *const root_libraries[];

/* In a mount namespace of our own. */
bool root_change(const char *folder);

#endif
