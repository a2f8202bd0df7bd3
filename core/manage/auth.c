/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Roles of peers, and the thread that computes password hashes.  A check is
 * in one of three lists: waiting (for the thread), finished (by the thread,
 * an eventfd tells the loop), delayed (a refusal that is told later).
 */

#include <config.h>

#include "manage/auth.h"

#include <crypt.h>
#include <errno.h>
#include <grp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/memory.h"
#include "base/text.h"
#include "manage/manage.h"

#define CHECKS_LIMIT 64         /* waiting for the thread */
#define CHECKS_PER_PEER 32
#define FAILURES 64             /* peers whose failures are remembered */
#define FORGET_MS 60000
#define DELAY_MS 200            /* of the first refusal; doubles */
#define DELAY_LIMIT_MS 5000

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

bool
auth_allows(const struct principal *principal, enum auth_right right)
{
    switch (right) {
    case RIGHT_READ:
        return principal->role == ROLE_READER || principal->role == ROLE_ADMIN;
    case RIGHT_CHANGE:
        return principal->role == ROLE_ADMIN;
    default:
        return false;
    }
}

static bool
is_member(gid_t group, const gid_t *groups, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (groups[i] == group) {
            return true;
        }
    }
    return false;
}

void
auth_peer(const struct auth *auth, uid_t uid, const gid_t *groups, size_t n,
          struct principal *principal)
{
    *principal = (struct principal){ ROLE_NONE, "" };
    if (uid == 0 || uid == auth->own
        || (auth->has_admin && is_member(auth->admin, groups, n))) {
        principal->role = ROLE_ADMIN;
    } else if (auth->all_read
               || (auth->has_reader && is_member(auth->reader, groups, n))) {
        principal->role = ROLE_READER;
    }
    snprintf(principal->name, sizeof principal->name, "uid:%u",
             (unsigned int) uid);
}

void
auth_certificate(const struct auth *auth, const char *name,
                 struct principal *principal)
{
    *principal = (struct principal){ ROLE_NONE, "" };
    if (auth->password_file) {
        auth_file_check(auth->password_file, name, NULL, NULL, principal);
    }
}

/* How long the peer waits for its refusal. */
static uint64_t
note_failure(struct auth *auth, const char *where)
{
    uint64_t now_ms = loop_now_ms();
    uint64_t delay_ms = DELAY_MS;
    struct failure *failure =
        &auth->failures[hash_bytes(0, where, strlen(where)) % FAILURES];

    if (strcmp(failure->where, where) != 0
        || now_ms - failure->last_ms > FORGET_MS) {
        snprintf(failure->where, sizeof failure->where, "%s", where);
        failure->n = 0;
    }
    for (unsigned int i = 0; i < failure->n && delay_ms < DELAY_LIMIT_MS;
         i++) {
        delay_ms *= 2;
    }
    failure->n++;
    failure->last_ms = now_ms;
    log_warning("a login from %s failed (%u in a row)", where, failure->n);
    return delay_ms < DELAY_LIMIT_MS ? delay_ms : DELAY_LIMIT_MS;
}

static void
unlink_check(struct auth_check **list, const struct auth_check *check)
{
    while (*list && *list != check) {
        list = &(*list)->next;
    }
    if (*list) {
        *list = check->next;
    }
}

static void
check_free(struct auth_check *check)
{
    if (check->authorization) {
        explicit_bzero(check->authorization, strlen(check->authorization));
        free(check->authorization);
    }
    loop_timer_remove(check->timer);
    free(check);
}

static void
tell(struct auth_check *check)
{
    auth_done done = check->done;
    void *arg = check->arg;
    struct principal principal = check->principal;

    check_free(check);
    if (done) {
        done(arg, &principal);
    }
}

static void
tell_delayed(void *arg)
{
    struct auth_check *check = arg;

    unlink_check(&check->auth->delayed, check);
    check->timer = NULL;
    tell(check);
}

static void
finish(struct auth *auth, struct auth_check *check)
{
    if (check->principal.name[0]) {
        tell(check);
        return;
    }
    check->next = auth->delayed;
    auth->delayed = check;
    check->timer = loop_timer_add(auth->loop,
                                  note_failure(auth, check->where), false,
                                  tell_delayed, check);
}

static void
checks_finished(void *arg, int fd, unsigned int events)
{
    struct auth *auth = arg;
    struct auth_check *check;
    eventfd_t count;

    (void) events;
    if (eventfd_read(fd, &count) < 0) {
        return;
    }
    pthread_mutex_lock(&auth->lock);
    check = auth->finished;
    auth->finished = NULL;
    pthread_mutex_unlock(&auth->lock);
    while (check) {
        struct auth_check *next = check->next;

        finish(auth, check);
        check = next;
    }
}

static void
check_one(struct auth *auth, struct auth_check *check,
          struct crypt_data *scratch)
{
    char text[512];
    char *user, *password;

    if (auth->password_file
        && auth_decode(check->authorization, text, sizeof text, &user,
                       &password)) {
        auth_file_check(auth->password_file, user, password, scratch,
                        &check->principal);
    }
    explicit_bzero(text, sizeof text);
}

static void *
check_all(void *arg)
{
    struct auth *auth = arg;
    struct crypt_data *scratch = mem_zalloc(sizeof *scratch);

    pthread_mutex_lock(&auth->lock);
    while (!auth->stop) {
        struct auth_check *check = auth->waiting;

        if (!check) {
            pthread_cond_wait(&auth->changed, &auth->lock);
            continue;
        }
        auth->waiting = check->next;
        auth->n_waiting--;
        pthread_mutex_unlock(&auth->lock);
        check_one(auth, check, scratch);
        pthread_mutex_lock(&auth->lock);
        check->next = auth->finished;
        auth->finished = check;
        eventfd_write(auth->event, 1);
    }
    pthread_mutex_unlock(&auth->lock);
    explicit_bzero(scratch, sizeof *scratch);
    free(scratch);
    return NULL;
}

/* Appends; false when too many are waiting, in all or of this peer. */
static bool
enqueue(struct auth *auth, struct auth_check *check)
{
    struct auth_check **at = &auth->waiting;
    unsigned int n_same = 0;
    bool room;

    pthread_mutex_lock(&auth->lock);
    for (; *at; at = &(*at)->next) {
        n_same += strcmp((*at)->where, check->where) == 0;
    }
    room = auth->n_waiting < CHECKS_LIMIT && n_same < CHECKS_PER_PEER;
    if (room) {
        *at = check;
        auth->n_waiting++;
        pthread_cond_signal(&auth->changed);
    }
    pthread_mutex_unlock(&auth->lock);
    return room;
}

struct auth_check *
auth_check(struct auth *auth, const char *authorization, const char *where,
           auth_done done, void *arg)
{
    struct auth_check *check = mem_zalloc(sizeof *check);

    check->auth = auth;
    check->done = done;
    check->arg = arg;
    check->authorization = mem_strdup(authorization);
    snprintf(check->where, sizeof check->where, "%s", where);
    if (!auth->has_thread) {
        auth->has_thread =
            pthread_create(&auth->thread, NULL, check_all, auth) == 0;
    }
    if (!auth->has_thread || !enqueue(auth, check)) {
        check_free(check);
        return NULL;
    }
    return check;
}

void
auth_check_cancel(struct auth_check *check)
{
    if (check) {
        check->done = NULL;
    }
}

static bool
find_group(const char *name, gid_t *group, struct error *error)
{
    const struct group *found = getgrnam(name);

    if (!found) {
        return error_set(error, ERROR_NOT_FOUND, "there is no group '%s'",
                         name);
    }
    *group = found->gr_gid;
    return true;
}

static bool
read_groups(struct auth *auth, const struct manage_options *options,
            struct error *error)
{
    const char *reader = options->reader_group;

    auth->all_read = reader && strcmp(reader, "*") == 0;
    auth->has_reader = reader && *reader && !auth->all_read;
    auth->has_admin = options->admin_group && *options->admin_group;
    return (!auth->has_admin
            || find_group(options->admin_group, &auth->admin, error))
           && (!auth->has_reader || find_group(reader, &auth->reader, error));
}

struct auth *
auth_create(struct loop *loop, const struct manage_options *options,
            struct error *error)
{
    struct auth *auth = mem_zalloc(sizeof *auth);

    auth->loop = loop;
    auth->own = geteuid();
    pthread_mutex_init(&auth->lock, NULL);
    pthread_cond_init(&auth->changed, NULL);
    auth->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (options->password_file) {
        auth->password_file = mem_strdup(options->password_file);
    }
    if (auth->event >= 0) {
        auth->watch = loop_watch_add(loop, auth->event, LOOP_READ,
                                     checks_finished, auth);
    }
    if (!auth->watch) {
        error_set_errno(error, errno, "cannot create an eventfd");
    } else if (read_groups(auth, options, error)) {
        return auth;
    }
    auth_destroy(auth);
    return NULL;
}

static void
free_list(struct auth_check *check)
{
    while (check) {
        struct auth_check *next = check->next;

        check_free(check);
        check = next;
    }
}

void
auth_destroy(struct auth *auth)
{
    if (!auth) {
        return;
    }
    if (auth->has_thread) {
        pthread_mutex_lock(&auth->lock);
        auth->stop = true;
        pthread_cond_signal(&auth->changed);
        pthread_mutex_unlock(&auth->lock);
        pthread_join(auth->thread, NULL);
    }
    free_list(auth->waiting);
    free_list(auth->finished);
    free_list(auth->delayed);
    loop_watch_remove(auth->watch);
    if (auth->event >= 0) {
        close(auth->event);
    }
    pthread_cond_destroy(&auth->changed);
    pthread_mutex_destroy(&auth->lock);
    free(auth->password_file);
    free(auth);
}
