/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_MANAGE_PAGE_H
#define XVS_MANAGE_PAGE_H

/*
 * The web page: its files, as they are in this folder, as resources.  They
 * are part of the program (page-data.c is made of them by embed.sh), so that
 * nothing has to be installed or found, and nobody can change them on disk.
 * The page itself reads and changes everything by CIM operations, as any
 * other client.
 */

#include <stddef.h>
#include "manage/http/resource.h"

extern const struct resource page_resources[];
extern const size_t page_n_resources;

#endif
