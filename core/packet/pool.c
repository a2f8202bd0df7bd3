/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A stack of free packets over two flat arrays, and smaller stacks in front
 * of it, one per worker.  A packet's number is its place in the metadata
 * array, and so nothing about it has to be stored.
 */

#include <config.h>

#include "packet/pool.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/memfd.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"

#define HUGE_PAGE (2u << 20)
#define CACHE_SIZE 1024u        /* packets in a worker's cache, at most */
#define CACHE_SHARE 16u         /* of all packets 1/16 may stay in a cache */

_Static_assert(sizeof(struct xvs_packet) == 64, "one cache line");

/* A memory file that another process can be given, mapped. */
struct area {
    void *memory;
    size_t size;
    int file;
};

struct pool {
    struct area buffers;        /* n * POOL_STRIDE bytes */
    bool huge;                  /* they lie in huge pages */
    struct area metadata;       /* n struct xvs_packet */
    struct xvs_packet *packets; /* the same */
    uint8_t *marks;             /* n; see pool_mark() */
    pthread_mutex_t lock;       /* of the three below */
    struct xvs_packet **unused; /* stack of free packets */
    uint32_t n_unused;
    struct pool_cache *caches;  /* all of them */
    uint32_t n;
    uint32_t n_cached;          /* that stay in a cache; half are moved */
    uint32_t least;             /* that n_unused has been; atomic */
    uint64_t shortages;         /* atomic */
};

struct pool_cache {
    struct pool *pool;
    struct pool_cache *next;    /* in the pool's list; its lock */
    uint32_t told;              /* 'n' as others may see it; atomic */
    uint32_t n;                 /* free packets here */
    struct xvs_packet *unused[CACHE_SIZE];
};

static void
area_unmap(struct area *area)
{
    if (area->memory) {
        munmap(area->memory, area->size);
        area->memory = NULL;
    }
    if (area->file >= 0) {
        close(area->file);
        area->file = -1;
    }
}

/* A memory file of 'size' bytes, mapped and then sealed; false with errno. */
static bool
area_map(struct area *area, const char *name, size_t size,
         unsigned int flags, int seals)
{
    void *memory = MAP_FAILED;
    int number;

    *area = (struct area) { NULL, size, memfd_create(
        name, MFD_CLOEXEC | MFD_ALLOW_SEALING | flags) };
    if (area->file >= 0 && ftruncate(area->file, (off_t) size) == 0) {
        memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED,
                      area->file, 0);
    }
    if (memory != MAP_FAILED) {
        area->memory = memory;
        if (fcntl(area->file, F_ADD_SEALS, seals | F_SEAL_SHRINK | F_SEAL_GROW
                                               | F_SEAL_SEAL) == 0) {
            return true;
        }
    }
    number = errno;
    area_unmap(area);
    errno = number;
    return false;
}

/* In huge pages, or else as it comes.  Nobody else may write metadata. */
static bool
get_memory(struct pool *pool, struct error *error)
{
    size_t wanted = (size_t) pool->n * POOL_STRIDE;
    size_t size = (wanted + HUGE_PAGE - 1) & ~(size_t) (HUGE_PAGE - 1);

    pool->metadata.file = -1;
    pool->huge = area_map(&pool->buffers, "xvs-buffers", size,
                          MFD_HUGETLB | MFD_HUGE_2MB, 0);
    if ((pool->huge || area_map(&pool->buffers, "xvs-buffers", size, 0, 0))
        && area_map(&pool->metadata, "xvs-packets",
                    (size_t) pool->n * sizeof *pool->packets, 0,
                    F_SEAL_FUTURE_WRITE)) {
        pool->packets = pool->metadata.memory;
        return true;
    }
    error_set_errno(error, errno, "cannot map %zu bytes for packets", size);
    area_unmap(&pool->buffers);
    return false;
}

struct pool *
pool_create(uint32_t n, struct error *error)
{
    struct pool *pool = mem_zalloc(sizeof *pool);

    pool->n = n;
    if (!get_memory(pool, error)) {
        free(pool);
        return NULL;
    }
    pool->marks = mem_zalloc(n);
    pool->unused = mem_array(n, sizeof *pool->unused);
    for (uint32_t i = 0; i < n; i++) {
        pool->unused[i] = &pool->packets[n - 1 - i];
    }
    pool->n_unused = pool->least = n;
    pool->n_cached = n / CACHE_SHARE < CACHE_SIZE ? n / CACHE_SHARE
                                                  : CACHE_SIZE;
    pthread_mutex_init(&pool->lock, NULL);
    return pool;
}

void
pool_destroy(struct pool *pool)
{
    if (pool) {
        area_unmap(&pool->buffers);
        area_unmap(&pool->metadata);
        pthread_mutex_destroy(&pool->lock);
        free(pool->marks);
        free(pool->unused);
        free(pool);
    }
}

void
pool_view(const struct pool *pool, struct pool_view *view)
{
    *view = (struct pool_view) {
        .n = pool->n,
        .packets = pool->packets,
        .buffers = pool->buffers.memory,
        .packets_file = pool->metadata.file,
        .buffers_file = pool->buffers.file,
        .buffers_size = pool->buffers.size,
    };
}

bool
pool_is_huge(const struct pool *pool)
{
    return pool->huge;
}

uint64_t
pool_shortages(const struct pool *pool)
{
    return __atomic_load_n(&pool->shortages, __ATOMIC_RELAXED);
}

uint32_t
pool_available(struct pool *pool)
{
    uint32_t n;

    pthread_mutex_lock(&pool->lock);
    n = pool->n_unused;
    pthread_mutex_unlock(&pool->lock);
    return n;
}

uint32_t
pool_size(const struct pool *pool)
{
    return pool->n;
}

uint32_t
pool_used(struct pool *pool)
{
    uint32_t unused;

    pthread_mutex_lock(&pool->lock);
    unused = pool->n_unused;
    for (const struct pool_cache *one = pool->caches; one; one = one->next) {
        unused += __atomic_load_n(&one->told, __ATOMIC_RELAXED);
    }
    pthread_mutex_unlock(&pool->lock);
    /* A worker that takes packets just now has not told it yet. */
    return unused < pool->n ? pool->n - unused : 0;
}

uint32_t
pool_reached(const struct pool *pool)
{
    return pool->n - __atomic_load_n(&pool->least, __ATOMIC_RELAXED);
}

/* Lets others know how many free packets the cache has. */
static void
tell(struct pool_cache *cache)
{
    __atomic_store_n(&cache->told, cache->n, __ATOMIC_RELAXED);
}

struct pool_cache *
pool_cache_create(struct pool *pool)
{
    struct pool_cache *cache = mem_zalloc(sizeof *cache);

    cache->pool = pool;
    pthread_mutex_lock(&pool->lock);
    cache->next = pool->caches;
    pool->caches = cache;
    pthread_mutex_unlock(&pool->lock);
    return cache;
}

/* Moves the upper 'n' packets of the cache to the pool. */
static void
give_back(struct pool_cache *cache, uint32_t n)
{
    struct pool *pool = cache->pool;

    pthread_mutex_lock(&pool->lock);
    assert(n <= cache->n && pool->n_unused + n <= pool->n);
    cache->n -= n;
    memcpy(pool->unused + pool->n_unused, cache->unused + cache->n,
           n * sizeof *pool->unused);
    pool->n_unused += n;
    tell(cache);
    pthread_mutex_unlock(&pool->lock);
}

/* Moves packets to the cache, which has less than the 'wanted'. */
static void
refill(struct pool_cache *cache, uint32_t wanted)
{
    struct pool *pool = cache->pool;
    uint32_t n = wanted - cache->n + pool->n_cached / 2;

    n = n < CACHE_SIZE - cache->n ? n : CACHE_SIZE - cache->n;
    pthread_mutex_lock(&pool->lock);
    n = n < pool->n_unused ? n : pool->n_unused;
    pool->n_unused -= n;
    if (pool->n_unused < pool->least) {
        __atomic_store_n(&pool->least, pool->n_unused, __ATOMIC_RELAXED);
    }
    memcpy(cache->unused + cache->n, pool->unused + pool->n_unused,
           n * sizeof *pool->unused);
    cache->n += n;
    tell(cache);
    pthread_mutex_unlock(&pool->lock);
}

void
pool_cache_destroy(struct pool_cache *cache)
{
    struct pool_cache **at;

    if (!cache) {
        return;
    }
    give_back(cache, cache->n);
    pthread_mutex_lock(&cache->pool->lock);
    for (at = &cache->pool->caches; *at != cache; at = &(*at)->next) {
    }
    *at = cache->next;
    pthread_mutex_unlock(&cache->pool->lock);
    free(cache);
}

uint8_t *
pool_buffer(const struct pool *pool, const struct xvs_packet *packet)
{
    return (uint8_t *) pool->buffers.memory
        + (size_t) (packet - pool->packets) * POOL_STRIDE;
}

uint32_t
pool_get(struct pool_cache *cache, struct xvs_packet **packets, uint32_t n)
{
    const struct pool *pool = cache->pool;

    if (cache->n < n) {
        refill(cache, n);
    }
    if (cache->n < n) {
        __atomic_fetch_add(&cache->pool->shortages, 1, __ATOMIC_RELAXED);
        n = cache->n;
    }
    cache->n -= n;
    for (uint32_t i = 0; i < n; i++) {
        struct xvs_packet *packet = cache->unused[cache->n + n - 1 - i];

        packet->data = pool_buffer(pool, packet) + POOL_HEADROOM;
        packet->next = NULL;
        packet->length = 0;
        packet->total = 0;
        packet->gso_type = XVS_GSO_NONE;
        packet->offload = 0;
        packets[i] = packet;
    }
    tell(cache);
    return n;
}

static void
put_one(struct pool_cache *cache, struct xvs_packet *packet)
{
    if (cache->n == CACHE_SIZE) {
        give_back(cache, CACHE_SIZE / 2);
    }
    cache->unused[cache->n++] = packet;
}

/* Those at the front that are one buffer each go back in one go; returns how
 * many. */
static uint32_t
put_single(struct pool_cache *cache, struct xvs_packet *const *packets,
           uint32_t n)
{
    struct xvs_packet **unused = cache->unused + cache->n;
    uint32_t room = CACHE_SIZE - cache->n, i = 0;

    for (n = n < room ? n : room; i < n && !packets[i]->next; i++) {
        unused[i] = packets[i];
    }
    cache->n += i;
    return i;
}

void
pool_put(struct pool_cache *cache, struct xvs_packet *const *packets,
         uint32_t n)
{
    for (uint32_t i = put_single(cache, packets, n); i < n; i++) {
        struct xvs_packet *packet = packets[i];

        do {
            struct xvs_packet *next = packet->next;

            put_one(cache, packet);
            packet = next;
        } while (packet);
    }
    if (cache->n > cache->pool->n_cached) {
        give_back(cache, cache->n - cache->pool->n_cached / 2);
    }
    tell(cache);
}

/* Room behind the data of a buffer. */
static uint32_t
tailroom(const struct pool_cache *cache, const struct xvs_packet *packet)
{
    const uint8_t *end = pool_buffer(cache->pool, packet) + POOL_STRIDE;

    return (uint32_t) (end - packet->data) - packet->length;
}

bool
pool_extend(struct pool_cache *cache, struct xvs_packet *packet,
            uint32_t total)
{
    struct xvs_packet *last = packet, *more[POOL_FRAME_MAX / POOL_FRAME + 2];
    uint32_t lacking = total > packet->total ? total - packet->total : 0;
    uint32_t room, n, got;

    while (last->next) {
        last = last->next;
    }
    room = tailroom(cache, last);
    room = room < lacking ? room : lacking;
    n = (lacking - room + POOL_FRAME - 1) / POOL_FRAME;
    if (n > sizeof more / sizeof more[0]) {
        return false;
    }
    got = pool_get(cache, more, n);
    if (got < n) {
        pool_put(cache, more, got);
        return false;
    }
    last->length += room;
    lacking -= room;
    for (uint32_t i = 0; i < n; i++) {
        last->next = more[i];
        last = more[i];
        last->length = lacking < POOL_FRAME ? lacking : POOL_FRAME;
        lacking -= last->length;
    }
    packet->total = total > packet->total ? total : packet->total;
    return true;
}

bool
pool_write(struct pool_cache *cache, struct xvs_packet *packet,
           const void *bytes, uint32_t size)
{
    const uint8_t *from = bytes;

    if (size <= POOL_FRAME) {
        memcpy(packet->data, from, size);
        packet->length = packet->total = size;
        return true;
    }
    if (!pool_extend(cache, packet, size)) {
        return false;
    }
    for (; packet; packet = packet->next) {
        memcpy(packet->data, from, packet->length);
        from += packet->length;
    }
    return true;
}

struct xvs_packet *
pool_twin(struct pool_cache *cache, const struct xvs_packet *packet)
{
    struct xvs_packet *twin, empty;
    uint32_t offset = 0;

    if (pool_get(cache, &twin, 1) == 0) {
        return NULL;
    }
    if (!pool_extend(cache, twin, packet->total)) {
        pool_put(cache, &twin, 1);
        return NULL;
    }
    for (const struct xvs_packet *part = twin; part; part = part->next) {
        offset += pool_copy(packet, offset, part->data, part->length);
    }
    empty = *twin;
    *twin = *packet;
    twin->data = empty.data;
    twin->next = empty.next;
    twin->length = empty.length;
    *pool_mark(cache->pool, twin) = *pool_mark(cache->pool, packet);
    return twin;
}

uint32_t
pool_copy(const struct xvs_packet *packet, uint32_t offset, void *out,
          uint32_t size)
{
    uint32_t done = 0;

    for (; packet && done < size; packet = packet->next) {
        uint32_t part;

        if (offset >= packet->length) {
            offset -= packet->length;
            continue;
        }
        part = packet->length - offset;
        part = part < size - done ? part : size - done;
        memcpy((uint8_t *) out + done, packet->data + offset, part);
        done += part;
        offset = 0;
    }
    return done;
}

bool
pool_holds(const struct pool *pool, const struct xvs_packet *packet)
{
    uintptr_t start = (uintptr_t) pool_buffer(pool, packet);
    uintptr_t data = (uintptr_t) packet->data;

    return data >= start && data - start < POOL_STRIDE
        && packet->length >= 14
        && packet->length <= POOL_STRIDE - (data - start);
}

uint32_t
pool_number(const struct pool *pool, const struct xvs_packet *packet)
{
    return (uint32_t) (packet - pool->packets);
}

uint8_t *
pool_mark(const struct pool *pool, const struct xvs_packet *packet)
{
    return &pool->marks[packet - pool->packets];
}
