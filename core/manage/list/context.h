/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_MANAGE_CONTEXT_H
#define XVS_MANAGE_CONTEXT_H

/*
 * Open enumerations (pull operations).  They are bounded three ways, so that
 * clients that never come back harm themselves only: so many per user, so
 * many in all, and each lives only so long without being used.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct context;
struct contexts;
struct error;
struct listing;
struct loop;
struct operation;

struct context {
    char id[33];                /* what the client knows it by */
    char owner[64];             /* name of the principal who opened it */
    struct contexts *contexts;  /* where it is */
    struct listing *listing;    /* owned */
    const char *pull;           /* the one operation that may read it */
    bool is_events;             /* waits at its end for more */
    uint64_t timeout_ms;        /* without use */
    uint64_t deadline_ms;       /* when that is; 0: in use */
    struct operation *user;     /* the pull at work, or NULL */
};

struct contexts *contexts_create(struct loop *loop, unsigned int per_user);
void contexts_destroy(struct contexts *contexts);   /* accepts NULL */
size_t contexts_count(const struct contexts *contexts);

/* Takes the listing over when there is room; NULL: the user has too many. */
struct context *context_open(struct contexts *contexts, const char *owner,
                             struct listing *listing, uint64_t timeout_ms,
                             struct error *error);
/* NULL when there is none of that name of this owner. */
struct context *context_find(struct contexts *contexts, const char *owner,
                             const char *id);
/* The operation begins to read; or ends. */
void context_use(struct context *context, struct operation *op);
void context_release(struct context *context, const struct operation *op);
void context_close(struct context *context);

#endif
