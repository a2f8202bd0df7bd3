/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The connection of a link to an agent: it is made, greeted, asked for signs
 * of life, and made anew when it breaks.
 *
 *     PAUSE --> WISH --> [LINE] --> GREETING --> UP
 *       ^---------- it broke ----------'---------'
 *
 * A VM that runs may have no agent yet: the greeting waits in its device until
 * one reads it, so the connection is kept.
 */

#include "link/link-mux-inside.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "link/hybrid.h"

#define MILLISECOND UINT64_C(1000000)
#define SECOND (1000 * MILLISECOND)
#define PAUSE_LEAST (100 * MILLISECOND)
#define PAUSE_MOST (5 * SECOND)
#define PATIENCE (2 * SECOND)          /* until a greeting counts as silence */
#define NO_GREETING (60 * SECOND)       /* until it is tried anew */
#define DEAD (18 * link->config.ask)    /* silence that ends a link */
#define SILENT (2 * link->config.ask + link->config.ask / 2)

#define AGAIN ((uint32_t) EPOLLMSG)     /* posted: there is more to do */

static uint64_t
now(const struct mux_link *link)
{
    return loop_now(link->config.host->loop);
}

static void
set_alarm(struct mux_link *link, uint64_t ns)
{
    loop_alarm(link->config.host->loop, &link->alarm, now(link) + ns);
}

static void
say(struct mux_link *link, const char *reason)
{
    snprintf(link->link.state.reason, sizeof(link->link.state.reason), "%s",
             reason);
}

void
link_mux_flush(struct mux_link *link)
{
    if (link->phase >= PHASE_GREETING) {
        loop_post(link->config.host->loop, &link->watch, AGAIN);
    }
}

/* ---- Its end ------------------------------------------------------------ */

static void
hang_up(struct mux_link *link)
{
    loop_unwatch(&link->watch);
    if (link->watch.fd >= 0) {
        close(link->watch.fd);
        link->watch.fd = -1;
    }
}

void
link_mux_broke(struct mux_link *link, const char *reason)
{
    char why[128];

    snprintf(why, sizeof(why), "%s", reason);
    if (link->phase == PHASE_UP) {
        link->link.state.resets++;
        link->pause = PAUSE_LEAST;
    }
    hang_up(link);
    link->phase = PHASE_PAUSE;
    link->link.state.up = false;
    link->n_ports = 0;
    say(link, why);
    set_alarm(link, link->pause);
    link->pause = link->pause * 2 < PAUSE_MOST ? link->pause * 2 : PAUSE_MOST;
    mux_down(link->mux, why);
    mux_dial_end_all(link, why);
}

/* ---- What a mux tells --------------------------------------------------- */

static struct mux_link *
link_of(struct mux *mux)
{
    return mux_owner(mux);
}

static void
is_up(struct mux *mux, const struct mux_peer *peer)
{
    struct mux_link *link = link_of(mux);

    link->phase = PHASE_UP;
    link->silent = false;
    link->pause = PAUSE_LEAST;
    link->link.state.up = true;
    say(link, "");
    memcpy(link->link.state.agent, peer->name,
           sizeof(link->link.state.agent));
    mux_ping(mux, now(link));
    set_alarm(link, link->config.ask);
    mux_dial_all(link);
    link_mux_flush(link);
}

/* The agent has begun anew, on the same connection. */
static void
is_down(struct mux *mux, const char *reason)
{
    struct mux_link *link = link_of(mux);

    (void) reason;
    link->phase = PHASE_GREETING;
    link->begun = now(link);
    link->n_ports = 0;
    link->link.state.up = false;
    link->link.state.resets++;
    say(link, "the agent has begun anew");
    set_alarm(link, PATIENCE);
}

static void
asks(struct mux *mux, struct mux_stream *stream, uint16_t port)
{
    struct mux_link *link = link_of(mux);
    struct link_host *host = link->config.host;
    char reason[128] = "nothing is served at that port";
    struct side *side = mux_side(link, stream);

    if (!side) {
        mux_refuse(stream, MUX_BUSY, "no memory");
        return;
    }
    mux_accept(stream, mux_side_user(side));
    if (!host->accept(host, &link->link, port, side, reason)) {
        mux_refuse(stream, MUX_FORBIDDEN, reason);
        mux_side_forget(side);
    }
}

static bool
is_dialled(struct mux_stream *stream)
{
    const struct mux_user *user = mux_stream_owner(stream);

    return user->is_dial;
}

static void
was_reset(struct mux_stream *stream, enum mux_code code, const char *reason)
{
    if (!mux_stream_owner(stream)) {
        return;
    }
    if (is_dialled(stream)) {
        mux_dial_refused(stream, code, reason);
    } else {
        mux_side_reset(stream);
    }
}

static void
answered(struct mux *mux, uint64_t asked)
{
    struct mux_link *link = link_of(mux);

    if (asked <= now(link)) {
        link->link.state.round_trip = now(link) - asked;
    }
}

static void
serves(struct mux *mux, const uint16_t *ports, unsigned int n)
{
    memcpy(link_of(mux)->ports, ports, n * sizeof(*ports));
    link_of(mux)->n_ports = n;
}

static const struct mux_events events = {
    is_up, is_down, asks, mux_dial_opened, mux_dial_refused, mux_side_readable,
    mux_side_writable, was_reset, answered, serves
};

/* ---- Its life ----------------------------------------------------------- */

void
link_mux_greet(struct mux_link *link)
{
    link->phase = PHASE_GREETING;
    link->begun = link->heard = now(link);
    mux_start(link->mux);
    set_alarm(link, PATIENCE);
}

static bool
say_line(struct mux_link *link)
{
    char line[HYBRID_LINE_SIZE];
    size_t n = hybrid_request(line, link->config.port);

    link->phase = PHASE_LINE;
    set_alarm(link, PATIENCE);
    return send(link->watch.fd, line, n, MSG_DONTWAIT | MSG_NOSIGNAL)
        == (ssize_t) n;
}

static void
connected(struct link_wish *wish, int fd, const char *reason)
{
    struct mux_link *link = (struct mux_link *) (void *)
        ((char *) wish - offsetof(struct mux_link, wish));

    if (fd < 0) {
        link_mux_broke(link, reason);
        return;
    }
    link->watch.fd = fd;
    link->readable = link->writable = true;
    link->ended = false;
    if (!loop_watch(link->config.host->loop, &link->watch, LINK_MUX_INPUT)) {
        link_mux_broke(link, "no memory");
    } else if (link->config.port == 0) {
        link_mux_greet(link);
        link_mux_flush(link);
    } else if (!say_line(link)) {
        link_mux_broke(link, "the VM's socket takes nothing");
    }
}

static void
connect_anew(struct mux_link *link)
{
    link->phase = PHASE_WISH;
    link->config.host->open(link->config.host, &link->wish);
}

static void
be_silent(struct mux_link *link, const char *reason)
{
    link->silent = true;
    link->link.state.up = false;
    say(link, reason);
    mux_dial_end_all(link, reason);
}

/* It is up: is it still? */
static void
ask_again(struct mux_link *link)
{
    uint64_t silence = now(link) - link->heard;

    if (silence > DEAD) {
        link_mux_broke(link, "the agent has been silent for too long");
        return;
    }
    if (silence > SILENT && !link->silent) {
        be_silent(link, "the agent does not answer; is the VM paused?");
    }
    mux_sweep(link->mux);
    mux_ping(link->mux, now(link));
    link_mux_flush(link);
    set_alarm(link, link->config.ask);
}

static void
is_due(struct alarm *alarm)
{
    struct mux_link *link = (struct mux_link *) (void *)
        ((char *) alarm - offsetof(struct mux_link, alarm));

    switch (link->phase) {
    case PHASE_PAUSE:
        connect_anew(link);
        break;
    case PHASE_LINE:
        link_mux_broke(link, "the VM's socket does not answer");
        break;
    case PHASE_GREETING:
        if (now(link) - link->begun > NO_GREETING) {
            link_mux_broke(link, "no agent answers in the VM");
        } else {
            be_silent(link, "no agent answers in the VM");
            set_alarm(link, NO_GREETING);
        }
        break;
    case PHASE_UP:
        ask_again(link);
        break;
    case PHASE_WISH:
        break;
    }
}

static void
destroy(struct link *base)
{
    struct mux_link *link = of_link(base);
    struct loop *loop = link->config.host->loop;

    link->config.host->forget(link->config.host, &link->wish);
    hang_up(link);
    link->phase = PHASE_PAUSE;
    say(link, "the VM is not known any more");
    mux_destroy(link->mux);
    mux_dial_drop(link, base->state.reason);
    loop_cancel(loop, &link->alarm);
    free(link);
}

static const struct link_class mux_class = {
    .name = "mux",
    .dial = mux_dial,
    .cancel = mux_dial_cancel,
    .destroy = destroy,
};

struct link *
link_mux(const struct link_mux_config *config)
{
    struct mux_config wanted = { .odd = true, .streams = config->max_streams,
                                 .window = 1 << 20, .budget = 16 << 20,
                                 .name = "xvs channel", .events = &events };
    struct mux_link *link = calloc(1, sizeof(*link));

    if (!link || getrandom(&wanted.seed, sizeof(wanted.seed), 0)
                 != sizeof(wanted.seed)) {
        free(link);
        return NULL;
    }
    wanted.owner = link;
    link->mux = mux_create(&wanted);
    if (!link->mux) {
        free(link);
        return NULL;
    }
    link->link.class = &mux_class;
    link->config = *config;
    link->config.ask = config->ask ? config->ask : 10 * SECOND;
    link->wish = (struct link_wish) { .opened = connected,
                                      .grant = config->grant };
    link->watch.fd = -1;
    link->watch.ready = link_mux_ready;
    link->alarm.due = is_due;
    link->pause = PAUSE_LEAST;
    connect_anew(link);
    return &link->link;
}

const uint16_t *
link_mux_services(const struct link *base, unsigned int *n)
{
    const struct mux_link *link = (const struct mux_link *)
        (const void *) base;

    *n = base->class == &mux_class ? link->n_ports : 0;
    return link->ports;
}
