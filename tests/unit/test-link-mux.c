/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The link to a real agent, and real sockets behind that: what the host's side
 * of a stream and the service say to each other is compared, and so is how it
 * ends; links break, agents are killed, paused, lie and come back.
 */

#include <config.h>

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "agent-host.h"
#include "link/link-mux.h"
#include "move/loop.h"
#include "unit.h"

static struct talk *one;

static bool
is_up(void)
{
    return world.link->state.up;
}

static bool
is_down(void)
{
    return !world.link->state.up;
}

static bool
has_ended_dial(void)
{
    return one->ended_dial;
}

static void
create(void)
{
    CU_ASSERT_FATAL(world_create(true));
    CU_ASSERT_FATAL(world_until(is_up));
    one = &world.talks[0];
}

/* A dial whose stream is paired with its service. */
static void
open_one(void)
{
    world_dial(one, 22);
    CU_ASSERT_FATAL(world_until(has_ended_dial));
    CU_ASSERT_EQUAL_FATAL(one->how, DIAL_OPEN);
    CU_ASSERT_FATAL(world_pair(one));
}

static uint8_t
byte_of(const struct talk *talk, int end, uint32_t at)
{
    uint32_t x = (at + (uint32_t) (talk - world.talks) * 7919u
                  + (uint32_t) end * 104729u) * 2654435761u;

    return (uint8_t) (x >> 24);
}

static ssize_t
say(struct talk *talk, int end, const void *bytes, size_t n)
{
    if (end == 0) {
        return talk->side->class->write(talk->side, bytes, n);
    }
    return send(talk->service, bytes, n, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static ssize_t
hear(struct talk *talk, int end, void *bytes, size_t n)
{
    if (end == 0) {
        return talk->side->class->read(talk->side, bytes, n);
    }
    return recv(talk->service, bytes, n, MSG_DONTWAIT);
}

static void
write_some(struct talk *talk, int end, uint32_t size)
{
    uint8_t bytes[4096];
    uint32_t n = size - talk->sent[end];
    ssize_t done;

    n = n < sizeof(bytes) ? n : (uint32_t) sizeof(bytes);
    for (uint32_t i = 0; i < n; i++) {
        bytes[i] = byte_of(talk, end, talk->sent[end] + i);
    }
    done = n > 0 ? say(talk, end, bytes, n) : 0;
    talk->sent[end] += done > 0 ? (uint32_t) done : 0;
    if (talk->sent[end] == size && !talk->finished[end]) {
        talk->finished[end] = true;
        if (end == 0) {
            talk->side->class->finish(talk->side);
        } else {
            shutdown(talk->service, SHUT_WR);
        }
    }
}

static void
read_some(struct talk *talk, int end)
{
    uint8_t bytes[8192];
    ssize_t n = hear(talk, end, bytes, sizeof(bytes));

    for (ssize_t i = 0; i < n; i++) {
        talk->wrong = talk->wrong
            || bytes[i] != byte_of(talk, !end, talk->received[end]);
        talk->received[end]++;
    }
    talk->ended[end] = talk->ended[end] || n == 0;
    talk->broken[end] = talk->broken[end] || (n < 0 && errno != EAGAIN);
}

/* Both say so many bytes and finish; the second begins when it is told to. */
static bool
exchange(unsigned int n_talks, const uint32_t size[2])
{
    time_t end = time(NULL) + 90;
    unsigned int over = 0;

    while (over < n_talks && time(NULL) < end) {
        over = 0;
        for (unsigned int i = 0; i < n_talks; i++) {
            struct talk *talk = &world.talks[i];

            for (int way = 0; way < 2; way++) {
                write_some(talk, way, size[way]);
                read_some(talk, way);
            }
            over += (talk->ended[0] && talk->ended[1]) || talk->wrong
                || talk->broken[0] || talk->broken[1];
        }
        world_turn();
    }
    for (unsigned int i = 0; i < n_talks; i++) {
        const struct talk *talk = &world.talks[i];

        if (talk->wrong || talk->broken[0] || talk->broken[1]
            || talk->received[0] != size[1] || talk->received[1] != size[0]) {
            return false;
        }
    }
    return true;
}

static unsigned int n_open;

static bool
all_dialled(void)
{
    unsigned int n = 0;

    n_open = 0;
    for (int i = 0; i < TALKS; i++) {
        n += world.talks[i].ended_dial;
        n_open += world.talks[i].side != NULL;
    }
    return n == TALKS;
}

static void
test_thousand(void)
{
    static const uint32_t size[2] = { 30000, 50000 };
    unsigned int n;

    create();
    for (int i = 0; i < TALKS; i++) {
        world_dial(&world.talks[i], 22);
    }
    CU_ASSERT(world_until(all_dialled));
    CU_ASSERT_EQUAL_FATAL(n_open, TALKS);
    CU_ASSERT_EQUAL(world.link->state.streams, TALKS);
    CU_ASSERT_EQUAL(link_mux_services(world.link, &n)[0], 22);
    CU_ASSERT_EQUAL(n, 3);
    CU_ASSERT(strncmp(world.link->state.agent, "xvs-agent ", 10) == 0);
    CU_ASSERT(world_agent_memory() > 0);
    CU_ASSERT(world_agent_memory() < 2048);
    for (int i = 0; i < TALKS; i++) {
        CU_ASSERT_FATAL(world_pair(&world.talks[i]));
    }
    CU_ASSERT(exchange(TALKS, size));
    world_destroy();
}

/* Megabytes one way, and an end of the other one long before. */
static void
test_bulk(void)
{
    static const uint32_t up[2] = { 8000000, 0 }, down[2] = { 1, 8000000 };

    create();
    open_one();
    CU_ASSERT(exchange(1, up));
    one->side->class->close(one->side, false);
    close(one->service);
    open_one();
    CU_ASSERT(exchange(1, down));
    world_destroy();
}

static void
test_refused(void)
{
    static const struct {
        uint16_t port;
        enum dial_end how;
        const char *reason;
    } bad[] = {
        { 23, DIAL_REFUSED, "nobody listens there in the guest" },
        { 80, DIAL_REFUSED, "nobody listens there in the guest" },
        { 81, DIAL_FORBIDDEN, "the guest's agent does not allow this port" },
    };

    create();
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        world_dial(one, bad[i].port);
        CU_ASSERT_FALSE(one->ended_dial);
        CU_ASSERT(world_until(has_ended_dial));
        CU_ASSERT_EQUAL(one->how, bad[i].how);
        CU_ASSERT_STRING_EQUAL(one->reason, bad[i].reason);
    }
    CU_ASSERT_EQUAL(world.link->state.streams, 0);
    world_destroy();
}

static bool
service_has_error(void)
{
    char byte;

    return recv(one->service, &byte, 1, MSG_DONTWAIT) < 0
        && errno == ECONNRESET;
}

static bool
side_has_error(void)
{
    char byte;

    return one->side->class->read(one->side, &byte, 1) < 0
        && errno == ECONNRESET;
}

static void
test_reset(void)
{
    const struct linger none = { .l_onoff = 1, .l_linger = 0 };

    create();
    open_one();
    one->side->class->close(one->side, true);
    one->side = NULL;
    CU_ASSERT(world_until(service_has_error));
    close(one->service);
    open_one();
    setsockopt(one->service, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
    close(one->service);
    one->service = -1;
    CU_ASSERT(world_until(side_has_error));
    CU_ASSERT_EQUAL(world.link->state.streams, 0);
    world_destroy();
}

/* A service that never reads holds up itself only. */
static void
test_never_reads(void)
{
    static const uint32_t size[2] = { 200000, 200000 };
    static const char bytes[65536];
    ssize_t n = 0;
    struct talk *stuck = &world.talks[TALKS - 1];

    create();
    one = stuck;
    open_one();
    for (int i = 0; i < 500; i++) {
        n = stuck->side->class->write(stuck->side, bytes, sizeof(bytes));
        world_turn();
    }
    CU_ASSERT(n < 0 && errno == EAGAIN);
    for (int i = 0; i < 20; i++) {
        one = &world.talks[i];
        open_one();
    }
    CU_ASSERT(exchange(20, size));
    world_destroy();
}

/* The agent is killed and comes back; it is paused. */
static void
test_agent_ends(void)
{
    static const uint32_t size[2] = { 100000, 100000 };

    create();
    open_one();
    world_signal_agent(SIGKILL);
    CU_ASSERT(world_until(side_has_error));
    CU_ASSERT(world_until(is_down));
    CU_ASSERT(world.link->state.reason[0]);
    CU_ASSERT_EQUAL(world.link->state.resets, 1);
    one->side->class->close(one->side, true);
    close(one->service);
    world_dial(one, 22);
    CU_ASSERT(world_until(has_ended_dial));
    CU_ASSERT_EQUAL(one->how, DIAL_DOWN);
    world_start_agent();
    CU_ASSERT(world_until(is_up));
    open_one();
    world_signal_agent(SIGSTOP);
    CU_ASSERT(world_until(is_down));
    CU_ASSERT(strstr(world.link->state.reason, "paused") != NULL);
    world_dial(&world.talks[1], 22);
    for (int i = 0; i < 20; i++) {
        world_turn();
    }
    CU_ASSERT_FALSE(world.talks[1].ended_dial);
    link_cancel(&world.talks[1].dial);
    world_signal_agent(SIGCONT);
    CU_ASSERT(world_until(is_up));
    CU_ASSERT(exchange(1, size));
    world_destroy();
}

static int
connect_offer(void)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(world.offer),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)
    };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    CU_ASSERT_EQUAL(connect(fd, (struct sockaddr *) &address,
                            sizeof(address)), 0);
    return fd;
}

static bool
guest_came(void)
{
    return world.guest != NULL;
}

static bool
service_has_ended(void)
{
    char byte;

    return recv(one->service, &byte, 1, MSG_DONTWAIT) == 0;
}

static void
test_guest_opens(void)
{
    static const uint32_t size[2] = { 300000, 300000 };
    struct sockaddr_un address = { .sun_family = AF_UNIX };

    create();
    one->service = connect_offer();
    CU_ASSERT_FATAL(world_until(guest_came));
    CU_ASSERT_EQUAL(world.guest_port, 77);
    one->side = world.guest;
    world.guest = NULL;
    CU_ASSERT(exchange(1, size));
    close(one->service);
    /* To a port that has no route; unix sockets know no reset. */
    snprintf(address.sun_path, sizeof(address.sun_path), "%.*s/o",
             (int) strlen(world.path) - 2, world.path);
    one->service = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CU_ASSERT_EQUAL(connect(one->service, (struct sockaddr *) &address,
                            sizeof(address)), 0);
    CU_ASSERT(world_until(service_has_ended));
    CU_ASSERT_EQUAL(send(one->service, "x", 1, MSG_NOSIGNAL), -1);
    world_destroy();
}

static int
accept_link(int listening)
{
    int fd;

    do {
        world_turn();
        fd = accept(listening, NULL, NULL);
    } while (fd < 0);
    for (int i = 0; i < 20; i++) {
        world_turn();           /* The greeting is said. */
    }
    return fd;
}

static bool
was_closed(void)
{
    return strstr(world.link->state.reason, "the agent's end was closed");
}

/* What listens is no agent; the link is tried again, and reasons are told. */
static void
test_garbage(void)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    static const uint8_t garbage[65536] = { 1, 2, 3 };
    int listening, fd;

    CU_ASSERT_FATAL(world_create(false));
    one = &world.talks[0];
    CU_ASSERT(world_until(is_down));
    strcpy(address.sun_path, world.path);
    listening = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    bind(listening, (struct sockaddr *) &address, sizeof(address));
    listen(listening, 4);
    fd = accept_link(listening);
    /* The end comes together with the last bytes. */
    send(fd, garbage, 5, MSG_NOSIGNAL);
    shutdown(fd, SHUT_WR);
    CU_ASSERT(world_until(was_closed));
    close(fd);
    fd = accept_link(listening);
    world_dial(one, 22);
    while (!strstr(world.link->state.reason, "no greeting comes")) {
        send(fd, garbage, sizeof(garbage), MSG_DONTWAIT | MSG_NOSIGNAL);
        world_turn();
    }
    CU_ASSERT(world_until(has_ended_dial));
    CU_ASSERT_EQUAL(one->how, DIAL_DOWN);
    close(fd);
    close(listening);
    unlink(world.path);
    world_start_agent();
    CU_ASSERT(world_until(is_up));
    open_one();
    world_destroy();
}

static const struct unit_test tests[] = {
    { "refused, forbidden", test_refused },
    { "resets both ways", test_reset },
    { "bulk, and half an end", test_bulk },
    { "a service never reads", test_never_reads },
    { "the agent is killed, paused", test_agent_ends },
    { "a guest opens", test_guest_opens },
    { "garbage", test_garbage },
    { "a thousand streams", test_thousand },
};

UNIT_MAIN("link-mux", tests)
