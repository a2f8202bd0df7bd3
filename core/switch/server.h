/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SWITCH_SERVER_H
#define XVS_SWITCH_SERVER_H

/*
 * The control entry's door: who may connect, whose requests are served, and
 * the way back for answers and events.
 *
 * Peers whose user is root, our own or the configured one are let in.  The
 * first that says HELLO is the manager until its connection ends; the others
 * are told that they are not.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "control/message.h"

struct buffer;
struct error;
struct loop;
struct request;
struct server;

/* A checked request of the manager; 'request' is answered exactly once,
 * then or later. */
typedef void (*server_call)(void *arg, struct request *request,
                            const struct control_header *message);

/* Takes over the listening descriptor. */
struct server *server_create(struct loop *loop, int fd, uid_t user,
                             server_call call, void *arg);
void server_destroy(struct server *server);     /* accepts NULL */

/* The manager's process; 0: there is none. */
pid_t server_manager(const struct server *server);

/* Starts the answer to a request that succeeds; see message_answer(). */
struct control_result *request_start(struct request *request,
                                     struct buffer *out, size_t size);
/* Sends it and ends the request. */
void request_send(struct request *request, struct buffer *message);
/* Answers with a result alone.  'extension' and 'text' may be NULL. */
void request_answer(struct request *request, enum xvs_result result,
                    uint32_t code, const char *extension, const char *text);
/* The same from an error, as XVS_NOT_ACCEPTED. */
void request_fail(struct request *request, const struct error *error);
void request_succeed(struct request *request);
/* For answers that say more than request_answer() can. */
void request_result(struct request *request, enum xvs_result result,
                    const struct control_result *what);

/* Copies text into a message's field, cut between characters. */
void server_put_text(char *field, size_t size, const char *text);

/* Sends to the manager, if there is one.  Accepts NULL. */
void server_event(struct server *server, const struct control_event *event);

#endif
