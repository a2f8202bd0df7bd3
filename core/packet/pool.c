/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A stack of free packets over two flat arrays; a packet's number is its
 * place in the metadata array, and so nothing about it has to be stored.
 */

#include <config.h>

#include "packet/pool.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"

_Static_assert(sizeof(struct xvs_packet) == 64, "one cache line");

struct pool {
    uint8_t *memory;            /* n * POOL_STRIDE bytes */
    struct xvs_packet *packets; /* n, aligned to cache lines */
    struct xvs_packet **unused; /* stack of free packets */
    uint32_t n_unused;
    uint32_t n;
};

static uint8_t *
map_memory(size_t size, struct error *error)
{
    int fd = memfd_create("xvs-pool", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    void *memory = MAP_FAILED;

    if (fd >= 0 && ftruncate(fd, (off_t) size) == 0
        && fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)
            == 0) {
        memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    }
    if (memory == MAP_FAILED) {
        error_set_errno(error, errno, "cannot map %zu bytes for packets",
                        size);
        memory = NULL;
    }
    if (fd >= 0) {
        close(fd);
    }
    return memory;
}

struct pool *
pool_create(uint32_t n, struct error *error)
{
    struct pool *pool = mem_zalloc(sizeof *pool);
    void *packets = NULL;

    pool->n = n;
    pool->memory = map_memory((size_t) n * POOL_STRIDE, error);
    if (!pool->memory) {
        free(pool);
        return NULL;
    }
    if (posix_memalign(&packets, 64, (size_t) n * sizeof *pool->packets)) {
        abort();
    }
    memset(packets, 0, (size_t) n * sizeof *pool->packets);
    pool->packets = packets;
    pool->unused = mem_array(n, sizeof *pool->unused);
    for (uint32_t i = 0; i < n; i++) {
        pool->unused[i] = &pool->packets[n - 1 - i];
    }
    pool->n_unused = n;
    return pool;
}

void
pool_destroy(struct pool *pool)
{
    if (pool) {
        munmap(pool->memory, (size_t) pool->n * POOL_STRIDE);
        free(pool->packets);
        free(pool->unused);
        free(pool);
    }
}

static uint8_t *
buffer_of(const struct pool *pool, const struct xvs_packet *packet)
{
    return pool->memory + (size_t) (packet - pool->packets) * POOL_STRIDE;
}

uint32_t
pool_get(struct pool *pool, struct xvs_packet **packets, uint32_t n)
{
    n = n < pool->n_unused ? n : pool->n_unused;
    for (uint32_t i = 0; i < n; i++) {
        packets[i] = pool->unused[--pool->n_unused];
        packets[i]->data = buffer_of(pool, packets[i]) + POOL_HEADROOM;
        packets[i]->length = 0;
    }
    return n;
}

void
pool_put(struct pool *pool, struct xvs_packet *const *packets, uint32_t n)
{
    assert(pool->n_unused + n <= pool->n);
    for (uint32_t i = 0; i < n; i++) {
        pool->unused[pool->n_unused++] = packets[i];
    }
}

bool
pool_holds(const struct pool *pool, const struct xvs_packet *packet)
{
    uintptr_t start = (uintptr_t) buffer_of(pool, packet);
    uintptr_t data = (uintptr_t) packet->data;

    return data >= start && data - start < POOL_STRIDE
        && packet->length >= 14
        && packet->length <= POOL_STRIDE - (data - start);
}
