/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The vhost-user driver: the card of a guest, by a unix socket.  In mode
 * server (the usual one) we make the socket, and QEMU connects and comes
 * again by itself; in mode client QEMU makes it, and it is our turn to come
 * again.  One front end at a time.
 */

#include <config.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xvs/packet.h>

#include "base/error.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/memory.h"
#include "base/socket.h"
#include "packet/grace.h"
#include "packet/pool.h"
#include "port/vhost/ring/ring.h"
#include "port/vhost/front.h"
#include "port/vhost/vhost.h"

#define PAIRS 8u                /* queue pairs, unless configured */
#define RETRY_FIRST_MS 200u     /* between two attempts to connect */
#define RETRY_MAX_MS 1000u
#define SOCKET_MODE 0660

/* ---- Connecting --------------------------------------------------------- */

void
vhost_news(struct vhost *vhost, enum port_news news, const char *text)
{
    /* A guest brings its rings up one by one; once is enough. */
    if (news != PORT_SAME || vhost->state != PORT_SAME) {
        vhost->state = news;
        port_news(vhost->port, news, text);
    }
}

static void
on_accept(void *arg, int listener, unsigned int events)
{
    struct vhost *vhost = arg;
    int fd;

    (void) events;
    if (vhost->front && front_is_going(vhost->front)) {
        /* The next one waits until all of it has gone. */
        loop_watch_set(vhost->listener_watch, 0);
        return;
    }
    fd = socket_accept(listener);
    if (fd >= 0 && vhost->front) {
        log_warning("%s: a second front end wants to connect; it is refused"
                    " while the first one is there",
                    vhost->port->config.device);
        close(fd);
    } else if (fd >= 0) {
        log_info("%s: a front end has connected", vhost->port->config.device);
        vhost->front = front_create(vhost, fd);
    }
}

static void try_again(void *arg);

static void
try_later(struct vhost *vhost)
{
    vhost->retry = loop_timer_add(vhost->port->owner.loop, vhost->retry_ms,
                                  false, try_again, vhost);
    vhost->retry_ms *= 2;
    if (vhost->retry_ms > RETRY_MAX_MS) {
        vhost->retry_ms = RETRY_MAX_MS;
    }
}

/* Says once why the socket cannot be used; that nobody listens yet is no
 * mistake. */
static void
say_refusal(struct vhost *vhost, int code)
{
    char text[160];

    if (code == 0 || code == ENOENT || code == ECONNREFUSED
        || code == vhost->refusal) {
        return;
    }
    vhost->refusal = code;
    snprintf(text, sizeof text, "is down: cannot connect: %s%s",
             strerror(code), code != EACCES ? "" : "; the socket must be"
             " writable for the user that xvs-switch runs as");
    vhost_news(vhost, PORT_DOWN, text);
}

/* Returns 0, or why not; it is tried again then. */
static int
connect_front_end(struct vhost *vhost)
{
    struct error error;
    int fd = socket_connect_unix(vhost->port->config.device, SOCK_STREAM,
                                 &error);

    if (fd < 0) {
        int code = errno;

        try_later(vhost);
        return code;
    }
    log_info("%s: connected to the front end", vhost->port->config.device);
    vhost->retry_ms = RETRY_FIRST_MS;
    vhost->refusal = 0;
    vhost->front = front_create(vhost, fd);
    return 0;
}

static void
try_again(void *arg)
{
    struct vhost *vhost = arg;

    vhost->retry = NULL;
    say_refusal(vhost, connect_front_end(vhost));
}

void
vhost_parted(struct vhost *vhost)
{
    vhost->front = NULL;
    port_describe(vhost->port, "waits for a guest");
    if (vhost->listener < 0) {
        try_later(vhost);
    } else {
        loop_watch_set(vhost->listener_watch, LOOP_READ);
    }
}

/* ---- Opening ------------------------------------------------------------ */

/* The folder of the socket; "/" at least. */
static void
folder_of(const char *path, char folder[CONTROL_DEVICE])
{
    char *slash;

    snprintf(folder, CONTROL_DEVICE, "%s", path);
    slash = strrchr(folder, '/');
    slash[slash == folder] = 0;
}

static bool
check_path(const char *path, struct error *error)
{
    char folder[CONTROL_DEVICE];
    struct stat status;

    if (path[0] != '/') {
        error_set(error, ERROR_INVALID, "'%s' is not the path of a socket",
                  path);
        return error_hint(error, "it begins with '/'");
    }
    folder_of(path, folder);
    if (stat(folder, &status) != 0) {
        return error_set_errno(error, errno, "%s", folder);
    }
    if (!S_ISDIR(status.st_mode)) {
        return error_set(error, ERROR_INVALID, "%s is not a folder", folder);
    }
    if (stat(path, &status) == 0 && !S_ISSOCK(status.st_mode)) {
        return error_set(error, ERROR_EXISTS,
                         "%s is there and is not a socket", path);
    }
    return true;
}

static bool
open_server(struct vhost *vhost, struct error *error)
{
    const char *path = vhost->port->config.device;
    char folder[CONTROL_DEVICE];
    struct stat status;

    folder_of(path, folder);
    if (access(folder, W_OK | X_OK) != 0) {
        error_set_errno(error, errno, "cannot make a socket in %s", folder);
        return error_hint(error, "xvs-switch runs as user %u: the folder must"
                          " be writable for it", (unsigned int) geteuid());
    }
    vhost->listener = socket_listen_unix(path, SOCK_STREAM, SOCKET_MODE,
                                         error);
    if (vhost->listener < 0) {
        return false;
    }
    vhost->inode = stat(path, &status) == 0 ? status.st_ino : 0;
    vhost->listener_watch = loop_watch_add(vhost->port->owner.loop,
                                           vhost->listener, LOOP_READ,
                                           on_accept, vhost);
    return true;
}

/* That nobody listens yet is no mistake; that we may not connect is one. */
static bool
open_client(struct vhost *vhost, struct error *error)
{
    const char *path = vhost->port->config.device;

    if (access(path, W_OK) != 0 && errno != ENOENT) {
        error_set_errno(error, errno, "cannot connect to %s", path);
        return error_hint(error, "xvs-switch runs as user %u: the socket must"
                          " be writable for it", (unsigned int) geteuid());
    }
    vhost->retry_ms = RETRY_FIRST_MS;
    connect_front_end(vhost);
    return true;
}

static void
on_trouble(void *arg, int fd, unsigned int events)
{
    struct vhost *vhost = arg;
    eventfd_t count;

    (void) events;
    eventfd_read(fd, &count);
    if (vhost->front) {
        front_check(vhost->front);
    }
}

static bool
vhost_open(struct port *port, struct error *error)
{
    struct vhost *vhost = mem_zalloc(sizeof *vhost);

    port->state = vhost;
    vhost->port = port;
    vhost->state = PORT_DOWN;
    vhost->listener = -1;
    vhost->n_pairs = port->config.queues ? port->config.queues : PAIRS;
    port->n_queues = vhost->n_pairs;
    port_set_can(port, PORT_CAN_CHAIN);
    port_describe(port, "waits for a guest");
    vhost->trouble = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (vhost->trouble < 0) {
        return error_set_errno(error, errno, "cannot prepare the port");
    }
    vhost->trouble_watch = loop_watch_add(port->owner.loop, vhost->trouble,
                                          LOOP_READ, on_trouble, vhost);
    return check_path(port->config.device, error)
        && (port->config.mode == MODE_CLIENT ? open_client(vhost, error)
                                             : open_server(vhost, error));
}

/* Removes the socket unless somebody else's is there now. */
static void
close_listener(struct vhost *vhost)
{
    const char *path = vhost->port->config.device;
    struct stat status;

    if (vhost->listener >= 0) {
        loop_watch_remove(vhost->listener_watch);
        close(vhost->listener);
        if (stat(path, &status) == 0 && status.st_ino == vhost->inode) {
            unlink(path);
        }
    }
}

static void
vhost_close(struct port *port)
{
    struct vhost *vhost = port->state;

    loop_timer_remove(vhost->retry);
    close_listener(vhost);
    front_destroy(vhost->front);
    loop_watch_remove(vhost->trouble_watch);
    if (vhost->trouble >= 0) {
        close(vhost->trouble);
    }
    free(vhost);
}

/* The guest has the MTU and address that its hypervisor gives it; here they
 * are what we hold it to. */
static bool
vhost_update(struct port *port, const struct port_config *wanted,
             struct error *error)
{
    (void) error;
    port->config.mtu = wanted->mtu;
    memcpy(port->config.mac, wanted->mac, sizeof port->config.mac);
    return true;
}

static enum port_news
vhost_look(const struct port *port)
{
    const struct vhost *vhost = port->state;

    return vhost->state;
}

/* ---- Workers ------------------------------------------------------------ */

/* Tells the network where the guest is now: a reverse ARP request, as
 * hypervisors send it. */
static uint32_t
announce(struct vhost *vhost, struct pool_cache *cache,
         struct xvs_packet **packets, struct port_tally *tally)
{
    static const uint8_t rarp[] = { 0x80, 0x35, 0, 1, 8, 0, 6, 4, 0, 3 };
    uint64_t mac = __atomic_exchange_n(&vhost->announce, 0, __ATOMIC_ACQUIRE);
    uint8_t *frame;

    if (mac == 0 || pool_get(cache, packets, 1) == 0) {
        return 0;
    }
    frame = packets[0]->data;
    memset(frame, 0, 60);
    memset(frame, 0xff, 6);
    memcpy(frame + 6, &mac, 6);
    memcpy(frame + 12, rarp, sizeof rarp);
    memcpy(frame + 22, &mac, 6);
    memcpy(frame + 32, &mac, 6);
    packets[0]->length = packets[0]->total = 60;
    tally->packets++;
    tally->bytes += 60;
    return 1;
}

static uint32_t
vhost_receive(struct port_queue *queue, struct pool_cache *cache,
              struct xvs_packet **packets, uint32_t max,
              struct port_tally *tally, enum port_news *news)
{
    struct vhost *vhost = queue->port->state;
    struct ring *ring = xvs_read(vhost->receive[queue->index]);
    uint32_t n;

    (void) news;
    if (!ring) {
        return 0;
    }
    n = ring_receive(ring, cache, packets, max, tally);
    if (__atomic_load_n(&vhost->announce, __ATOMIC_RELAXED) && n < max) {
        n += announce(vhost, cache, packets + n, tally);
    }
    return n;
}

static void
vhost_transmit(struct port *port, uint32_t worker,
               struct xvs_packet *const *packets, uint32_t n,
               struct port_tally *tally)
{
    struct vhost *vhost = port->state;
    struct ring *ring = xvs_read(vhost->send[worker % WORKERS_MAX]);

    if (ring) {
        ring_transmit(ring, packets, n, tally);
    } else {
        tally->dropped += n;
    }
}

static bool
vhost_arm(struct port_queue *queue)
{
    struct vhost *vhost = queue->port->state;
    struct ring *ring = xvs_read(vhost->receive[queue->index]);

    return !ring || ring_arm(ring);
}

static void
vhost_disarm(struct port_queue *queue)
{
    struct vhost *vhost = queue->port->state;
    struct ring *ring = xvs_read(vhost->receive[queue->index]);

    if (ring) {
        ring_disarm(ring);
    }
}

const struct port_ops vhost_ops = {
    .name = "vhost-user",
    .open = vhost_open,
    .close = vhost_close,
    .receive = vhost_receive,
    .transmit = vhost_transmit,
    .arm = vhost_arm,
    .disarm = vhost_disarm,
    .update = vhost_update,
    .look = vhost_look,
};
