/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_PORT_VHOST_REQUEST_H
#define XVS_PORT_VHOST_REQUEST_H

/*
 * The messages of the protocol, one function each; request.c calls them when
 * all that must hold does, and the workers have let go of what they change.
 */

struct error;
struct front;
struct message;

/* What a handler has to say. */
enum answer {
    ANSWER_DONE,                /* as the front end wished */
    ANSWER_BODY,                /* and here is what it asked for */
    ANSWER_NO,                  /* it is told when it wants to know */
    ANSWER_END,                 /* the error says why to part from it */
};

/* Changes 'message' to the answer.  The error is set for ANSWER_END only. */
typedef enum answer request_handler(struct front *front,
                                    struct message *message,
                                    struct error *error);

/* request-memory.c: memory of the guest, of migrations and of positions. */
request_handler request_set_mem_table;
request_handler request_get_max_mem_slots;
request_handler request_add_mem_reg;
request_handler request_rem_mem_reg;
request_handler request_set_log_base;
request_handler request_get_inflight;
request_handler request_set_inflight;

/* request-ring.c: what the front end says of one ring. */
request_handler request_set_vring_num;
request_handler request_set_vring_addr;
request_handler request_set_vring_base;
request_handler request_get_vring_base;
request_handler request_set_vring_enable;
request_handler request_set_vring_kick;
request_handler request_set_vring_call;
request_handler request_set_vring_err;

#endif
