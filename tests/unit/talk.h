/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_TESTS_TALK_H
#define XVS_TESTS_TALK_H

/*
 * The management interface with the fake service behind it, and a client of
 * its unix socket, in one process and thread: for tests and fuzz targets.
 */

#include <stdbool.h>
#include <stddef.h>

struct loop;
struct manage;
struct manage_options;
struct service;

struct talk {
    struct loop *loop;
    struct service *service;
    struct manage *manage;
    char folder[64];            /* of the socket; removed at the end */
    int fd;                     /* the client's end, or -1 */
    bool tcp;                   /* talks to the TCP listener instead */
};

/* 'options' (may be NULL) without the socket's path. */
void talk_start(struct talk *talk, const struct manage_options *options);
void talk_stop(struct talk *talk);
void talk_connect(struct talk *talk);
/* Sends the bytes. */
void talk_send(struct talk *talk, const char *data, size_t size);
/* Runs the loop until an answer is whole or the connection has ended; the
 * answer (heap) as it came, "" when there was none. */
char *talk_receive(struct talk *talk);
/* Lets the loop run for a while without reading. */
void talk_run(struct talk *talk, unsigned int ms);

/* Posts a message (connecting when need be); the whole answer. */
char *talk_post(struct talk *talk, const char *fields, const char *body);
/* An intrinsic call with its parameters' XML, in root/xvs. */
char *talk_call(struct talk *talk, const char *operation,
                const char *parameters);
/* A method; 'path' is LOCALINSTANCEPATH's or LOCALCLASSPATH's name part. */
char *talk_invoke(struct talk *talk, const char *method, const char *path,
                  const char *parameters);

#endif
