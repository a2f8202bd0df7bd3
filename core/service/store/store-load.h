/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SERVICE_STORE_LOAD_H
#define XVS_SERVICE_STORE_LOAD_H

/*
 * Reading the state files at the start, with what to do about damaged ones.
 */

#include <stdbool.h>

struct error;
struct error_list;
struct map;

/* Fills the map (name -> struct document) from the directory. */
bool documents_load(struct map *documents, int dirfd,
                    struct error_list *problems, struct error *error);

#endif
