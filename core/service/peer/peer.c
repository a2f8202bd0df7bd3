/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Connecting to xvs-switch, with a retry that is quick at first.
 */

#include <config.h>

#include "service/peer/peer.h"

#include <stdlib.h>
#include <sys/socket.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/memory.h"
#include "base/socket.h"
#include "control/message.h"

#define RETRY_FIRST_MS 50
#define RETRY_LAST_MS 1000

/* A request that came while there was no connection. */
struct unsent {
    struct unsent *next;
    link_answer on_answer;
    void *arg;
};

struct peer {
    struct loop *loop;
    char *path;
    struct peer_calls calls;
    void *arg;
    struct link *link;
    struct loop_timer *timer;   /* of the next attempt */
    uint64_t delay;             /* before it */
    bool greeted;               /* HELLO was answered: in use */
    bool complained;            /* the log has why it does not work */
    bool closing;               /* no requests any more */
    struct unsent *unsent;
    struct loop_timer *unsent_timer;    /* to answer them */
};

static void peer_connect(void *arg);

static void
peer_retry(struct peer *peer)
{
    if (!peer->timer) {
        peer->timer = loop_timer_add(peer->loop, peer->delay, false,
                                     peer_connect, peer);
        peer->delay = peer->delay * 2 < RETRY_LAST_MS ? peer->delay * 2
            : RETRY_LAST_MS;
    }
}

static void
peer_lost(struct peer *peer, const char *why)
{
    bool greeted = peer->greeted;

    peer->greeted = false;
    peer->link = NULL;
    peer->delay = RETRY_FIRST_MS;
    if (greeted) {
        peer->calls.down(peer->arg, why);
    }
    peer_retry(peer);
}

static void
peer_closed(void *arg, const struct error *error)
{
    peer_lost(arg, error ? error->text : "closed");
}

static void
peer_message(void *arg, struct link *link,
             const struct control_header *message)
{
    struct peer *peer = arg;

    (void) link;
    if (message->type == CONTROL_EVENT && peer->greeted) {
        peer->calls.event(peer->arg,
                          (const struct control_event *) (message + 1));
    }
}

static void
peer_greeted(void *arg, const struct control_header *answer)
{
    struct peer *peer = arg;
    const struct control_result *result;
    const struct control_hello *hello;

    if (!answer || !peer->link) {
        return;
    }
    result = (const struct control_result *) (answer + 1);
    if (answer->result != XVS_SUCCESS) {
        struct link *link = peer->link;

        log_warning("xvs-switch refuses us: %s", result->text);
        peer->delay = RETRY_LAST_MS;
        peer->link = NULL;
        link_destroy(link);
        peer_retry(peer);
        return;
    }
    hello = (const struct control_hello *) control_after(result,
                                                         sizeof *result);
    peer->greeted = true;
    peer->complained = false;
    peer->delay = RETRY_FIRST_MS;
    peer->calls.up(peer->arg, &hello->boot, hello->version);
}

static void
peer_connect(void *arg)
{
    struct peer *peer = arg;
    BUFFER_AUTO struct buffer message = BUFFER_INIT;
    struct control_hello *hello;
    struct error error;
    int fd;

    peer->timer = NULL;
    fd = socket_connect_unix(peer->path, SOCK_SEQPACKET, &error);
    if (fd < 0) {
        if (!peer->complained) {
            log_info("waiting for xvs-switch: %s", error.text);
            peer->complained = true;
        }
        peer_retry(peer);
        return;
    }
    peer->link = link_create(peer->loop, fd, peer_message, peer_closed, peer);
    hello = message_start(&message, CONTROL_HELLO, sizeof *hello);
    hello->pid = 0;
    buffer_align(&message, 8);
    link_request(peer->link, &message, peer_greeted, peer);
}

struct peer *
peer_create(struct loop *loop, const char *path,
            const struct peer_calls *calls, void *arg)
{
    struct peer *peer = mem_zalloc(sizeof *peer);

    peer->loop = loop;
    peer->path = mem_strdup(path);
    peer->calls = *calls;
    peer->arg = arg;
    peer->delay = RETRY_FIRST_MS;
    peer->timer = loop_timer_add(loop, 0, false, peer_connect, peer);
    return peer;
}

bool
peer_is_up(const struct peer *peer)
{
    return peer->greeted;
}

/* Answers what could not be sent; what that asks is sent or waits anew. */
static void
answer_unsent(void *arg)
{
    struct peer *peer = arg;
    struct unsent *list = peer->unsent;

    peer->unsent_timer = NULL;
    peer->unsent = NULL;
    while (list) {
        struct unsent *unsent = list;

        list = unsent->next;
        unsent->on_answer(unsent->arg, NULL);
        free(unsent);
    }
}

void
peer_request(struct peer *peer, struct buffer *message,
             link_answer on_answer, void *arg)
{
    struct unsent *unsent;

    if (peer->greeted) {
        link_request(peer->link, message, on_answer, arg);
        return;
    }
    message->size = 0;
    if (peer->closing) {
        on_answer(arg, NULL);
        return;
    }
    unsent = mem_zalloc(sizeof *unsent);
    unsent->on_answer = on_answer;
    unsent->arg = arg;
    unsent->next = peer->unsent;
    peer->unsent = unsent;
    if (!peer->unsent_timer) {
        peer->unsent_timer = loop_timer_add(peer->loop, 0, false,
                                            answer_unsent, peer);
    }
}

void
peer_close(struct peer *peer)
{
    struct link *link = peer->link;

    peer->closing = true;
    peer->greeted = false;
    peer->link = NULL;
    loop_timer_remove(peer->timer);
    peer->timer = NULL;
    link_destroy(link);
    loop_timer_remove(peer->unsent_timer);
    answer_unsent(peer);
}

void
peer_destroy(struct peer *peer)
{
    if (peer) {
        peer_close(peer);
        free(peer->path);
        free(peer);
    }
}
