/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What a client says over HTTP/2, to a proxy with a VM whose ports are all
 * refused, or forbidden, or on another host: everything up to the dial.  The
 * connection is memory; the first byte says in which pieces it comes.
 */

#include <config.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "client/client.h"
#include "fuzz/memory.h"
#include "http/http2.h"
#include "unit/channel-world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct world world;

static struct listener *
begin(void)
{
    struct listener_config config = { .fd = -1 };
    struct listener *listener;

    world_begin(&world);
    world_listen(&config);
    world_vm(&world, "vm1", link_fixed(&world.links));
    strcpy(world_vm(&world, "vm2", NULL)->host, "h2");
    listener = listener_create(world.proxy, &config);
    if (!listener) {
        abort();
    }
    return listener;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct listener *listener;
    struct connection_config config = { .address = "somebody" };
    struct memory *memory;
    const uint8_t *at;
    size_t n;

    if (!listener) {
        listener = begin();
    }
    if (size < 1) {
        return 0;
    }
    config.listener = listener;
    memory = memory_open(world.loop, 1u + data[0] * 4u);
    if (!connection_begin(&config, &memory->side, HTTP2_PREFACE,
                     HTTP2_PREFACE_SIZE)) {
        abort();
    }
    for (at = data + 1; at < data + size && memory_sides[0]; at += n) {
        n = (size_t) (data + size - at);
        n = n < MEMORY_MOST ? n : MEMORY_MOST;
        memory_say(memory, at, n);
        do {
            loop_run(world.loop);
        } while (memory_sides[0] && memory->size);
    }
    while (world.proxy->connections) {
        connection_destroy(world.proxy->connections);
    }
    if (memory_sides[0] || world.proxy->requests || world.permits
        || world.proxy->n_clients) {
        abort();
    }
    return 0;
}
