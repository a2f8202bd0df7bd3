/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SERVICE_SCHEMA_WATCH_H
#define XVS_SERVICE_SCHEMA_WATCH_H

/*
 * Settings and the schema repository: a class with settings in force cannot
 * go, and a class that is replaced takes its settings along.
 */

struct service;

/* Makes the service the repository's guard and watcher. */
void schema_watch(struct service *service);

#endif
