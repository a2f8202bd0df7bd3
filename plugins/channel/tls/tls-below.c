/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What GnuTLS wants to send is sent at once; what the side below does not take
 * waits in memory, and nothing more is encrypted until it is gone.  So the
 * library never sees a write that would block.
 */

#include "tls/tls-inside.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool
keep(struct tls_side *self, const char *bytes, size_t size)
{
    char *out;

    if (self->out_at) {
        memmove(self->out, self->out + self->out_at, self->out_size);
        self->out_at = 0;
    }
    out = realloc(self->out, self->out_size + size);
    if (!out) {
        return false;
    }
    memcpy(out + self->out_size, bytes, size);
    self->out = out;
    self->out_size += size;
    return true;
}

static ssize_t
push(gnutls_transport_ptr_t arg, const void *bytes, size_t size)
{
    struct tls_side *self = arg;
    ssize_t n = 0;

    if (!self->out_size) {
        n = self->below->class->write(self->below, bytes, size);
        if (n < 0 && errno != EAGAIN) {
            gnutls_transport_set_errno(self->session, ECONNRESET);
            return -1;
        }
        n = n < 0 ? 0 : n;
    }
    if ((size_t) n < size
        && !keep(self, (const char *) bytes + n, size - (size_t) n)) {
        gnutls_transport_set_errno(self->session, ECONNRESET);
        return -1;
    }
    return (ssize_t) size;
}

static ssize_t
pull(gnutls_transport_ptr_t arg, void *bytes, size_t size)
{
    struct tls_side *self = arg;
    ssize_t n = self->below->class->read(self->below, bytes, size);

    if (n < 0) {
        gnutls_transport_set_errno(self->session, errno == EAGAIN
                                                  ? EAGAIN : ECONNRESET);
    }
    return n;
}

bool
tls_flush(struct tls_side *self)
{
    while (self->out_size) {
        ssize_t n = self->below->class->write(
            self->below, self->out + self->out_at, self->out_size);

        if (n <= 0) {
            return n == 0 || errno == EAGAIN;
        }
        self->out_at += (size_t) n;
        self->out_size -= (size_t) n;
    }
    free(self->out);
    self->out = NULL;
    self->out_at = 0;
    return true;
}

void
tls_set_transport(struct tls_side *self)
{
    gnutls_transport_set_ptr(self->session, self);
    gnutls_transport_set_push_function(self->session, push);
    gnutls_transport_set_pull_function(self->session, pull);
}
