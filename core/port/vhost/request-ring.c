/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Requests about one ring.
 */

#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/error.h"
#include "port/vhost/front.h"
#include "port/vhost/request.h"

/* The ring that the message is about; request_check() has seen to it. */
static struct lane *
lane_of(struct front *front, const struct message *message)
{
    return &front->lanes[message->body.state.index & WIRE_RING_MASK];
}

enum answer
request_set_vring_num(struct front *front, struct message *message,
                      struct error *error)
{
    struct lane *lane = lane_of(front, message);

    (void) error;
    lane->size = message->body.state.number;
    lane->failed = false;
    return ANSWER_DONE;
}

enum answer
request_set_vring_addr(struct front *front, struct message *message,
                       struct error *error)
{
    struct lane *lane = lane_of(front, message);

    (void) error;
    lane->address = message->body.address;
    lane->has_address = true;
    lane->failed = false;
    return ANSWER_DONE;
}

enum answer
request_set_vring_base(struct front *front, struct message *message,
                       struct error *error)
{
    struct lane *lane = lane_of(front, message);

    (void) error;
    lane->base = message->body.state.number;
    lane->failed = false;
    return ANSWER_DONE;
}

enum answer
request_get_vring_base(struct front *front, struct message *message,
                       struct error *error)
{
    struct lane *lane = lane_of(front, message);

    (void) error;
    message->body.state.number = lane->base;
    lane->started = false;
    lane->failed = false;
    return ANSWER_BODY;
}

enum answer
request_set_vring_enable(struct front *front, struct message *message,
                         struct error *error)
{
    (void) error;
    lane_of(front, message)->enabled = message->body.state.number & 1;
    return ANSWER_DONE;
}

/* Puts the message's descriptor, or none, into '*fd'.  It shall not wait: that
 * helps against mistakes, ring/notify.h against hostile ones. */
static void
replace(int *fd, struct message *message)
{
    if (*fd >= 0) {
        close(*fd);
    }
    *fd = message_take_fd(message);
    if (*fd >= 0) {
        fcntl(*fd, F_SETFL, fcntl(*fd, F_GETFL) | O_NONBLOCK);
    }
}

/* Without a descriptor the ring is polled; its own one is for first looks. */
enum answer
request_set_vring_kick(struct front *front, struct message *message,
                       struct error *error)
{
    struct lane *lane = lane_of(front, message);

    replace(&lane->kick, message);
    lane->polled = lane->kick < 0;
    if (lane->polled) {
        lane->kick = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    }
    lane->started = true;
    lane->failed = false;
    if (lane->kick < 0) {
        error_set_errno(error, errno, "no descriptor for its ring");
        return ANSWER_END;
    }
    return ANSWER_DONE;
}

enum answer
request_set_vring_call(struct front *front, struct message *message,
                       struct error *error)
{
    (void) error;
    replace(&lane_of(front, message)->call, message);
    return ANSWER_DONE;
}

enum answer
request_set_vring_err(struct front *front, struct message *message,
                      struct error *error)
{
    (void) error;
    replace(&lane_of(front, message)->err, message);
    return ANSWER_DONE;
}
