/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Requests about memory that the front end shares: the guest's, the log of
 * written pages, and positions in flight.
 */

#include <config.h>

#include <errno.h>
#include <unistd.h>

#include "base/error.h"
#include "port/vhost/front.h"
#include "port/vhost/request.h"

/* Rings that could not be started may be now. */
static void
forgive(struct front *front)
{
    for (uint32_t i = 0; i < front->n_lanes; i++) {
        front->lanes[i].failed = false;
    }
}

enum answer
request_set_mem_table(struct front *front, struct message *message,
                      struct error *error)
{
    uint32_t n = message->body.table.n;

    if (n > WIRE_TABLE || n != message->n_fds) {
        error_set(error, ERROR_INVALID, "a table of %u regions of memory came"
                  " with %u files", n, message->n_fds);
        return ANSWER_END;
    }
    memory_clear(&front->memory);
    forgive(front);
    for (uint32_t i = 0; i < n; i++) {
        if (!memory_add(&front->memory, &message->body.table.regions[i],
                        message->fds[i], front->vhost->trouble, error)) {
            return ANSWER_END;
        }
    }
    return ANSWER_DONE;
}

enum answer
request_get_max_mem_slots(struct front *front, struct message *message,
                          struct error *error)
{
    (void) front;
    (void) error;
    message->body.number = MEMORY_REGIONS;
    return ANSWER_BODY;
}

enum answer
request_add_mem_reg(struct front *front, struct message *message,
                    struct error *error)
{
    forgive(front);
    return memory_add(&front->memory, &message->body.slot.region,
                      message->n_fds ? message->fds[0] : -1,
                      front->vhost->trouble, error)
        ? ANSWER_DONE : ANSWER_END;
}

enum answer
request_rem_mem_reg(struct front *front, struct message *message,
                    struct error *error)
{
    (void) error;
    return memory_remove(&front->memory, &message->body.slot.region)
        ? ANSWER_DONE : ANSWER_NO;
}

enum answer
request_set_log_base(struct front *front, struct message *message,
                     struct error *error)
{
    if (!dirty_open(&front->dirty, message->n_fds ? message->fds[0] : -1,
                    message->body.log.offset, message->body.log.size,
                    front->vhost->trouble, error)) {
        return ANSWER_END;
    }
    message->body.number = 0;
    return ANSWER_BODY;
}

enum answer
request_get_inflight(struct front *front, struct message *message,
                     struct error *error)
{
    uint32_t n = message->body.inflight.n_queues;
    uint32_t size = message->body.inflight.queue_size;
    bool sent;
    int fd;

    if (n == 0 || n > front->n_lanes || size > RING_SIZE_MAX) {
        error_set(error, ERROR_LIMIT, "it asks for %u queues of %u buffers in"
                  " flight", n, size);
        return ANSWER_END;
    }
    fd = inflight_create(n, size, &message->body.inflight.size);
    if (fd < 0) {
        error_set_errno(error, errno, "no memory for buffers in flight");
        return ANSWER_END;
    }
    message->body.inflight.offset = 0;
    sent = message_reply(message, front->fd, message->head.size, fd);
    close(fd);
    if (!sent) {
        error_set(error, ERROR_IO, "it does not take its answer");
        return ANSWER_END;
    }
    message->head.flags &= ~WIRE_NEED_REPLY;
    return ANSWER_DONE;
}

enum answer
request_set_inflight(struct front *front, struct message *message,
                     struct error *error)
{
    return inflight_open(&front->inflight,
                         message->n_fds ? message->fds[0] : -1,
                         message->body.inflight.offset,
                         message->body.inflight.size,
                         message->body.inflight.n_queues,
                         message->body.inflight.queue_size,
                         front->vhost->trouble, error)
        ? ANSWER_DONE : ANSWER_END;
}
