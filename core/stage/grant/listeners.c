/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See listeners.h.  There are few: a list will do.
 */

#include <config.h>

#include "stage/grant/listeners.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"

struct listener {
    struct listener *next;
    struct endpoint endpoint;
    struct xvs_guid owner;      /* the extension */
    unsigned int refs;          /* of grants */
    int fd;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct listener *listeners;

static struct listener *
find(const struct endpoint *endpoint, const struct xvs_guid *owner)
{
    struct listener *one = listeners;

    while (one && !(endpoint_equal(&one->endpoint, endpoint)
                    && guid_equal(&one->owner, owner))) {
        one = one->next;
    }
    return one;
}

static struct listener *
make(const struct endpoint *endpoint, const char *text,
     const struct xvs_guid *owner, struct error *error)
{
    int fd = endpoint_open(endpoint, text, error);
    struct listener *listener;

    if (fd < 0) {
        return NULL;
    }
    /* Processes have the same description and may make it wait: not us. */
    if (endpoint->kind == ENDPOINT_UNIX_LISTEN) {
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &(struct timeval) {
            .tv_usec = 1000 }, sizeof(struct timeval));
    }
    listener = mem_zalloc(sizeof *listener);
    listener->endpoint = *endpoint;
    listener->owner = *owner;
    listener->fd = fd;
    listener->next = listeners;
    listeners = listener;
    return listener;
}

struct listener *
listener_get(const struct endpoint *endpoint, const char *text,
             const struct xvs_guid *owner, struct error *error)
{
    struct listener *listener;

    pthread_mutex_lock(&lock);
    listener = find(endpoint, owner);
    if (!listener) {
        listener = make(endpoint, text, owner, error);
    }
    if (listener) {
        listener->refs++;
    }
    pthread_mutex_unlock(&lock);
    return listener;
}

int
listener_copy(const struct listener *listener)
{
    return fcntl(listener->fd, F_DUPFD_CLOEXEC, 0);
}

int
listener_accept(const struct listener *listener)
{
    int fd;

    do {
        fd = accept4(listener->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    } while (fd < 0 && (errno == EINTR || errno == ECONNABORTED));
    return fd;
}

/* A socket of datagrams goes on taking them when it is shut down: a filter
 * that nobody can take off lets none in, and what is there is thrown away. */
static void
silence(const struct listener *listener)
{
    struct sock_filter none = BPF_STMT(BPF_RET | BPF_K, 0);
    const struct sock_fprog program = { 1, &none };
    const int locked = 1;
    char byte;

    if (setsockopt(listener->fd, SOL_SOCKET, SO_ATTACH_FILTER, &program,
                   sizeof program) != 0
        || setsockopt(listener->fd, SOL_SOCKET, SO_LOCK_FILTER, &locked,
                      sizeof locked) != 0) {
        log_warning("%s: nothing grants this socket any more, but it cannot be"
                    " silenced: %s",
                    endpoint_kind_name(listener->endpoint.kind),
                    strerror(errno));
        return;
    }
    while (recv(listener->fd, &byte, sizeof byte, MSG_DONTWAIT) >= 0) {
    }
}

static void
destroy(struct listener *listener)
{
    struct listener **at = &listeners;

    while (*at != listener) {
        at = &(*at)->next;
    }
    *at = listener->next;
    if (listener->endpoint.kind == ENDPOINT_UDP_LISTEN) {
        silence(listener);
    }
    shutdown(listener->fd, SHUT_RDWR);
    close(listener->fd);
    endpoint_remove(&listener->endpoint);
    free(listener);
}

bool
listener_put(struct listener *listener)
{
    bool is_last = false;

    if (listener) {
        pthread_mutex_lock(&lock);
        is_last = --listener->refs == 0;
        if (is_last) {
            destroy(listener);
        }
        pthread_mutex_unlock(&lock);
    }
    return is_last;
}
