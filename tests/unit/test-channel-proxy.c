/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Conversations and refusals: clients that speak HTTP/1.
 */

#include <config.h>

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "move/loop.h"
#include "unit/channel-talk.h"
#include "unit/unit.h"

/* ---- Conversations ------------------------------------------------------ */

static void
test_halves(void)
{
    char bytes[64];
    int pair[2];

    talk_begin(false);
    pair[0] = world_connect(talk_port);
    talk_says(pair[0], CONNECT_VM "early");
    pair[1] = talk_vm_accepts();
    CU_ASSERT(talk_hears(pair[1], "early"));
    CU_ASSERT(talk_hears(pair[0], ESTABLISHED));
    /* Without what the proxy says itself. */
    CU_ASSERT_EQUAL(talk_world.bytes.up, 5);
    CU_ASSERT_EQUAL(talk_world.bytes.down, 0);
    shutdown(pair[0], SHUT_WR);
    CU_ASSERT_EQUAL(talk_ends(pair[1], bytes, sizeof bytes), 0);
    talk_says(pair[1], "late");
    CU_ASSERT(talk_hears(pair[0], "late"));
    CU_ASSERT_EQUAL(talk_world.bytes.down, 4);
    close(pair[1]);
    CU_ASSERT_EQUAL(talk_ends(pair[0], bytes, sizeof bytes), 0);
    close(pair[0]);
    CU_ASSERT_EQUAL(talk_told_of(0)->up, 5);
    CU_ASSERT_EQUAL(talk_told_of(0)->down, 4);
    CU_ASSERT_STRING_EQUAL(talk_told_of(0)->reason, "finished");
    /* The other way round. */
    talk_converse(pair);
    shutdown(pair[1], SHUT_WR);
    CU_ASSERT_EQUAL(talk_ends(pair[0], bytes, sizeof bytes), 0);
    talk_says(pair[0], "still");
    CU_ASSERT(talk_hears(pair[1], "still"));
    close(pair[0]);
    CU_ASSERT_EQUAL(talk_ends(pair[1], bytes, sizeof bytes), 0);
    close(pair[1]);
    talk_end();
}

static void
test_resets(void)
{
    char bytes[64];
    int pair[2];

    talk_begin(false);
    talk_converse(pair);
    talk_says(pair[1], "last");
    talk_resets(pair[1]);
    CU_ASSERT_EQUAL(talk_ends(pair[0], bytes, sizeof bytes), ECONNRESET);
    CU_ASSERT_STRING_EQUAL(talk_told_of(0)->reason, "reset by the VM");
    close(pair[0]);
    talk_converse(pair);
    talk_resets(pair[0]);
    CU_ASSERT_EQUAL(talk_ends(pair[1], bytes, sizeof bytes), ECONNRESET);
    close(pair[1]);
    talk_end();
}

#define BULK (3u << 20)

/* Sends and receives at the same time, both ways through the proxy. */
struct bulk {
    int from, to;
    size_t sent, got;
    bool slow;                  /* reads a little of it at a time */
    bool bad;
};

static char
byte_at(size_t i)
{
    return (char) (i * 7 + i / 251);
}

static bool
moves(void *arg)
{
    struct bulk *bulk = arg;
    char bytes[8192];
    ssize_t n;

    while (bulk->sent < BULK) {
        size_t size = BULK - bulk->sent < sizeof bytes ? BULK - bulk->sent
                                                       : sizeof bytes;

        for (size_t i = 0; i < size; i++) {
            bytes[i] = byte_at(bulk->sent + i);
        }
        n = send(bulk->from, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n < 0) {
            break;
        }
        bulk->sent += (size_t) n;
        if (bulk->sent == BULK) {
            shutdown(bulk->from, SHUT_WR);
        }
    }
    while ((n = recv(bulk->to, bytes, sizeof bytes, MSG_DONTWAIT)) > 0) {
        for (ssize_t i = 0; i < n; i++) {
            bulk->bad |= bytes[i] != byte_at(bulk->got + (size_t) i);
        }
        bulk->got += (size_t) n;
        if (bulk->slow) {
            return false;
        }
    }
    return n == 0;
}

static void
test_bulk(void)
{
    int pair[2];

    talk_begin(false);
    for (int i = 0; i < 4; i++) {
        struct bulk bulk = { .slow = i >= 2 };

        talk_converse(pair);
        bulk.from = pair[i & 1];
        bulk.to = pair[!(i & 1)];
        CU_ASSERT(world_run(&talk_world, moves, &bulk));
        CU_ASSERT_EQUAL(bulk.got, BULK);
        CU_ASSERT(!bulk.bad);
        close(pair[0]);
        close(pair[1]);
    }
    talk_end();
}

static void
test_limits(void)
{
    char bytes[64];
    int pair[2];
    struct bulk bulk = { .sent = BULK - 100000 };

    talk_begin(false);
    talk_world.permit.idle = SECOND / 2;
    talk_converse(pair);
    CU_ASSERT_EQUAL(talk_ends(pair[0], bytes, sizeof bytes), ECONNRESET);
    CU_ASSERT_STRING_EQUAL(talk_told_of(0)->reason, "idle for too long");
    close(pair[0]);
    close(pair[1]);
    talk_world.permit = (struct permit) { .duration = SECOND / 2 };
    talk_converse(pair);
    CU_ASSERT_EQUAL(talk_ends(pair[1], bytes, sizeof bytes), ECONNRESET);
    CU_ASSERT_STRING_EQUAL(talk_told_of(0)->reason, "lasted too long");
    close(pair[0]);
    close(pair[1]);
    /* A slow one gets all of it, too. */
    talk_world.permit = (struct permit) { .bytes_per_second = 400000 };
    talk_converse(pair);
    bulk.got = bulk.sent;
    bulk.from = pair[0];
    bulk.to = pair[1];
    CU_ASSERT(world_run(&talk_world, moves, &bulk));
    CU_ASSERT(!bulk.bad && bulk.got == BULK);
    close(pair[0]);
    close(pair[1]);
    talk_end();
}

/* ---- Refusals ----------------------------------------------------------- */

#define BASIC "Proxy-Authorization: Basic "

static void
test_refusals(void)
{
    talk_begin(false);
    CU_ASSERT(talk_refuses("vm1", "", 400));
    CU_ASSERT(talk_refuses("vm9:22", "", 404));
    CU_ASSERT(talk_refuses("127.0.0.1:22", "", 404));
    CU_ASSERT(talk_refuses("vm1:9", "", 407));
    CU_ASSERT(talk_refuses("vm1:9", "Proxy-Authorization: Bearer secret\r\n",
                           403));
    CU_ASSERT(talk_refuses("vm1:22", "Proxy-Authorization: Bearer no\r\n",
                           407));
    /* admin:secret, other:secret */
    CU_ASSERT(talk_refuses("vm1:9", BASIC "YWRtaW46c2VjcmV0\r\n", 403));
    CU_ASSERT(talk_refuses("vm1:22", BASIC "b3RoZXI6c2VjcmV0\r\n", 407));
    CU_ASSERT(talk_refuses("vm1:7", "", 502));
    CU_ASSERT(talk_refuses("vm1:23", "", 502));
    CU_ASSERT(talk_refuses("vm1:22", "Via: 1.1 h1.vm.internal\r\n", 508));
    talk_world.verdict = VERDICT_FULL;
    CU_ASSERT(talk_refuses("vm1:22", "", 429));
    talk_world.verdict = VERDICT_ALLOWED;
    talk_world.everybody = false;
    CU_ASSERT(talk_refuses("vm1:22", "", 407));
    /* Who may not know is told the same of a name that there is not. */
    CU_ASSERT(talk_refuses("vm9:22", "", 407));
    CU_ASSERT_STRING_EQUAL(world_find(&talk_world, 407)->reason,
                           "there is no VM of that name");
    CU_ASSERT(talk_refuses("vm9:9", "Proxy-Authorization: Bearer secret\r\n",
                           403));
    CU_ASSERT(talk_refuses("vm9:22", "Proxy-Authorization: Bearer secret\r\n",
                           404));
    talk_world.everybody = true;
    talk_place.broken = true;
    CU_ASSERT(talk_refuses("vm1:22", "", 503));
    talk_place.broken = false;
    talk_world.config.max_clients = 0;
    CU_ASSERT(talk_refuses("vm1:22", "", 429));
    talk_world.config.max_clients = 100;
    CU_ASSERT_PTR_NOT_NULL(strstr(talk_answer_to(
        "GET / HTTP/1.1\r\nHost: x\r\n\r\n"), "HTTP/1.1 405 "));
    talk_world.config.head_timeout = SECOND;
    CU_ASSERT_PTR_NOT_NULL(strstr(talk_answer_to("CONN"), "HTTP/1.1 408 "));
    CU_ASSERT_STRING_EQUAL(talk_answer_to(""), "(no end)");
    talk_end();
}

/* Nobody answers: a wish that nobody hears. */
static void
never(struct link_host *host, struct link_wish *wish)
{
    (void) host;
    (void) wish;
}

static void
test_time(void)
{
    talk_begin(false);
    talk_world.links.open = never;
    talk_world.config.dial_timeout = SECOND / 20;
    CU_ASSERT(talk_refuses("vm1:22", "", 504));
    talk_end();
}

/* Who goes before the VM has answered leaves nothing behind. */
static void
test_gone(void)
{
    int fd;

    talk_begin(false);
    talk_world.links.open = never;
    fd = world_connect(talk_port);
    talk_says(fd, CONNECT_VM);
    while (!talk_world.permits) {
        loop_run(talk_world.loop);
    }
    talk_resets(fd);
    CU_ASSERT(talk_told_of(499) != NULL);
    CU_ASSERT_EQUAL(talk_world.permits, 0);
    talk_end();
}

static bool
all_over(void *arg, const struct map_vm *vm, const struct identity *who,
         uint16_t port)
{
    (void) who;
    CU_ASSERT_STRING_EQUAL(vm->name, "vm1");
    return port == *(uint16_t *) arg;
}

static void
test_sweep(void)
{
    uint16_t other = 23, port = 22;
    char bytes[64];
    int pair[2];

    talk_begin(false);
    talk_converse(pair);
    proxy_sweep(talk_world.proxy, all_over, &other, "it has moved");
    talk_says(pair[0], "x");
    CU_ASSERT(talk_hears(pair[1], "x"));
    proxy_sweep(talk_world.proxy, all_over, &port, "it has moved");
    CU_ASSERT_EQUAL(talk_ends(pair[0], bytes, sizeof bytes), ECONNRESET);
    CU_ASSERT_STRING_EQUAL(talk_told_of(0)->reason, "it has moved");
    close(pair[0]);
    close(pair[1]);
    /* A link that goes takes its streams along. */
    talk_converse(pair);
    talk_link->class->destroy(talk_link);
    talk_world.vms[0].link = NULL;
    CU_ASSERT_EQUAL(talk_ends(pair[0], bytes, sizeof bytes), ECONNRESET);
    close(pair[0]);
    close(pair[1]);
    talk_end();
}

static bool
has_no_permit(void *arg)
{
    (void) arg;
    return !talk_world.permits;
}

/* As many conversations as there are descriptors for; who comes then is told,
 * and the next one is served when some have ended. */
static void
test_descriptors(void)
{
    struct rlimit before, few;
    int pairs[64][2], n = 0, next = dup(0), first;

    getrlimit(RLIMIT_NOFILE, &before);
    few = before;
    first = (next + 64) / 4 * 3;        /* of the last quarter */
    few.rlim_cur = (rlim_t) first / 3 * 4;
    close(next);
    setrlimit(RLIMIT_NOFILE, &few);
    talk_begin(false);
    /* Each needs three, and one more for the VM's own end. */
    while ((next = dup(0)) < first - 2) {
        close(next);
        talk_converse(pairs[n++]);
    }
    close(next);
    CU_ASSERT(n > 3);
    for (int i = 0; i < 10; i++) {
        CU_ASSERT(talk_refuses("vm1:22", "", 503));
        CU_ASSERT_PTR_NOT_NULL(strstr(world_find(&talk_world, 503)->reason,
                                      "descriptors"));
    }
    for (int i = 0; i < n; i++) {
        close(pairs[i][0]);
        close(pairs[i][1]);
    }
    CU_ASSERT(world_run(&talk_world, has_no_permit, NULL));
    talk_converse(pairs[0]);
    close(pairs[0][0]);
    close(pairs[0][1]);
    CU_ASSERT(world_run(&talk_world, has_no_permit, NULL));
    setrlimit(RLIMIT_NOFILE, &before);
    talk_end();
}

static int
option_of(int fd, int level, int name)
{
    socklen_t size = sizeof(int);
    int value = -1;

    CU_ASSERT_EQUAL(getsockopt(fd, level, name, &value, &size), 0);
    return value;
}

/* Nobody has to set them for each who comes: he is accepted with them. */
static void
check_options(bool fixed)
{
    struct listener_config config = { .fixed = fixed, .port = 5985 };
    uint16_t port = world_listen(&config);
    struct listener *listener = listener_create(talk_world.proxy, &config);
    struct pollfd comes = { .fd = config.fd, .events = POLLIN };
    int client = world_connect(port), fd;

    CU_ASSERT_EQUAL(poll(&comes, 1, 10000), 1);
    fd = accept(config.fd, NULL, NULL);
    CU_ASSERT_EQUAL(option_of(fd, IPPROTO_TCP, TCP_NODELAY), 1);
    CU_ASSERT_EQUAL(option_of(fd, IPPROTO_TCP, TCP_QUICKACK), fixed);
    CU_ASSERT_EQUAL(option_of(fd, SOL_SOCKET, SO_KEEPALIVE), 1);
    close(fd);
    close(client);
    listener_destroy(listener);
    close(config.fd);
}

/* Its second part is not sent before the first one was acknowledged, which the
 * kernel does by itself 40 ms later; how long that takes. */
static uint64_t
converse_in_parts(void)
{
    uint64_t start = loop_now(talk_world.loop);
    int client = world_connect(talk_port), vm;

    talk_says(client, "CONNECT vm1.vm.internal:22 HTTP/1.1\r\n");
    talk_says(client, "Host: vm1\r\n\r\n");
    vm = talk_vm_accepts();
    CU_ASSERT(talk_hears(client, ESTABLISHED));
    close(client);
    close(vm);
    return loop_now(talk_world.loop) - start;
}

static void
test_options(void)
{
    uint64_t least = UINT64_MAX;

    talk_begin(false);
    check_options(false);
    check_options(true);
    for (int i = 0; i < 20 && least > SECOND / 50; i++) {
        uint64_t took = converse_in_parts();

        least = took < least ? took : least;
    }
    CU_ASSERT(least <= SECOND / 50);
    talk_end();
}

static const struct unit_test tests[] = {
    { "halves", test_halves },
    { "resets", test_resets },
    { "bulk", test_bulk },
    { "limits", test_limits },
    { "refusals", test_refusals },
    { "time", test_time },
    { "gone", test_gone },
    { "sweep", test_sweep },
    { "as many descriptors as there may be", test_descriptors },
    { "options", test_options },
};

UNIT_MAIN("channel proxy", tests)
