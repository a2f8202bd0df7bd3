/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The table of messages and what must hold before each is handled; and the
 * handlers of those that are about the device as a whole.
 */

#include <config.h>

#include "base/error.h"
#include "base/log.h"
#include "port/vhost/features.h"
#include "port/vhost/front.h"
#include "port/vhost/request.h"
#include "port/vhost/ring/notify.h"

/* ---- Features ----------------------------------------------------------- */

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

/* ---- The network card --------------------------------------------------- */

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
        notify(front->lanes[1].kick);
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

/* ---- All of them -------------------------------------------------------- */

#define NUMBER ((uint32_t) sizeof(uint64_t))
#define BODY(member) ((uint32_t) sizeof ((union wire_body *) 0)->member)
#define TABLE (2 * (uint32_t) sizeof(uint32_t)) /* and the regions */
#define INFLIGHT 20u                            /* BODY() would be padded */

static const struct rule {
    request_handler *handle;    /* NULL: we do not offer that */
    enum request_stops stops;
    uint32_t size;              /* of its body, at least */
    uint32_t answer;            /* size of an answer */
    uint32_t protocol;          /* only with this feature */
} rules[WIRE_REQUESTS] = {
    [WIRE_GET_FEATURES] = { get_features, .answer = NUMBER },
    [WIRE_SET_FEATURES] = { set_features, REQUEST_ALL, NUMBER },
    [WIRE_SET_OWNER] = { do_nothing },
    [WIRE_RESET_OWNER] = { do_nothing },
    [WIRE_SET_MEM_TABLE] = { request_set_mem_table, REQUEST_ALL, TABLE },
    [WIRE_SET_LOG_BASE] = { request_set_log_base, REQUEST_ALL, BODY(log),
                            NUMBER, WIRE_F_LOG_SHMFD },
    [WIRE_SET_LOG_FD] = { do_nothing },
    [WIRE_SET_VRING_NUM] = { request_set_vring_num, REQUEST_ONE, BODY(state) },
    [WIRE_SET_VRING_ADDR] = { request_set_vring_addr, REQUEST_ONE,
                              BODY(address) },
    [WIRE_SET_VRING_BASE] = { request_set_vring_base, REQUEST_ONE,
                              BODY(state) },
    [WIRE_GET_VRING_BASE] = { request_get_vring_base, REQUEST_ONE, BODY(state),
                              BODY(state) },
    [WIRE_SET_VRING_KICK] = { request_set_vring_kick, REQUEST_ONE, NUMBER },
    [WIRE_SET_VRING_CALL] = { request_set_vring_call, REQUEST_ONE, NUMBER },
    [WIRE_SET_VRING_ERR] = { request_set_vring_err, REQUEST_ONE, NUMBER },
    [WIRE_GET_PROTOCOL_FEATURES] = { get_protocol_features,
                                     .answer = NUMBER },
    [WIRE_SET_PROTOCOL_FEATURES] = { set_protocol_features, .size = NUMBER },
    [WIRE_GET_QUEUE_NUM] = { get_queue_num, .answer = NUMBER },
    [WIRE_SET_VRING_ENABLE] = { request_set_vring_enable, REQUEST_ONE,
                                BODY(state) },
    [WIRE_SEND_RARP] = { send_rarp, .size = NUMBER },
    [WIRE_NET_SET_MTU] = { net_set_mtu, .size = NUMBER },
    [WIRE_GET_INFLIGHT_FD] = { request_get_inflight, .size = INFLIGHT,
                               .protocol = WIRE_F_INFLIGHT },
    [WIRE_SET_INFLIGHT_FD] = { request_set_inflight, REQUEST_ALL, INFLIGHT,
                               .protocol = WIRE_F_INFLIGHT },
    [WIRE_RESET_DEVICE] = { reset_device, REQUEST_ALL },
    [WIRE_GET_MAX_MEM_SLOTS] = { request_get_max_mem_slots, .answer = NUMBER,
                                 .protocol = WIRE_F_MEM_SLOTS },
    [WIRE_ADD_MEM_REG] = { request_add_mem_reg, REQUEST_ALL, BODY(slot),
                           .protocol = WIRE_F_MEM_SLOTS },
    [WIRE_REM_MEM_REG] = { request_rem_mem_reg, REQUEST_ALL, BODY(slot),
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
