/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A client of the proxy, from its first byte to the end of its conversations,
 * and the VMs that it reaches: HTTP/1, HTTP/2, SOCKS5, or Host and SNI where
 * the listener is one for a port.  The first two bytes say what the listener
 * and the rules are; the rest is a list of what happens: the client or a VM
 * says something, ends, is reset, takes no more bytes; a dial ends; time
 * passes; what it has is swept.  In the end nothing is left of anything.
 */

#include <config.h>

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "client/client.h"
#include "fuzz/memory.h"
#include "unit/channel-world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define DIALS 16u
#define MS UINT64_C(1000000)

struct input {
    const uint8_t *at, *end;
};

static struct world world;
static struct listener *listeners[3];   /* for all ports, for one, local */
static struct dial *dials[DIALS];       /* under way */
static size_t piece;

static unsigned
next(struct input *input)
{
    return input->at < input->end ? *input->at++ : 0;
}

/* ---- The way to VMs ----------------------------------------------------- */

static void
begin_dial(struct link *link, struct dial *dial, uint16_t port)
{
    (void) port;
    for (size_t i = 0; i < DIALS; i++) {
        if (!dials[i]) {
            dials[i] = dial;
            dial->link = link;
            return;
        }
    }
    /* As without memory: its time limit ends it. */
}

static void
cancel_dial(struct link *link, struct dial *dial)
{
    (void) link;
    for (size_t i = 0; i < DIALS; i++) {
        if (dials[i] == dial) {
            dials[i] = NULL;
        }
    }
    dial->link = NULL;
}

static const struct link_class link_class = {
    .name = "memory", .dial = begin_dial, .cancel = cancel_dial };
static struct link to_vm = { .class = &link_class };

static void
end_dial(unsigned n)
{
    struct dial *dial = dials[n % DIALS];
    enum dial_end end = n / DIALS > DIAL_BUSY ? DIAL_OPEN
                                              : (enum dial_end) (n / DIALS);
    struct memory *vm;

    for (size_t i = 0; !dial && i < DIALS; i++) {
        dial = dials[i];
    }
    if (!dial) {
        return;
    }
    cancel_dial(&to_vm, dial);
    vm = end == DIAL_OPEN ? memory_open(world.loop, piece) : NULL;
    dial->ended(dial, end == DIAL_OPEN && !vm ? DIAL_BUSY : end,
                vm ? &vm->side : NULL, vm ? NULL : "no");
}

/* ---- What happens ------------------------------------------------------- */

static void
begin(void)
{
    struct listener_config config = { .fd = -1 };

    world_begin(&world);
    world_listen(&config);
    world_vm(&world, "vm1", &to_vm);
    strcpy(world_vm(&world, "vm2", NULL)->host, "h2");
    listeners[0] = listener_create(world.proxy, &config);
    world_listen(&config);
    config.fixed = true;
    config.port = 80;
    listeners[1] = listener_create(world.proxy, &config);
    world_listen(&config);
    config.fixed = false;
    config.local = true;
    listeners[2] = listener_create(world.proxy, &config);
    if (!listeners[0] || !listeners[1] || !listeners[2]) {
        abort();
    }
}

static bool
is_over(void *arg, const struct map_vm *vm, const struct identity *who,
        uint16_t port)
{
    (void) arg;
    (void) vm;
    (void) who;
    return port % 2;
}

/* Something, or what the input has next. */
static void
say_any(struct memory *memory, size_t size)
{
    static const uint8_t any[MEMORY_MOST];

    memory_say(memory, any, size < MEMORY_MOST ? size : MEMORY_MOST);
}

static void
say(struct memory *memory, struct input *input, unsigned n)
{
    size_t left = (size_t) (input->end - input->at);

    left = left < n ? left : n;
    memory_say(memory, input->at, left);
    input->at += left;
}

static void
end_side(struct memory *memory, unsigned n)
{
    static const unsigned ways[] = { 0, 0, SIDE_HUNG, SIDE_BROKEN };

    if (n % 8 < 4) {
        memory_end(memory, ways[n % 4]);
    } else {
        memory_lose(memory, n % 2 ? EPIPE : ECONNRESET);
    }
}

static void
happen(struct input *input)
{
    unsigned what = next(input), n = next(input);
    struct memory *memory = memory_sides[what / 8 % MEMORY_SIDES];

    switch (what % 8) {
    case 1:
        end_dial(n);
        break;
    case 2:
        memory_wait(n < 100 ? n * MS : n * 100 * MS);
        break;
    case 3:
        if (memory) {
            end_side(memory, n);
        }
        break;
    case 4:
        if (memory) {
            memory_take(memory, n < 128 ? n : (n - 127) * 10000);
        }
        break;
    case 5:
        if (n == 5) {
            proxy_sweep(world.proxy, is_over, NULL, "it is over");
        }
        break;
    default:
        if (memory && what % 8 == 7) {
            say_any(memory, n * 16);
        } else if (memory) {
            say(memory, input, what % 8 == 6 ? n * 16 : n);
        }
        break;
    }
    loop_run(world.loop);
}

static void
check_nothing_left(void)
{
    while (world.proxy->clients) {
        client_gone(world.proxy->clients);
    }
    while (world.proxy->requests) {
        request_end(world.proxy->requests, "it is over");
    }
    while (world.proxy->connections) {
        connection_destroy(world.proxy->connections);
    }
    loop_run(world.loop);
    if (world.permits || world.proxy->n_clients || world.proxy->requests) {
        abort();
    }
    for (size_t i = 0; i < 3; i++) {
        if (listeners[i]->users != 1 || listeners[i]->state.clients) {
            abort();
        }
    }
    for (size_t i = 0; i < DIALS + MEMORY_SIDES; i++) {
        if (i < DIALS ? dials[i] != NULL : memory_sides[i - DIALS] != NULL) {
            abort();
        }
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const size_t pieces[] = { 1, 5, 100, 1u << 20 };
    static const uint32_t uid = 7;
    struct input input = { data, data + size };
    unsigned kind = next(&input), rules = next(&input);
    struct memory *client;

    if (!world.loop) {
        begin();
    }
    piece = pieces[kind / 8 % 4];
    world.verdict = rules % 8 == 7 ? VERDICT_FULL : VERDICT_ALLOWED;
    world.everybody = !(rules & 8);
    world.permit = (struct permit) {
        .bytes_per_second = rules & 16 ? 1000 : 0,
        .idle = rules & 32 ? SECOND : 0, .duration = rules & 64 ? SECOND : 0 };
    client = memory_open(world.loop, piece);
    if (!client_begin(listeners[kind & 32 ? 2 : kind % 2], &client->side,
                      "somebody", kind & 2 ? &uid : NULL,
                      kind & 4 ? 429 : 0)) {
        abort();
    }
    while (input.at < input.end) {
        happen(&input);
    }
    check_nothing_left();
    return 0;
}
