/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The pcap driver: a capture file as a port (capture.h).  Replay gives the
 * file's packets to the switch; record writes what leaves by the port, with
 * checksums finished and super frames cut, as a wire would have seen it.
 */

#include <config.h>

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>
#include <xvs/packet.h>

#include "base/error.h"
#include "base/loop.h"
#include "base/memory.h"
#include "port/frames.h"
#include "port/pcap/capture.h"
#include "port/port.h"

#define END_S 2                 /* for a thread to end */

/* ---- For the threads ---------------------------------------------------- */

void
capture_note(struct capture *capture, enum capture_state state,
             const char *format, ...)
{
    va_list args;

    pthread_mutex_lock(&capture->lock);
    capture->state = state;
    va_start(args, format);
    vsnprintf(capture->text, sizeof capture->text, format, args);
    va_end(args);
    pthread_mutex_unlock(&capture->lock);
    eventfd_write(capture->tell, 1);
}

void
capture_pause(struct capture *capture, int64_t nanoseconds)
{
    struct pollfd poll_fd = { capture->wake, POLLIN, 0 };
    struct timespec limit = { .tv_sec = nanoseconds / 1000000000,
                              .tv_nsec = nanoseconds % 1000000000 };
    eventfd_t count;

    if (ppoll(&poll_fd, 1, nanoseconds < 0 ? NULL : &limit, NULL) > 0) {
        eventfd_read(capture->wake, &count);
    }
}

void
capture_begin(struct capture *capture)
{
    while (!atomic_load(&capture->live) && !atomic_load(&capture->stop)) {
        capture_pause(capture, -1);
    }
}

static void
close_fd(int fd)
{
    if (fd >= 0) {
        close(fd);
    }
}

void
capture_leave(struct capture *capture)
{
    if (atomic_fetch_sub(&capture->owners, 1) > 1) {
        return;
    }
    close_fd(capture->file);
    close_fd(capture->wake);
    close_fd(capture->bell);
    close_fd(capture->tell);
    pthread_mutex_destroy(&capture->lock);
    free(capture->ring);
    free(capture);
}

/* ---- Main thread -------------------------------------------------------- */

static void
on_tell(void *arg, int fd, unsigned int events)
{
    struct capture *capture = arg;
    char text[sizeof capture->text];
    enum capture_state state;
    eventfd_t count;

    (void) events;
    eventfd_read(fd, &count);
    pthread_mutex_lock(&capture->lock);
    state = capture->state;
    memcpy(text, capture->text, sizeof text);
    pthread_mutex_unlock(&capture->lock);
    port_news(capture->port, state == CAPTURE_RUNS ? PORT_SAME : PORT_DOWN,
              text);
}

static bool
prepare(struct capture *capture, struct error *error)
{
    const struct port_config *config = &capture->port->config;

    capture->is_record = config->mode == MODE_RECORD;
    capture->is_loop = config->mode == MODE_LOOP;
    memcpy(capture->path, config->device, sizeof config->device);
    capture->file = -1;
    pthread_mutex_init(&capture->lock, NULL);
    capture->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    capture->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    capture->tell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    capture->ring = mem_zalloc(sizeof *capture->ring);
    capture->ring->asleep = 1;
    capture->in.ring = capture->out.ring = capture->ring;
    atomic_init(&capture->owners, 1);
    return (capture->wake >= 0 && capture->bell >= 0 && capture->tell >= 0)
        || error_set_errno(error, errno, "%s: cannot watch it",
                           capture->path);
}

static bool
start(struct capture *capture, struct error *error)
{
    struct loop *loop = capture->port->owner.loop;
    int number;

    capture->watch = loop_watch_add(loop, capture->tell, LOOP_READ, on_tell,
                                    capture);
    atomic_fetch_add(&capture->owners, 1);
    number = pthread_create(&capture->thread, NULL, capture->is_record
                            ? record_run : replay_run, capture);
    capture->has_thread = number == 0;
    if (number != 0) {
        atomic_fetch_sub(&capture->owners, 1);
        return error_set_errno(error, number, "%s: cannot start its thread",
                               capture->path);
    }
    pthread_setname_np(capture->thread, "xvs-pcap");
    return true;
}

static bool
pcap_open_port(struct port *port, struct error *error)
{
    struct capture *capture = mem_zalloc(sizeof *capture);

    port->state = capture;
    capture->port = port;
    if (!prepare(capture, error) || !capture_open_file(capture, error)
        || !(capture->is_record ? capture_check_end(capture, error)
                                : replay_check(capture, error))) {
        return false;
    }
    port_set_can(port, PORT_CAN_CHAIN);
    if (!capture->is_record) {
        port->queues[0].fd = capture->bell;
    }
    return start(capture, error);
}

/* What was recorded is in the file when this returns, if the disk allows. */
static void
pcap_close_port(struct port *port)
{
    struct capture *capture = port->state;
    struct timespec until;

    loop_watch_remove(capture->watch);
    if (capture->has_thread) {
        atomic_store(&capture->stop, true);
        eventfd_write(capture->wake, 1);
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += END_S;
        if (pthread_timedjoin_np(capture->thread, NULL, &until) != 0) {
            pthread_detach(capture->thread);
        }
    }
    capture_leave(capture);
}

static enum port_news
pcap_look(const struct port *port)
{
    struct capture *capture = port->state;
    enum capture_state state;

    pthread_mutex_lock(&capture->lock);
    state = capture->state;
    pthread_mutex_unlock(&capture->lock);
    return state == CAPTURE_RUNS ? PORT_SAME : PORT_DOWN;
}

/* ---- Workers ------------------------------------------------------------ */

static uint32_t
pcap_receive(struct port_queue *queue, struct pool_cache *cache,
             struct xvs_packet **packets, uint32_t max,
             struct port_tally *tally, enum port_news *news)
{
    struct capture *capture = queue->port->state;

    (void) news;
    if (!atomic_load_explicit(&capture->live, memory_order_relaxed)) {
        atomic_store(&capture->live, true);
        eventfd_write(capture->wake, 1);
    }
    if (capture->is_record) {
        return 0;
    }
    if (atomic_load_explicit(&capture->dropped, memory_order_relaxed)) {
        tally->dropped += atomic_exchange(&capture->dropped, 0);
    }
    return frames_receive(&capture->out, cache, packets, max, tally);
}

/* Nothing can go out of a file that is replayed. */
static void
pcap_transmit(struct port *port, uint32_t worker,
              struct xvs_packet *const *packets, uint32_t n,
              struct port_tally *tally)
{
    struct capture *capture = port->state;
    bool wake;

    (void) worker;
    if (!capture->is_record) {
        tally->dropped += n;
        return;
    }
    pthread_mutex_lock(&capture->lock);
    for (uint32_t i = 0; i < n; i++) {
        if (frames_give(&capture->in, packets[i], &packets[i]->time,
                        sizeof packets[i]->time)) {
            tally->packets++;
            tally->bytes += packets[i]->total;
        } else {
            tally->dropped++;
        }
    }
    wake = ring_show(&capture->in);
    pthread_mutex_unlock(&capture->lock);
    if (wake) {
        eventfd_write(capture->wake, 1);
    }
}

static bool
pcap_arm(struct port_queue *queue)
{
    struct capture *capture = queue->port->state;

    return capture->is_record || ring_doze(&capture->out);
}

static void
pcap_disarm(struct port_queue *queue)
{
    struct capture *capture = queue->port->state;
    eventfd_t count;

    if (!capture->is_record) {
        ring_rouse(&capture->out);
        eventfd_read(capture->bell, &count);
    }
}

const struct port_ops pcap_ops = {
    .name = "pcap",
    .open = pcap_open_port,
    .close = pcap_close_port,
    .receive = pcap_receive,
    .transmit = pcap_transmit,
    .arm = pcap_arm,
    .disarm = pcap_disarm,
    .look = pcap_look,
};
