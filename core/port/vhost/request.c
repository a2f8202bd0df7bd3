/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The messages of the protocol: one function each, and a table of what must
 * hold before it is called.
 */

#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "port/vhost/features.h"
#include "port/vhost/front.h"

/* What a handler has to say. */
enum answer {
    ANSWER_DONE,                /* as the front end wished */
    ANSWER_BODY,                /* and here is what it asked for */
    ANSWER_NO,                  /* it is told when it wants to know */
    ANSWER_END,                 /* the error says why to part from it */
};

typedef enum answer (*handler)(struct front *front,
                               struct message *message, struct error *error);

/* ---- Features ------------------------------------------------------------------ */

static enum answer
get_features(struct front *front, struct message *message,
             struct error *error)
{
    (void) front;
    (void) error;
    message->body.number = FEATURES_OFFERED;
    return ANSWER_BODY;
}

static enum answer
set_features(struct front *front, struct message *message,
             struct error *error)
{
    if (message->body.number & ~FEATURES_OFFERED) {
        error_set(error, ERROR_UNSUPPORTED, "it wants the features %#llx,"
                  " which were not offered", (unsigned long long)
                  (message->body.number & ~FEATURES_OFFERED));
        return ANSWER_END;
    }
    front->features = message->body.number;
    /* Without the larger protocol nobody enables rings. */
    for (uint32_t i = 0; i < front->n_lanes; i++) {
        front->lanes[i].enabled |=
            !(front->features & FEATURE(VHOST_F_PROTOCOL));
    }
    return ANSWER_DONE;
}

static enum answer
get_protocol_features(struct front *front, struct message *message,
                      struct error *error)
{
    (void) front;
    (void) error;
    message->body.number = PROTOCOL_OFFERED;
    return ANSWER_BODY;
}

static enum answer
set_protocol_features(struct front *front, struct message *message,
                      struct error *error)
{
    if (message->body.number & ~(uint64_t) PROTOCOL_OFFERED) {
        error_set(error, ERROR_UNSUPPORTED,
                  "it wants protocol features that were not offered");
        return ANSWER_END;
    }
    front->protocol_features = message->body.number;
    return ANSWER_DONE;
}

static enum answer
get_queue_num(struct front *front, struct message *message,
              struct error *error)
{
    (void) error;
    message->body.number = front->n_lanes / 2;
    return ANSWER_BODY;
}

static enum answer
do_nothing(struct front *front, struct message *message,
           struct error *error)
{
    (void) front;
    (void) message;
    (void) error;
    return ANSWER_DONE;
}

static void
reset(struct front *front)
{
    for (uint32_t i = 0; i < front->n_lanes; i++) {
        lane_reset(&front->lanes[i]);
    }
}

static enum answer
reset_device(struct front *front, struct message *message,
             struct error *error)
{
    reset(front);
    return do_nothing(front, message, error);
}

static enum answer
get_status(struct front *front, struct message *message,
           struct error *error)
{
    (void) error;
    message->body.number = front->status;
    return ANSWER_BODY;
}

/* A driver that resets the device writes zero. */
static enum answer
set_status(struct front *front, struct message *message,
           struct error *error)
{
    (void) error;
    front->status = (uint8_t) message->body.number;
    if (front->status == 0) {
        reset(front);
    }
    return ANSWER_DONE;
}

/* ---- Memory --------------------------------------------------------------------- */

/* Rings that could not be started may be now. */
static void
forgive(struct front *front)
{
    for (uint32_t i = 0; i < front->n_lanes; i++) {
        front->lanes[i].failed = false;
    }
}

static enum answer
set_mem_table(struct front *front, struct message *message,
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

static enum answer
get_max_mem_slots(struct front *front, struct message *message,
                  struct error *error)
{
    (void) front;
    (void) error;
    message->body.number = MEMORY_REGIONS;
    return ANSWER_BODY;
}

static enum answer
add_mem_reg(struct front *front, struct message *message,
            struct error *error)
{
    forgive(front);
    return memory_add(&front->memory, &message->body.slot.region,
                      message->n_fds ? message->fds[0] : -1,
                      front->vhost->trouble, error)
        ? ANSWER_DONE : ANSWER_END;
}

static enum answer
rem_mem_reg(struct front *front, struct message *message,
            struct error *error)
{
    (void) error;
    return memory_remove(&front->memory, &message->body.slot.region)
        ? ANSWER_DONE : ANSWER_NO;
}

static enum answer
set_log_base(struct front *front, struct message *message,
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

static enum answer
get_inflight(struct front *front, struct message *message,
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

static enum answer
set_inflight(struct front *front, struct message *message,
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

/* ---- Rings ------------------------------------------------------------------------ */

/* The ring that the message is about; request_check() has seen to it. */
static struct lane *
lane_of(struct front *front, const struct message *message)
{
    return &front->lanes[message->body.state.index & WIRE_RING_MASK];
}

static enum answer
set_vring_num(struct front *front, struct message *message,
              struct error *error)
{
    struct lane *lane = lane_of(front, message);

    (void) error;
    lane->size = message->body.state.number;
    lane->failed = false;
    return ANSWER_DONE;
}

static enum answer
set_vring_addr(struct front *front, struct message *message,
               struct error *error)
{
    struct lane *lane = lane_of(front, message);

    (void) error;
    lane->address = message->body.address;
    lane->has_address = true;
    lane->failed = false;
    return ANSWER_DONE;
}

static enum answer
set_vring_base(struct front *front, struct message *message,
               struct error *error)
{
    struct lane *lane = lane_of(front, message);

    (void) error;
    lane->base = message->body.state.number;
    lane->failed = false;
    return ANSWER_DONE;
}

static enum answer
get_vring_base(struct front *front, struct message *message,
               struct error *error)
{
    struct lane *lane = lane_of(front, message);

    (void) error;
    message->body.state.number = lane->base;
    lane->started = false;
    lane->failed = false;
    return ANSWER_BODY;
}

static enum answer
set_vring_enable(struct front *front, struct message *message,
                 struct error *error)
{
    (void) error;
    lane_of(front, message)->enabled = message->body.state.number & 1;
    return ANSWER_DONE;
}

/* Puts the message's descriptor, or none, into '*fd'.  Workers read and write
 * it, and must not be held up by it. */
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
static enum answer
set_vring_kick(struct front *front, struct message *message,
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

static enum answer
set_vring_call(struct front *front, struct message *message,
               struct error *error)
{
    (void) error;
    replace(&lane_of(front, message)->call, message);
    return ANSWER_DONE;
}

static enum answer
set_vring_err(struct front *front, struct message *message,
              struct error *error)
{
    (void) error;
    replace(&lane_of(front, message)->err, message);
    return ANSWER_DONE;
}

/* ---- The network card ---------------------------------------------------------------- */

/* The guest has moved here: the network is to learn its address. */
static enum answer
send_rarp(struct front *front, struct message *message,
          struct error *error)
{
    uint64_t mac = message->body.number & 0xffffffffffffu;

    (void) error;
    __atomic_store_n(&front->vhost->announce, mac | UINT64_C(1) << 48,
                     __ATOMIC_RELEASE);
    if (front->lanes[1].running) {
        eventfd_write(front->lanes[1].kick, 1);
    }
    return ANSWER_DONE;
}

static enum answer
net_set_mtu(struct front *front, struct message *message,
            struct error *error)
{
    uint32_t ours = front->vhost->port->config.mtu;

    (void) error;
    if (message->body.number < 68 || message->body.number > PORT_MTU_MAX
        || (ours && message->body.number > ours)) {
        log_warning("%s: the front end wants MTU %llu, the port has %u: set"
                    " the same on both",
                    front->vhost->port->config.device,
                    (unsigned long long) message->body.number,
                    ours ? ours : PORT_MTU_MAX);
        return ANSWER_NO;
    }
    return ANSWER_DONE;
}

/* ---- All of them ----------------------------------------------------------------------- */

#define NUMBER ((uint32_t) sizeof(uint64_t))
#define BODY(member) ((uint32_t) sizeof ((union wire_body *) 0)->member)
#define TABLE (2 * (uint32_t) sizeof(uint32_t)) /* and the regions */
#define INFLIGHT 20u                            /* BODY() would be padded */

static const struct rule {
    handler handle;             /* NULL: we do not offer that */
    enum request_stops stops;
    uint32_t size;              /* of its body, at least */
    uint32_t answer;            /* size of an answer */
    uint32_t protocol;          /* only with this feature */
} rules[WIRE_REQUESTS] = {
    [WIRE_GET_FEATURES] = { get_features, .answer = NUMBER },
    [WIRE_SET_FEATURES] = { set_features, REQUEST_ALL, NUMBER },
    [WIRE_SET_OWNER] = { do_nothing },
    [WIRE_RESET_OWNER] = { do_nothing },
    [WIRE_SET_MEM_TABLE] = { set_mem_table, REQUEST_ALL, TABLE },
    [WIRE_SET_LOG_BASE] = { set_log_base, REQUEST_ALL, BODY(log), NUMBER,
                            WIRE_F_LOG_SHMFD },
    [WIRE_SET_LOG_FD] = { do_nothing },
    [WIRE_SET_VRING_NUM] = { set_vring_num, REQUEST_ONE, BODY(state) },
    [WIRE_SET_VRING_ADDR] = { set_vring_addr, REQUEST_ONE, BODY(address) },
    [WIRE_SET_VRING_BASE] = { set_vring_base, REQUEST_ONE, BODY(state) },
    [WIRE_GET_VRING_BASE] = { get_vring_base, REQUEST_ONE, BODY(state),
                              BODY(state) },
    [WIRE_SET_VRING_KICK] = { set_vring_kick, REQUEST_ONE, NUMBER },
    [WIRE_SET_VRING_CALL] = { set_vring_call, REQUEST_ONE, NUMBER },
    [WIRE_SET_VRING_ERR] = { set_vring_err, REQUEST_ONE, NUMBER },
    [WIRE_GET_PROTOCOL_FEATURES] = { get_protocol_features,
                                     .answer = NUMBER },
    [WIRE_SET_PROTOCOL_FEATURES] = { set_protocol_features, .size = NUMBER },
    [WIRE_GET_QUEUE_NUM] = { get_queue_num, .answer = NUMBER },
    [WIRE_SET_VRING_ENABLE] = { set_vring_enable, REQUEST_ONE, BODY(state) },
    [WIRE_SEND_RARP] = { send_rarp, .size = NUMBER },
    [WIRE_NET_SET_MTU] = { net_set_mtu, .size = NUMBER },
    [WIRE_GET_INFLIGHT_FD] = { get_inflight, .size = INFLIGHT,
                               .protocol = WIRE_F_INFLIGHT },
    [WIRE_SET_INFLIGHT_FD] = { set_inflight, REQUEST_ALL, INFLIGHT,
                               .protocol = WIRE_F_INFLIGHT },
    [WIRE_RESET_DEVICE] = { reset_device, REQUEST_ALL },
    [WIRE_GET_MAX_MEM_SLOTS] = { get_max_mem_slots, .answer = NUMBER,
                                 .protocol = WIRE_F_MEM_SLOTS },
    [WIRE_ADD_MEM_REG] = { add_mem_reg, REQUEST_ALL, BODY(slot),
                           .protocol = WIRE_F_MEM_SLOTS },
    [WIRE_REM_MEM_REG] = { rem_mem_reg, REQUEST_ALL, BODY(slot),
                           .protocol = WIRE_F_MEM_SLOTS },
    [WIRE_SET_STATUS] = { set_status, .size = NUMBER,
                          .protocol = WIRE_F_STATUS },
    [WIRE_GET_STATUS] = { get_status, .answer = NUMBER,
                          .protocol = WIRE_F_STATUS },
};

static const struct rule *
rule_of(const struct message *message)
{
    return message->head.request < WIRE_REQUESTS
        && rules[message->head.request].handle
        ? &rules[message->head.request] : NULL;
}

bool
request_check(struct front *front, enum request_stops *stops,
              uint32_t *lane, struct error *error)
{
    const struct message *message = &front->message;
    const struct rule *rule = rule_of(message);

    *stops = rule ? rule->stops : REQUEST_NONE;
    if (!rule) {
        return true;
    }
    if (message->head.size < rule->size) {
        return error_set(error, ERROR_INVALID, "its message %u is too short",
                         message->head.request);
    }
    if (rule->protocol
        && !(front->protocol_features & rule->protocol)) {
        return error_set(error, ERROR_INVALID, "its message %u needs a"
                         " protocol feature that it has not accepted",
                         message->head.request);
    }
    if (message->head.request == WIRE_SET_STATUS
        && message->body.number == 0) {
        *stops = REQUEST_ALL;
    }
    if (rule->stops == REQUEST_ONE) {
        *lane = message->body.state.index & WIRE_RING_MASK;
        return *lane < front->n_lanes
            || error_set(error, ERROR_LIMIT, "it has a ring %u, the port only"
                         " %u: start the guest with fewer queues, or create"
                         " the port with more", *lane, front->n_lanes);
    }
    return true;
}

/* Answers those that ask whether it was done. */
static bool
acknowledge(struct front *front, uint64_t result)
{
    struct message *message = &front->message;

    if (!(message->head.flags & WIRE_NEED_REPLY)
        || !(front->protocol_features & WIRE_F_REPLY_ACK)) {
        return true;
    }
    message->body.number = result;
    return message_reply(message, front->fd, NUMBER, -1);
}

bool
request_handle(struct front *front, struct error *error)
{
    struct message *message = &front->message;
    const struct rule *rule = rule_of(message);
    enum answer answer = rule ? rule->handle(front, message, error)
                              : ANSWER_NO;
    bool taken = true;

    switch (answer) {
    case ANSWER_END:
        acknowledge(front, 1);
        return false;
    case ANSWER_BODY:
        taken = message_reply(message, front->fd, rule->answer, -1);
        break;
    case ANSWER_DONE:
    case ANSWER_NO:
        taken = acknowledge(front, answer == ANSWER_NO);
        break;
    }
    return taken
        || error_set(error, ERROR_IO, "it does not take its answer");
}
