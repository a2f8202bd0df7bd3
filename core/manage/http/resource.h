/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_MANAGE_RESOURCE_H
#define XVS_MANAGE_RESOURCE_H

/*
 * What GET and HEAD read: a table of resources, each with a path, the right
 * that it takes and where its bytes come from.  They are either fixed (with
 * an entity tag, so that a browser asks only whether they changed) or made
 * for each request (never stored by anybody).
 *
 * Who asks is known before, exactly as for CIM requests; a path is compared
 * as it was sent, byte by byte: nothing is decoded, and no file is opened.
 */

#include <stdbool.h>
#include <stddef.h>
#include "manage/auth/auth.h"

struct exchange;

struct resource {
    const char *path;       /* "/metrics"; without a query */
    enum auth_right right;  /* that reading it takes */
    const char *type;       /* value of Content-Type */
    /* Makes the answer, as a handler of a request does (exchange.h); it may
     * choose another exchange->type.  Not called for HEAD.  NULL: the bytes
     * below. */
    void (*make)(void *arg, struct exchange *exchange);
    const void *data;       /* fixed content; NULL with 'make' NULL: the path
                             * is for POST only */
    size_t size;            /* of data */
};

/* The request is a GET or HEAD: its head is there.  False when it was
 * refused. */
bool resource_accept(struct exchange *exchange);
/* Answers it from the table; 'arg' is given to 'make'. */
void resource_answer(const struct resource *table, size_t n, void *arg,
                     struct exchange *exchange);
/* The request reads: its method is GET or HEAD. */
bool resource_is_read(const struct exchange *exchange);
/* True when the part of a request's target that is the path is 'path'. */
bool resource_target_is(const char *target, const char *path);

#endif
