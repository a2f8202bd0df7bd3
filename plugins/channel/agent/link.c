/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Links to the host: a virtio-serial port, and what connects to our unix
 * socket or vsock port.
 *
 * The device stays open when the host goes away, and is used again when it
 * comes back: after rights were given up nobody could open it.  Only what has
 * become of no use (it was unplugged) is opened again.
 *
 * While the host is there the epoll tells of bytes as long as there are some,
 * and of room only when there was none: so a message costs one read and one
 * write, and no try in vain.  A device without a host is told of by edges, as
 * it is always ready.
 */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "agent.h"
#include <config.h>

enum { GATHER = 1 << 17,                /* bytes that are read at once */
       PIECE = 4096,                    /* what a serial port gives at most */
       OUTPUT = 1 << 17,                /* bytes that wait to be written */
       SWEEP = 10,                      /* seconds */
       RESTARTS = 5 };                  /* without a link that is up */

struct link {
    struct watch watch;         /* first */
    struct mux *mux;
    bool is_device, away;       /* away: the host does not have it open */
    bool full;                  /* nothing can be written now */
    unsigned int restarts;
};

static struct link *links[MAX_LINKS];
static unsigned int ticks;

/* ---- What a mux tells of the whole link --------------------------------- */

static void
is_up(struct mux *mux, const struct mux_peer *peer)
{
    uint16_t ports[MAX_ALLOWED];
    struct link *link = mux_owner(mux);

    for (unsigned int i = 0; i < options.n_allowed; i++) {
        ports[i] = options.allowed[i].port;
    }
    link->restarts = 0;
    mux_services(mux, ports, options.n_allowed);
    say("linked to %s", peer->name);
}

static void
is_down(struct mux *mux, const char *reason)
{
    (void) mux;
    say("the link: %s", reason);
}

static void
pong(struct mux *mux, uint64_t value)
{
    (void) mux;
    (void) value;
}

static void
services(struct mux *mux, const uint16_t *ports, unsigned int n)
{
    (void) mux;
    (void) ports;
    (void) n;
}

static const struct mux_events events = {
    is_up, is_down, stream_asked, stream_opened, stream_refused,
    stream_readable, stream_writable, stream_reset, pong, services
};

static struct mux *
create_mux(struct link *link)
{
    struct mux_config config = { .streams = options.max_streams,
                                 .window = 1 << 18, .budget = 8 << 20,
                                 .output = OUTPUT, .events = &events,
                                 .owner = link };
    struct utsname name;

    if (getrandom(&config.seed, sizeof(config.seed), 0)
        != sizeof(config.seed)) {
        die("no random numbers: %s", strerror(errno));
    }
    uname(&name);
    snprintf(config.name, sizeof(config.name), "xvs-agent %s, %.10s %.24s",
             PACKAGE_VERSION, name.sysname, name.nodename);
    return mux_create(&config);
}

/* ---- One link ----------------------------------------------------------- */

static void
set_events(struct link *link)
{
    loop_ask(&link->watch, link->away ? LOOP_EDGES
             : (uint32_t) EPOLLIN | EPOLLRDHUP
               | (link->full ? (uint32_t) EPOLLOUT : 0));
}

static void
lose(struct link *link, const char *reason)
{
    mux_down(link->mux, reason);
    if (link->is_device) {
        if (!link->away) {
            say("%s: %s", options.serial, reason);
        }
        link->away = true;
        set_events(link);
        return;
    }
    say("a link ends: %s", reason);
    mux_destroy(link->mux);
    for (int i = 0; i < MAX_LINKS; i++) {
        if (links[i] == link) {
            links[i] = NULL;
        }
    }
    loop_close(&link->watch);
}

static void
come_back(struct link *link)
{
    if (link->away) {
        link->away = link->full = false;
        set_events(link);
        mux_start(link->mux);
    }
}

/* False: the link has gone. */
static bool
flush(struct link *link)
{
    size_t size;
    const void *bytes;

    while (!link->full && !link->away
           && (bytes = mux_output(link->mux, &size)) && size > 0) {
        ssize_t n = write(link->watch.fd, bytes, size);

        if (n > 0) {
            mux_sent(link->mux, (size_t) n);
        } else if (n < 0 && errno == EAGAIN) {
            link->full = true;
            set_events(link);
        } else if (n < 0 && errno != EINTR) {
            lose(link, strerror(errno));
            return link->is_device;
        }
    }
    return true;
}

/* What came breaks the rules: on a device there is only beginning anew. */
static bool
mend(struct link *link)
{
    const char *reason = mux_broken(link->mux);

    if (!reason) {
        return true;
    }
    if (!link->is_device || link->restarts++ > RESTARTS) {
        lose(link, reason);
        return false;
    }
    say("%s: %s", options.serial, reason);
    mux_start(link->mux);
    return true;
}

static bool
take(struct link *link, const uint8_t *bytes, size_t size)
{
    size_t done = 0;

    while (done < size) {
        done += mux_input(link->mux, bytes + done, size - done);
        if (!mend(link)) {
            return false;
        }
    }
    return true;
}

/* Reads while there is likely more, so that what is behind a stream is told
 * once, not of each page that a serial port gives.  Why the link has ended
 * behind that; NULL: it has not. */
static const char *
gather(const struct link *link, uint8_t *bytes, size_t *size)
{
    ssize_t n = PIECE;

    for (*size = 0; n >= PIECE && *size < GATHER; *size += (size_t) n) {
        n = read(link->watch.fd, bytes + *size, GATHER - *size);
        if (n == 0) {
            return "the host went away";
        }
        if (n < 0) {
            return errno == EAGAIN || errno == EINTR ? NULL : strerror(errno);
        }
    }
    return NULL;
}

static void
read_some(struct link *link)
{
    static uint8_t bytes[GATHER];
    size_t size;
    const char *gone = gather(link, bytes, &size);

    if (size > 0) {
        come_back(link);
        if (!take(link, bytes, size) || !flush(link)) {
            return;
        }
    }
    if (gone) {
        lose(link, gone);
    }
}

static void
ready(struct watch *watch, uint32_t what)
{
    struct link *link = (struct link *) (void *) watch;

    if (what & EPOLLHUP && link->is_device) {
        lose(link, "the host went away");
        return;
    }
    if (what & EPOLLOUT) {
        come_back(link);
        link->full = false;
        set_events(link);
    }
    if (what & ~(uint32_t) EPOLLOUT) {
        read_some(link);
    }
}

void
link_add(int fd, bool is_device)
{
    struct link *link = calloc(1, sizeof(*link));

    for (int i = 0; link && i < MAX_LINKS; i++) {
        if (!links[i]) {
            link->watch = (struct watch) { .fd = fd, .ready = ready };
            link->is_device = link->away = is_device;
            link->mux = create_mux(link);
            if (!link->mux || !loop_watch(&link->watch)) {
                break;
            }
            if (!is_device) {
                set_events(link);
                mux_start(link->mux);
            }
            links[i] = link;
            return;
        }
    }
    say("there is no room for another link");
    if (link) {
        mux_destroy(link->mux);
    }
    free(link);
    close(fd);
}

/* ---- All of them -------------------------------------------------------- */

void
link_open_all(void)
{
    int fd;

    if (options.serial[0]) {
        fd = door_device(options.serial);
        if (fd < 0) {
            die("cannot open %s: %s", options.serial, strerror(errno));
        }
        link_add(fd, true);
    }
    if (options.unix_path[0]) {
        door_open(local_listen_unix(options.unix_path), false);
    }
    if (options.vsock) {
        door_open(door_vsock(options.vsock), true);
    }
}

void
link_flush_all(void)
{
    for (int i = 0; i < MAX_LINKS; i++) {
        if (links[i] && mux_has_output(links[i]->mux)) {
            flush(links[i]);
        }
    }
}

/* The device may have come back without a word. */
static void
look_again(struct link *link)
{
    struct pollfd look = { .fd = link->watch.fd, .events = POLLIN | POLLOUT };
    int fd;

    if (poll(&look, 1, 0) > 0 && !(look.revents & (POLLHUP | POLLERR))) {
        come_back(link);
        read_some(link);
    } else if (look.revents & POLLERR) {
        fd = door_device(options.serial);
        if (fd >= 0) {
            dup3(fd, link->watch.fd, O_CLOEXEC);
            close(fd);
            loop_watch(&link->watch);
        }
    }
}

void
link_tick(void)
{
    ticks++;
    for (int i = 0; i < MAX_LINKS; i++) {
        if (links[i] && links[i]->away) {
            links[i]->restarts = 0;
            look_again(links[i]);
        }
        if (links[i] && ticks % SWEEP == 0) {
            mux_sweep(links[i]->mux);
        }
    }
}

struct mux *
link_find(void)
{
    for (int i = MAX_LINKS - 1; i >= 0; i--) {
        if (links[i] && mux_is_up(links[i]->mux)) {
            return links[i]->mux;
        }
    }
    return NULL;
}
