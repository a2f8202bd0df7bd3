/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_MANAGE_AUTH_INTERNAL_H
#define XVS_MANAGE_AUTH_INTERNAL_H

/*
 * What auth.c (roles) and auth-check.c (the thread that computes hashes)
 * share.  A check is in one of three lists: waiting (for the thread),
 * finished (by the thread; an eventfd tells the loop), delayed (a refusal
 * that is told later).
 */

#include <pthread.h>
#include "manage/auth/auth.h"

struct loop_timer;
struct loop_watch;

#define FAILURES 64             /* peers whose failures are remembered */

struct auth_check {
    struct auth_check *next;
    struct auth *auth;
    auth_done done;             /* NULL: cancelled */
    void *arg;                  /* of done */
    char *authorization;        /* wiped when checked */
    char where[64];             /* the peer */
    struct principal principal; /* the result */
    struct loop_timer *timer;   /* while delayed */
};

struct failure {
    char where[64];             /* the peer; "": free */
    unsigned int n;             /* failures in a row */
    uint64_t last_ms;           /* when the last one was */
};

struct auth {
    struct loop *loop;
    char *password_file;        /* or NULL */
    uid_t own;                  /* our user: may change things */
    gid_t admin, reader;        /* groups, when has_... */
    bool has_admin, has_reader, all_read;
    struct failure failures[FAILURES];
    int event;                  /* eventfd: something is finished */
    struct loop_watch *watch;   /* of event */
    struct auth_check *delayed; /* only the loop's thread looks at it */
    pthread_t thread;
    bool has_thread;
    pthread_mutex_t lock;       /* of what follows */
    pthread_cond_t changed;
    bool stop;
    struct auth_check *waiting, *finished;
    unsigned int n_waiting;
};

/* Watches 'event'; false with errno. */
bool auth_check_start(struct auth *auth);
/* Ends the thread and frees every check, without telling. */
void auth_check_stop(struct auth *auth);

#endif
