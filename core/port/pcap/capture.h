/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_PORT_PCAP_CAPTURE_H
#define XVS_PORT_PCAP_CAPTURE_H

/*
 * A port that is a capture file.  Files can make their reader wait, which a
 * worker must not; so each has a thread of its own, with a ring of frames
 * between it and the workers:
 *
 *     replay    file --> thread, at each packet's time --> ring --> worker
 *     record    workers --> ring --> thread --> file
 *
 * A thread begins when the port is live, so that nothing is sent or told
 * before.  What happens to the file the thread notes in 'state' and 'text',
 * and wakes the main thread by 'tell'.  A thread whose disk hangs when the
 * port is closed is left alone: whoever is last frees the capture.
 */

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "port/ring.h"

struct error;
struct loop_watch;
struct port;

/* What the thread says of the file. */
enum capture_state {
    CAPTURE_RUNS = 0,
    CAPTURE_WAITS,              /* record: it cannot be written now */
    CAPTURE_ENDED,              /* replay: at the end, or at damage */
};

struct capture {
    struct port *port;          /* main thread only */
    char path[128];             /* of the file */
    int file;                   /* -1: not open */
    bool is_record;
    bool is_loop;               /* replay again and again */
    bool has_thread;
    pthread_t thread;
    atomic_int owners;          /* port and thread */
    atomic_bool live;           /* a worker serves the port */
    atomic_bool stop;           /* the port is closed */
    int wake;                   /* eventfd: to the thread */
    int bell;                   /* eventfd: to the worker (replay) */
    int tell;                   /* eventfd: to the main thread */
    struct loop_watch *watch;   /* of 'tell' */
    struct ring *ring;
    struct ring_end in;         /* the producer's side */
    struct ring_end out;        /* the consumer's side */
    atomic_uint dropped;        /* replay: packets that are no frames */
    pthread_mutex_t lock;       /* of 'in' (record), 'state' and 'text' */
    enum capture_state state;
    char text[200];             /* for the admin */
};

/* Opens the port's file; false with an error that says what to do. */
bool capture_open_file(struct capture *capture, struct error *error);
/* A recording goes on behind what is there: that has to be whole. */
bool capture_check_end(const struct capture *capture, struct error *error);

/* Threads; 'arg' is the capture.  Their first call is capture_begin(). */
void *replay_run(void *arg);
void *record_run(void *arg);
/* Reads the file's head; the error names what is wrong with it. */
bool replay_check(struct capture *capture, struct error *error);

/* For the threads: waits until the port is live or closed. */
void capture_begin(struct capture *capture);
/* Notes what happened and tells the main thread. */
void capture_note(struct capture *capture, enum capture_state state,
                  const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Waits for 'wake', at most so long (-1: for ever). */
void capture_pause(struct capture *capture, int64_t nanoseconds);
/* The thread's last call. */
void capture_leave(struct capture *capture);

/* Head of every section that we write; in file.c. */
#define CAPTURE_HEAD_SIZE 48u
extern const uint8_t capture_head[CAPTURE_HEAD_SIZE];

#endif
