/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A socket as a side of a conversation: what its owner is told, and when.
 */

#include <config.h>

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "move/loop.h"
#include "move/side.h"
#include "unit/unit.h"

static struct loop *loop;
static struct side *side;
static int other;               /* the other end of its socket */
static unsigned told;           /* all that it was told */

static void
is_ready(struct side *which, unsigned events)
{
    CU_ASSERT_PTR_EQUAL(which, side);
    told |= events;
}

static void
begin(void)
{
    int pair[2] = { -1, -1 };

    CU_ASSERT_EQUAL(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair),
                    0);
    loop = loop_create();
    CU_ASSERT_PTR_NOT_NULL_FATAL(loop);
    side = side_fd(loop, pair[0]);
    CU_ASSERT_PTR_NOT_NULL_FATAL(side);
    side->ready = is_ready;
    other = pair[1];
}

static void
end(void)
{
    side->class->close(side, false);
    close(other);
    loop_destroy(loop);
}

/* What it is told now. */
static unsigned
hears(void)
{
    told = 0;
    loop_run(loop);
    return told;
}

static void
fill(void)
{
    static const char bytes[65536];

    while (side->class->write(side, bytes, sizeof(bytes)) > 0) {
    }
    CU_ASSERT_EQUAL(errno, EAGAIN);
}

static void
drain(void)
{
    static char bytes[65536];

    while (read(other, bytes, sizeof(bytes)) > 0) {
    }
}

static void
test_input(void)
{
    char byte;

    begin();
    CU_ASSERT_EQUAL(hears(), 0);
    side->class->want(side, SIDE_READABLE);
    CU_ASSERT_EQUAL(hears(), 0);
    CU_ASSERT_EQUAL(write(other, "x", 1), 1);
    CU_ASSERT_EQUAL(hears(), SIDE_READABLE);
    CU_ASSERT_EQUAL(side->class->read(side, &byte, 1), 1);
    CU_ASSERT_EQUAL(side->class->read(side, &byte, 1), -1);
    CU_ASSERT_EQUAL(errno, EAGAIN);
    end();
}

/* As often as it is full, its owner learns when it is not any more. */
static void
test_full(void)
{
    begin();
    side->class->want(side, SIDE_WRITABLE);
    CU_ASSERT_EQUAL(hears(), SIDE_WRITABLE);
    for (int i = 0; i < 3; i++) {
        fill();
        CU_ASSERT_EQUAL(hears(), 0);
        drain();
        CU_ASSERT_EQUAL(hears(), SIDE_WRITABLE);
    }
    /* Who does not want it is not told, and learns it when he does. */
    fill();
    side->class->want(side, 0);
    drain();
    CU_ASSERT_EQUAL(hears(), 0);
    side->class->want(side, SIDE_WRITABLE);
    CU_ASSERT_EQUAL(hears(), SIDE_WRITABLE);
    end();
}

static void
test_gone(void)
{
    begin();
    fill();
    close(other);
    CU_ASSERT(hears() & SIDE_HUNG);
    CU_ASSERT_EQUAL(side->class->write(side, "x", 1), -1);
    CU_ASSERT(errno == EPIPE || errno == ECONNRESET);
    other = -1;
    end();
}

static bool
delays(int fd)
{
    socklen_t size = sizeof(int);
    int no_delay = -1;

    CU_ASSERT_EQUAL(getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &no_delay,
                               &size), 0);
    return !no_delay;
}

/* One that we connect ourselves does not hold back what follows. */
static void
test_delays(void)
{
    struct sockaddr_in at = { .sin_family = AF_INET,
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    socklen_t size = sizeof(at);

    loop = loop_create();
    CU_ASSERT_EQUAL(bind(listener, (struct sockaddr *) &at, size), 0);
    CU_ASSERT_EQUAL(listen(listener, 1), 0);
    getsockname(listener, (struct sockaddr *) &at, &size);
    CU_ASSERT(connect(fd, (struct sockaddr *) &at, size) == 0
              || errno == EINPROGRESS);
    side = side_connecting(loop, fd);
    side->ready = is_ready;
    side->class->want(side, SIDE_WRITABLE);
    CU_ASSERT_EQUAL(hears(), SIDE_WRITABLE);
    CU_ASSERT_EQUAL(side->class->write(side, "a", 1), 1);
    CU_ASSERT(delays(fd));
    CU_ASSERT_EQUAL(side->class->write(side, "b", 1), 1);
    CU_ASSERT(!delays(fd));
    other = listener;
    end();
}

static const struct unit_test tests[] = {
    { "input", test_input },
    { "full", test_full },
    { "gone", test_gone },
    { "delays", test_delays },
};

UNIT_MAIN("channel side", tests)
