/* SPDX-License-Identifier: BSD-3-Clause */

#include <config.h>

#include "manage/http/http-output.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "manage/http/tls.h"

#define KEPT 16384u         /* buffers beyond it are given back when empty */
#define RECORD 16384u       /* what fits into one record of TLS */

void
http_output_free(struct http_output *output)
{
    buffer_free(&output->head);
    buffer_free(&output->body);
    buffer_free(&output->tail);
}

static void
empty(struct http_output *output)
{
    output->head.size = 0;
    output->body.size = 0;
    output->tail.size = 0;
    output->sent = 0;
    output->ready = false;
    if (output->head.capacity > KEPT) {
        buffer_free(&output->head);
    }
    if (output->body.capacity > 8 * KEPT) {
        buffer_free(&output->body);
    }
}

/* The parts that have not left yet; returns how many. */
static int
remaining(const struct http_output *output, struct iovec parts[3])
{
    const struct buffer *all[3] = { &output->head, &output->body,
                                    &output->tail };
    size_t skip = output->sent;
    int n = 0;

    for (int i = 0; i < 3; i++) {
        if (skip >= all[i]->size) {
            skip -= all[i]->size;
            continue;
        }
        parts[n++] = (struct iovec){ all[i]->data + skip,
                                     all[i]->size - skip };
        skip = 0;
    }
    return n;
}

static ssize_t
send_parts(int fd, struct tls_session *session, struct iovec *parts, int n)
{
    struct msghdr message = { .msg_iov = parts, .msg_iovlen = (size_t) n };

    return session ? tls_send(session, parts[0].iov_base, parts[0].iov_len)
                   : sendmsg(fd, &message, MSG_NOSIGNAL);
}

enum http_sent
http_output_send(struct http_output *output, int fd,
                 struct tls_session *session)
{
    struct iovec parts[3];

    /* A small answer is one record, not three. */
    if (session && !output->sent && output->body.size
        && output->head.size + output->body.size + output->tail.size
               <= RECORD) {
        buffer_put(&output->head, output->body.data, output->body.size);
        buffer_put(&output->head, output->tail.data, output->tail.size);
        output->body.size = 0;
        output->tail.size = 0;
    }
    for (;;) {
        int count = remaining(output, parts);
        ssize_t n;

        if (!count) {
            empty(output);
            return HTTP_SENT;
        }
        n = send_parts(fd, session, parts, count);
        if (n > 0) {
            output->sent += (size_t) n;
        } else if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            return HTTP_SENT_SOME;
        } else if (n == 0 || errno != EINTR) {
            return HTTP_SENT_FAILED;
        }
    }
}
