/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SERVICE_SETTING_JUDGE_H
#define XVS_SERVICE_SETTING_JUDGE_H

/*
 * Is a setting allowed?  Judged by its class, by where it is to go, and by
 * whether anybody is there to take it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "service/change/change.h"
#include "service/state.h"

struct error;
struct map;

/* One setting of a change. */
struct item {
    struct setting setting;     /* as it will be, without its object */
    struct instance *instance;  /* the new object, owned; NULL: delete */
    struct setting *old;        /* the one that exists, or NULL */
    uint32_t op;                /* enum xvs_setting_op */
    bool send;                  /* the extension has to be asked */
    char id[INSTANCE_ID_SIZE];
};

/* Judges an item whose 'instance' was given; 'id' is its path's, or NULL.
 * 'seen' holds the names and places of those before it in the request. */
bool judge_setting(struct service *service,
                   const struct settings_request *request, const char *id,
                   struct item *item, struct map *seen,
                   struct error *error);
bool judge_removal(struct service *service, const char *id,
                   struct item *item, struct error *error);

#endif
