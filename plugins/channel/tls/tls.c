/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See tls.h.
 */

#include "tls/tls-inside.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#define SECOND UINT64_C(1000000000)
#define LAST_WORDS (30 * SECOND)
#define RECORD 16384u

static struct tls_side *leaving;

/* ---- The side ----------------------------------------------------------- */

static void
want_below(struct tls_side *self)
{
    unsigned events = self->out_size ? SIDE_WRITABLE : 0;

    if (!self->leaving) {
        events |= !self->is_open ? SIDE_READABLE : self->wanted;
    }
    self->below->class->want(self->below, events);
}

static void
post(struct tls_side *self)
{
    if (self->wanted & SIDE_READABLE
        && (self->failed || gnutls_record_check_pending(self->session))) {
        loop_post(self->loop, &self->again, EPOLLIN);
    }
}

static ssize_t
lost(void)
{
    errno = ECONNRESET;
    return -1;
}

static ssize_t
tls_read(struct side *side, void *bytes, size_t size)
{
    struct tls_side *self = tls_of(side);
    ssize_t n;

    if (!self->is_open) {
        tls_shake_hands(self);
        want_below(self);
    }
    if (self->failed) {
        return lost();
    }
    if (!self->is_open) {
        errno = EAGAIN;
        return -1;
    }
    n = gnutls_record_recv(self->session, bytes, size);
    if (n >= 0) {
        post(self);
        return n;
    }
    if (!gnutls_error_is_fatal((int) n)) {
        post(self);
        errno = EAGAIN;
        return -1;
    }
    tls_fail(self, (int) n);
    return lost();
}

static ssize_t
tls_write(struct side *side, const void *bytes, size_t size)
{
    struct tls_side *self = tls_of(side);
    size_t done = 0;

    if (self->failed) {
        return lost();
    }
    while (self->is_open && !self->out_size && done < size) {
        size_t part = size - done < RECORD ? size - done : RECORD;
        ssize_t n = gnutls_record_send(self->session,
                                       (const char *) bytes + done, part);

        if (n < 0) {
            tls_fail(self, (int) n);
            return lost();
        }
        done += (size_t) n;
    }
    if (self->out_size) {
        want_below(self);
    }
    if (!done && size) {
        errno = EAGAIN;
        return -1;
    }
    return (ssize_t) done;
}

static void
tls_finish(struct side *side)
{
    struct tls_side *self = tls_of(side);

    if (self->is_open && !self->failed && !self->said_end) {
        self->said_end = true;
        gnutls_bye(self->session, GNUTLS_SHUT_WR);
        want_below(self);
    }
}

static void
tls_want(struct side *side, unsigned events)
{
    struct tls_side *self = tls_of(side);

    self->wanted = events;
    post(self);
    want_below(self);
}

static void
destroy(struct tls_side *self, bool reset)
{
    if (self->leaving) {
        *(self->prev ? &self->prev->next : &leaving) = self->next;
        if (self->next) {
            self->next->prev = self->prev;
        }
    }
    loop_cancel(self->loop, &self->alarm);
    loop_unwatch(&self->again);
    gnutls_deinit(self->session);
    self->below->class->close(self->below, reset);
    tls_keys_destroy(self->keys);
    free(self->out);
    free(self->name);
    free(self->reason);
    free(self);
}

static void
tls_close(struct side *side, bool reset)
{
    struct tls_side *self = tls_of(side);

    reset = reset && !self->alerted;
    if (!reset) {
        tls_finish(side);
    }
    if (reset || (self->failed && !self->alerted) || !tls_flush(self)
        || !self->out_size) {
        destroy(self, reset);
        return;
    }
    self->leaving = true;
    self->next = leaving;
    if (self->next) {
        self->next->prev = self;
    }
    leaving = self;
    loop_unwatch(&self->again);
    loop_alarm(self->loop, &self->alarm, loop_now(self->loop) + LAST_WORDS);
    want_below(self);
}

static const struct side_class tls_class = {
    .read = tls_read,
    .write = tls_write,
    .finish = tls_finish,
    .want = tls_want,
    .close = tls_close,
};

/* ---- What comes from below ---------------------------------------------- */

static void
tell(struct tls_side *self, unsigned events)
{
    events &= self->wanted | SIDE_HUNG | SIDE_BROKEN;
    if (events && self->side.ready) {
        self->side.ready(&self->side, events);
    }
}

/* What the other end has said before it was lost is perhaps why. */
static void
hear_last(struct tls_side *self)
{
    char byte;

    if (self->keys->is_client && !self->is_open) {
        tls_shake_hands(self);
    } else if (self->keys->is_client && !self->failed) {
        ssize_t n = gnutls_record_recv(self->session, &byte, 1);

        if (n < 0 && gnutls_error_is_fatal((int) n)) {
            tls_fail(self, (int) n);
        }
    }
    self->failed = self->is_open = true;
}

static void
is_ready(struct side *below, unsigned events)
{
    struct tls_side *self = below->owner;
    bool lives = !(events & SIDE_BROKEN) && tls_flush(self);

    if (self->leaving) {
        if (!lives || events & SIDE_HUNG || !self->out_size) {
            destroy(self, !lives);
        }
        return;
    }
    if (!self->is_open && lives) {
        tls_shake_hands(self);
    }
    if (!lives) {
        hear_last(self);
        events |= SIDE_BROKEN;
    }
    want_below(self);
    if (self->out_size || !self->is_open) {
        events &= ~(unsigned) SIDE_WRITABLE;
    }
    tell(self, events);
}

static void
more_to_read(struct watch *watch, uint32_t events)
{
    struct tls_side *self = (struct tls_side *) (void *)
        ((char *) watch - offsetof(struct tls_side, again));

    (void) events;
    tell(self, SIDE_READABLE);
}

static void
took_too_long(struct alarm *alarm)
{
    struct tls_side *self = (struct tls_side *) (void *)
        ((char *) alarm - offsetof(struct tls_side, alarm));

    destroy(self, true);
}

void
tls_clean(void)
{
    while (leaving) {
        destroy(leaving, true);
    }
}

/* Takes 'name' in any case. */
static struct side *
create(struct tls_keys *keys, struct loop *loop, struct side *below,
       char *name)
{
    struct tls_side *self = calloc(1, sizeof(*self));

    if (!self) {
        free(name);
        return NULL;
    }
    self->side.class = &tls_class;
    self->keys = keys;
    self->loop = loop;
    self->below = below;
    self->name = name;
    self->again.fd = -1;
    self->again.ready = more_to_read;
    self->alarm.due = took_too_long;
    if (!tls_begin(self)) {
        if (self->session) {
            gnutls_deinit(self->session);
        }
        free(name);
        free(self);
        return NULL;
    }
    keys->users++;
    below->owner = self;
    below->ready = is_ready;
    return &self->side;
}

struct side *
tls_side(struct tls_keys *keys, struct loop *loop, struct side *below)
{
    struct side *side = create(keys, loop, below, NULL);

    if (side) {
        want_below(tls_of(side));
    }
    return side;
}

struct side *
tls_to(struct tls_keys *keys, struct loop *loop, struct side *below,
       const char *name)
{
    char *own = strdup(name);
    struct side *side = own ? create(keys, loop, below, own) : NULL;

    if (side) {
        tls_shake_hands(tls_of(side));
        want_below(tls_of(side));
    }
    return side;
}

const char *
tls_reason(struct side *side)
{
    const char *reason = side->class == &tls_class ? tls_of(side)->reason
                                                   : NULL;

    return reason ? reason : "";
}
