/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CHANNEL_SIDE_H
#define CHANNEL_SIDE_H

/*
 * One side of a conversation: bytes come and go, each direction ends by
 * itself, and none of it waits.  A client's connection is one (side-fd.c), as
 * it is under TLS (tls.c), as a stream of HTTP/2 (http2.c); so is a stream to
 * a guest (link-mux.c).  relay.h puts two together and asks neither what it
 * is.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct side;

/* What a side tells its owner: the first two when they are wanted, the others
 * in any case, once. */
enum {
    SIDE_READABLE = 0x01u,      /* read() has bytes, or the end */
    SIDE_WRITABLE = 0x02u,      /* write() takes bytes again */
    SIDE_HUNG = 0x04u,          /* what is written goes nowhere any more; what
                                 * has come can be read up to the end */
    SIDE_BROKEN = 0x08u         /* reset, or lost; read() has the error after
                                 * what has come */
};

struct side_class {
    /* Bytes; 0: the other end has finished; -1 with errno: EAGAIN, or the
     * conversation is over (ECONNRESET, ETIMEDOUT, ...). */
    ssize_t (*read)(struct side *side, void *bytes, size_t size);
    /* Bytes that were taken, -1 with errno as above (EPIPE as well). */
    ssize_t (*write)(struct side *side, const void *bytes, size_t size);
    /* Nothing more will be written; what was goes out first. */
    void (*finish)(struct side *side);
    /* Which of SIDE_READABLE, SIDE_WRITABLE to be told of, until asked for
     * something else.  Level-triggered: told again while it is so. */
    void (*want)(struct side *side, unsigned events);
    /* Gives up the side, and its memory.  'reset': what the other end
     * has not got yet is dropped, and it learns that (RST, RESET). */
    void (*close)(struct side *side, bool reset);
    /* As read() and write(), between a descriptor that is the conversation's
     * own and a pipe (splice()); take() is given an empty pipe.  NULL: there is
     * no such descriptor. */
    ssize_t (*take)(struct side *side, int pipe, size_t size);
    ssize_t (*give)(struct side *side, int pipe, size_t size);
    /* What has been read is not all, and what follows may be held back by the
     * other end until this was acknowledged (RFC 1122, 4.2.3.4).  NULL: nothing
     * is. */
    void (*acknowledge)(struct side *side);
};

/* The beginning of each of them. */
struct side {
    const struct side_class *class;
    void (*ready)(struct side *side, unsigned events);  /* its owner's */
    void *owner;
};

struct loop;

/* side-fd.c: a connected stream socket, which is non-blocking and becomes the
 * side's.  NULL: no memory; the socket stays the caller's. */
struct side *side_fd(struct loop *loop, int fd);
/* The same with one of our own that is not connected yet: it is SIDE_WRITABLE
 * then, or SIDE_BROKEN, and read() says why.  TCP does not hold back its bytes
 * (TCP_NODELAY; who is accepted has that from the listener). */
struct side *side_connecting(struct loop *loop, int fd);
/* Another has become its owner: SIDE_HUNG is told once more, if it was. */
void side_tell_again(struct side *side);

/* Sides of sockets that end together, such as those into one VM.  'first'
 * NULL: none.  The owner's memory, for as long as there are some. */
struct side_group {
    struct side *first;
    uint32_t *n;                /* counts them */
};

void side_join(struct side_group *group, struct side *side);
/* Each of them learns that it is SIDE_BROKEN, and is in no group any more. */
void side_break(struct side_group *group);

#endif
