/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Services that the agent is itself, by which people see whether a channel is
 * good and what it can do, when nothing else runs in the guest: echo, discard
 * and chargen as of RFC 862, 863 and 864.  Such a stream has no socket and no
 * state; its owner is where it was allowed.
 */

#include <string.h>

#include "agent.h"

enum { LINE = 74, FIRST = ' ', GLYPHS = 95 };  /* of chargen; with its end */

static const struct allowed *
allowed_of(const struct mux_stream *stream)
{
    return mux_stream_owner(stream);
}

bool
inner_has(const struct mux_stream *stream)
{
    const struct allowed *allowed = allowed_of(stream);

    return allowed >= options.allowed
        && allowed < options.allowed + MAX_ALLOWED;
}

void
inner_begin(struct mux_stream *stream, const struct allowed *allowed)
{
    mux_accept(stream, (void *) (uintptr_t) allowed);
    mux_wish(stream, allowed->inner == INNER_CHARGEN);
}

/* What is left is echoed in its turn. */
static void
echo(struct mux_stream *stream)
{
    struct iovec in, out;

    while (mux_peek(stream, &in, 1) > 0) {
        size_t n;

        if (mux_reserve(stream, &out, 1) == 0) {
            mux_wish(stream, true);
            return;
        }
        n = in.iov_len < out.iov_len ? in.iov_len : out.iov_len;
        memcpy(out.iov_base, in.iov_base, n);
        mux_commit(stream, n);
        mux_take(stream, n);
    }
    mux_wish(stream, false);
}

static void
discard(struct mux_stream *stream)
{
    struct iovec pieces[MUX_PIECES];
    unsigned int n;

    while ((n = mux_peek(stream, pieces, MUX_PIECES)) > 0) {
        size_t size = 0;

        for (unsigned int i = 0; i < n; i++) {
            size += pieces[i].iov_len;
        }
        mux_take(stream, size);
    }
}

/* Lines of 72, each beginning one further in the alphabet. */
static const char *
lines(size_t *size)
{
    static char all[GLYPHS * LINE];
    bool is_made = all[0] != 0;

    for (unsigned int i = 0; !is_made && i < sizeof(all); i++) {
        unsigned int at = i % LINE;

        all[i] = (char) (at == LINE - 2 ? '\r' : at == LINE - 1 ? '\n'
                         : FIRST + (i / LINE + at) % GLYPHS);
    }
    *size = sizeof(all);
    return all;
}

/* Each piece begins with the first line, and the last is cut where it ends. */
static void
generate(struct mux_stream *stream)
{
    struct iovec out;
    size_t size;
    const char *text = lines(&size);

    while (mux_reserve(stream, &out, 1) > 0) {
        size_t n = 0;

        while (n < out.iov_len) {
            size_t some = out.iov_len - n < size ? out.iov_len - n : size;

            memcpy((char *) out.iov_base + n, text, some);
            n += some;
        }
        mux_commit(stream, n);
    }
}

void
inner_move(struct mux_stream *stream)
{
    const bool generates = allowed_of(stream)->inner == INNER_CHARGEN;

    if (allowed_of(stream)->inner == INNER_ECHO) {
        echo(stream);
    } else {
        discard(stream);
    }
    if (generates) {
        generate(stream);       /* until nobody wants it */
    } else if (mux_at_end(stream)) {
        mux_close(stream, false);
    }
}
