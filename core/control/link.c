/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A control connection on an event loop.
 *
 * What is to be sent waits in the outbox until the round of the loop ends; a
 * peer that does not read loses the connection.  Requests wait in a list for
 * their answers.  A link is freed after the current round of the loop, so
 * that a callback may destroy it while link.c is still on the stack.
 */

#include <config.h>

#include "control/link.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/loop.h"
#include "base/memory.h"
#include "control/inbox.h"
#include "control/message.h"
#include "control/outbox.h"

#define PACKETS 64              /* received before others get their turn */

/* A request that waits for its answer. */
struct pending {
    struct pending *next;
    uint32_t number;
    uint16_t type;
    link_answer on_answer;
    void *arg;
};

struct link {
    struct loop *loop;
    struct loop_watch *watch;
    int fd;                     /* -1 once closed */
    link_message on_message;
    link_closed on_closed;
    void *arg;
    struct outbox outbox;
    struct inbox inbox;
    struct pending *pending;    /* oldest first */
    struct pending **pending_last;
    uint32_t next_number;
};

static bool receive(void *arg, const struct control_header *message);
static void handle(void *arg, int fd, unsigned int events);

struct link *
link_create(struct loop *loop, int fd, link_message on_message,
            link_closed on_closed, void *arg)
{
    struct link *link = mem_zalloc(sizeof *link);

    link->loop = loop;
    link->fd = fd;
    link->on_message = on_message;
    link->on_closed = on_closed;
    link->arg = arg;
    link->pending_last = &link->pending;
    outbox_init(&link->outbox);
    inbox_init(&link->inbox, receive, link);
    link->watch = loop_watch_add(loop, fd, LOOP_READ, handle, link);
    return link;
}

static void
release(void *arg)
{
    struct link *link = arg;

    inbox_free(&link->inbox);
    free(link);
}

/* Tells everyone who waits that no answer will come. */
static void
drop_pending(struct link *link)
{
    while (link->pending) {
        struct pending *one = link->pending;

        link->pending = one->next;
        if (!link->pending) {
            link->pending_last = &link->pending;
        }
        if (one->on_answer) {
            one->on_answer(one->arg, NULL);
        }
        free(one);
    }
}

/* Returns false when it was closed before. */
static bool
shut(struct link *link)
{
    if (link->fd < 0) {
        return false;
    }
    loop_watch_remove(link->watch);
    link->watch = NULL;
    close(link->fd);
    link->fd = -1;
    outbox_clear(&link->outbox);
    drop_pending(link);
    loop_defer(link->loop, release, link);
    return true;
}

void
link_destroy(struct link *link)
{
    if (link) {
        shut(link);
    }
}

static void
fail(struct link *link, const struct error *error)
{
    if (shut(link) && link->on_closed) {
        link->on_closed(link->arg, error);
    }
}

static bool
flush(struct link *link)
{
    struct error error;

    if (!outbox_flush(&link->outbox, link->fd, &error)) {
        fail(link, &error);
        return false;
    }
    loop_watch_set(link->watch,
                   LOOP_READ | (link->outbox.first ? LOOP_WRITE : 0));
    return true;
}

/* Fails the link from the loop, so that the caller sees no callback. */
static void
send_failed(void *arg)
{
    struct link *link = arg;
    struct error error;

    error_set(&error, ERROR_LIMIT, "the peer of the control connection does"
              " not read, or memory for a message is lacking");
    fail(link, &error);
}

static void
flush_later(void *arg)
{
    struct link *link = arg;

    if (link->fd >= 0) {
        flush(link);
    }
}

void
link_send(struct link *link, struct buffer *message)
{
    bool is_first = !link->outbox.first;
    struct control_header *header;

    buffer_align(message, 8);
    header = (struct control_header *) (void *) message->data;
    header->size = (uint32_t) message->size;
    if (link->fd >= 0) {
        if (!outbox_put(&link->outbox, message->data, message->size)) {
            loop_defer(link->loop, send_failed, link);
        } else if (is_first) {
            /* One deferred flush sends everything of this round. */
            loop_defer(link->loop, flush_later, link);
        }
    }
    message->size = 0;
}

void
link_request(struct link *link, struct buffer *message,
             link_answer on_answer, void *arg)
{
    struct control_header *header =
        (struct control_header *) (void *) message->data;
    struct pending *one;

    if (link->fd < 0) {
        message->size = 0;
        on_answer(arg, NULL);
        return;
    }
    one = mem_zalloc(sizeof *one);
    link->next_number = link->next_number == UINT32_MAX
        ? 1 : link->next_number + 1;
    header->number = link->next_number;
    one->number = header->number;
    one->type = header->type;
    one->on_answer = on_answer;
    one->arg = arg;
    *link->pending_last = one;
    link->pending_last = &one->next;
    link_send(link, message);
}

static void
answered(struct link *link, const struct control_header *message)
{
    struct error error;

    for (struct pending **at = &link->pending; *at; at = &(*at)->next) {
        struct pending *one = *at;

        if (one->number != message->number) {
            continue;
        }
        if ((one->type | CONTROL_ANSWER) != message->type) {
            break;
        }
        *at = one->next;
        if (!*at) {
            link->pending_last = at;
        }
        one->on_answer(one->arg, message);
        free(one);
        return;
    }
    error_set(&error, ERROR_INVALID, "the peer of the control connection"
              " answered a request that was not made (%s, number %u)",
              control_type_name(message->type), message->number);
    fail(link, &error);
}

/* A checked message; false when it was the last that counts. */
static bool
receive(void *arg, const struct control_header *message)
{
    struct link *link = arg;

    if (message->type & CONTROL_ANSWER) {
        answered(link, message);
    } else if (link->on_message) {
        link->on_message(link->arg, link, message);
    }
    return link->fd >= 0;
}

static void
handle(void *arg, int fd, unsigned int events)
{
    struct link *link = arg;
    enum inbox_state state = INBOX_MORE;
    struct error error;

    (void) fd;
    if ((events & LOOP_WRITE) && !flush(link)) {
        return;
    }
    /* Bounded, so that one busy peer does not starve the loop. */
    for (int i = 0; i < PACKETS && state == INBOX_MORE; i++) {
        state = inbox_receive(&link->inbox, link->fd, &error);
    }
    if (state == INBOX_FAILED) {
        fail(link, &error);
    }
}
