/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Bytes of a client of the management interface: through the parser, the
 * reader of CIM-XML and the operations, on a real connection, with the fake
 * service behind them.  A first byte above 127 asks for the bytes to arrive
 * in small pieces.
 */

#include <config.h>

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/loop.h"
#include "unit/fake-service.h"
#include "unit/talk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct talk talk;

static void
stop(void)
{
    talk_stop(&talk);
}

static void
start(void)
{
    log_open("fuzz-http", LOG_LEVEL_ERROR);
    fake_knobs = (struct fake_knobs){ .n_many = 300, .n_before_error = 3 };
    talk_start(&talk, NULL);
    atexit(stop);
}

/* Reads and forgets what there is. */
static void
drain(void)
{
    char piece[4096];

    while (recv(talk.fd, piece, sizeof piece, 0) > 0) {
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t step = size;

    if (!talk.loop) {
        start();
    }
    if (size && data[0] > 127) {
        step = 1 + data[0] % 7;
        data++;
        size--;
    }
    talk_connect(&talk);
    loop_once(talk.loop, 0);
    while (size) {
        size_t n = size < step ? size : step;

        if (send(talk.fd, data, n, MSG_NOSIGNAL) != (ssize_t) n) {
            break;
        }
        data += n;
        size -= n;
        loop_once(talk.loop, 0);
        drain();
    }
    close(talk.fd);
    talk.fd = -1;
    loop_once(talk.loop, 0);
    loop_once(talk.loop, 0);
    return 0;
}
