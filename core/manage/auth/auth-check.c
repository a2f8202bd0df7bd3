/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Checking passwords: a thread computes hashes, one at a time, so that the
 * loop goes on; refusals are told after a delay that grows with the peer's
 * failures.
 */

#include <config.h>

#include "manage/auth/auth-internal.h"

#include <crypt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/log.h"
#include "base/loop.h"
#include "base/memory.h"
#include "base/text.h"

#define CHECKS_LIMIT 64         /* waiting for the thread */
#define CHECKS_PER_PEER 32
#define FORGET_MS 60000
#define DELAY_MS 200            /* of the first refusal; doubles */
#define DELAY_LIMIT_MS 5000

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

bool
auth_check_start(struct auth *auth)
{
    pthread_mutex_init(&auth->lock, NULL);
    pthread_cond_init(&auth->changed, NULL);
    auth->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (auth->event >= 0) {
        auth->watch = loop_watch_add(auth->loop, auth->event, LOOP_READ,
                                     checks_finished, auth);
    }
    return auth->watch != NULL;
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
auth_check_stop(struct auth *auth)
{
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
}
