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

/* Lines of 72, each beginning one further in the alphabet; a frame of them. */
static const char *
lines(void)
{
    static char all[MUX_FRAME];
    bool is_made = all[0] != 0;

    for (unsigned int i = 0; !is_made && i < sizeof(all); i++) {
        unsigned int at = i % LINE;

        all[i] = (char) (at == LINE - 2 ? '\r' : at == LINE - 1 ? '\n'
                         : FIRST + (i / LINE + at) % GLYPHS);
    }
    return all;
}

/* As memcpy(), which is "rep movs" here: emulated guests go through that word
 * by word, and a frame of lines took them longer to fill than to send. */
static void
copy(char *to, const char *from, size_t n)
{
    typedef uint64_t word __attribute__((aligned(1), may_alias));
    size_t i = 0;

    for (; i + 4 * sizeof(word) <= n; i += 4 * sizeof(word)) {
        word *out = (word *) (void *) (to + i);
        const word *in = (const word *) (const void *) (from + i);
        const word a = in[0], b = in[1], c = in[2], d = in[3];

        out[0] = a;
        out[1] = b;
        out[2] = c;
        out[3] = d;
    }
    memcpy(to + i, from + i, n - i);
}

/* Each frame begins with the first line, and its last is cut where it ends. */
static void
generate(struct mux_stream *stream)
{
    struct iovec out;
    const char *text = lines();

    while (mux_reserve(stream, &out, 1) > 0) {
        copy(out.iov_base, text, out.iov_len);
        mux_commit(stream, out.iov_len);
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
