/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * One copy of a plugin in a domain: its code, heap, stacks, and the host that
 * it sees.
 */

#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "base/error.h"
#include "base/memory.h"
#include "stage/domain/domain-inside.h"
#include "stage/domain/gate.h"
#include "stage/domain/heap.h"
#include "stage/domain/keys.h"
#include "stage/domain/pages.h"
#include "stage/host.h"
#include "stage/keep/keep.h"
#include "stage/plugin/plugin.h"

#define HEAP_LIMIT (1ull << 30)     /* where there is no limit */

/* Memory that waits until no worker can see it. */
struct waiting {
    struct resident *resident;
    void *data;
    void (*release)(void *data);
};

static struct resident *
resident_of(const struct xvs_host *host)
{
    return (struct resident *) (void *) ((char *) (uintptr_t) host
                                         - offsetof(struct resident, host));
}

/* ---- Stacks --------------------------------------------------------------- */

static bool
make_stack(struct domain_stack *stack, int key, struct error *error)
{
    const size_t size = DOMAIN_GUARD + DOMAIN_STACK;
    void *memory = mmap(NULL, size, PROT_NONE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (memory == MAP_FAILED) {
        return error_set_errno(error, errno, "no stack for a domain");
    }
    stack->memory = memory;
    stack->room = (struct domain_room *) (void *) ((char *) memory + size)
        - 1;
    if (!keys_tag((char *) memory + DOMAIN_GUARD, DOMAIN_STACK,
                  PROT_READ | PROT_WRITE, key, error)) {
        return false;
    }
    pages_bring((char *) memory + size - DOMAIN_READY, DOMAIN_READY, true);
    return true;
}

_Static_assert(sizeof(struct domain_room) % 64 == 0,
               "the stack's end is aligned");

/* ---- The host ------------------------------------------------------------- */

/* What a spare says has been said. */
static bool
is_mute(const struct resident *resident)
{
    const struct resident *current = resident->domain->current;

    return current && current != resident;
}

static void
domain_log(const struct xvs_host *host, enum xvs_log_level level,
           const char *text)
{
    if (!is_mute(resident_of(host))) {
        host_log(host, level, text);
    }
}

static void
domain_event(const struct xvs_host *host, enum xvs_log_level level,
             const char *text)
{
    if (!is_mute(resident_of(host))) {
        host_event(host, level, text);
    }
}

/* Inside, only what is the resident's own can be written. */
static void
domain_wake(const struct xvs_host *host)
{
    struct resident *resident = resident_of(host);
    struct stage *stage = resident->domain->stage;

    if (gate_is_inside()) {
        __atomic_store_n(heap_word(resident->heap), 1, __ATOMIC_RELEASE);
    } else {
        if (!is_mute(resident)) {
            __atomic_store_n(&resident->domain->is_woken, true,
                             __ATOMIC_RELEASE);
        }
        stage->host.wake(&stage->host);
    }
}

/* Pages that hold it may be written by the domain. */
static int
domain_keep(const struct xvs_host *host, struct xvs_keep *keep)
{
    struct resident *resident = resident_of(host);
    struct stage *stage = resident->domain->stage;
    int key = resident->domain->key;
    struct error error;
    uint64_t size;
    void *memory;
    int result = resident->inited
        ? XVS_NOT_SUPPORTED : here_keep(stage, &resident->here, keep, true);

    if (result != XVS_SUCCESS) {
        return result;
    }
    memory = kept_memory(stage->kept, &size);
    if (!keys_tag(memory, size, PROT_READ | PROT_WRITE, key, &error)
        || !make_stack(&resident->stacks[KEEP_LANE], key, &error)) {
        resident->here.keep = NULL;
        return XVS_RESOURCES;
    }
    resident->is_due = resident->waits = keep->instance > 1;
    return XVS_SUCCESS;
}

static void
destroy(struct resident *resident)
{
    image_unload(&resident->image);
    heap_destroy(resident->heap);
    for (uint32_t i = 0; i <= KEEP_LANE; i++) {
        if (resident->stacks[i].memory) {
            munmap(resident->stacks[i].memory, DOMAIN_GUARD + DOMAIN_STACK);
        }
    }
    free(resident);
}

/* What a dead one has kept is not touched: it goes with its heap. */
static void
release(void *arg)
{
    struct waiting *waiting = arg;
    struct resident *resident = waiting->resident;

    if (!__atomic_load_n(&resident->is_dead, __ATOMIC_ACQUIRE)) {
        waiting->release(waiting->data);
    }
    free(waiting);
    if (--resident->n_retired == 0 && resident->is_left) {
        destroy(resident);
    }
}

static void
domain_retire(const struct xvs_host *host, void *data,
              void (*function)(void *data))
{
    struct resident *resident = resident_of(host);
    struct stage *stage = resident->domain->stage;
    struct waiting *waiting = mem_alloc(sizeof *waiting);

    *waiting = (struct waiting) { resident, data, function };
    resident->n_retired++;
    stage->host.retire(&stage->host, waiting, release);
}

/* ---- Beginning and end ---------------------------------------------------- */

static bool
get_parts(struct resident *resident, struct error *error)
{
    const struct domain *domain = resident->domain;
    const struct partition_place *place = domain->stage->place;
    uint64_t limit = place->memory_limit;

    if (limit == 0 || limit > HEAP_LIMIT) {
        limit = HEAP_LIMIT;
    }
    resident->heap = heap_create(limit, domain->key, error);
    if (!resident->heap) {
        return false;
    }
    for (uint32_t i = 0; i < place->n_workers; i++) {
        if (!make_stack(&resident->stacks[i], domain->key, error)) {
            return false;
        }
    }
    return image_load(&resident->image, domain->stage->plugin, &domain->file,
                      domain->key, error);
}

static bool
call_init(struct resident *resident, struct outcome *outcome)
{
    struct stage *stage = resident->domain->stage;
    const struct xvs_extension *extension = &resident->image.extension;
    int result = XVS_SUCCESS;

    resident->host = stage->host;
    resident->host.log = domain_log;
    resident->host.event = domain_event;
    resident->host.wake = domain_wake;
    resident->host.retire = domain_retire;
    resident->host.keep = domain_keep;
    heap_use(resident->heap);
    if (extension->init) {
        result = extension->init(&resident->host, &resident->self);
    }
    outcome_judge(outcome, stage, "init", result);
    resident->inited = result == XVS_SUCCESS;
    return resident->inited;
}

struct resident *
resident_create(struct domain *domain, struct outcome *outcome)
{
    struct resident *resident = mem_zalloc(sizeof *resident);
    struct error error;

    resident->domain = domain;
    resident->image.file = -1;
    if (!get_parts(resident, &error)) {
        outcome_fail(outcome, XVS_RESOURCES, &error);
        destroy(resident);
        return NULL;
    }
    if (!call_init(resident, outcome)) {
        resident_end(resident);
        return NULL;
    }
    return resident;
}

void
resident_enter(struct resident *resident)
{
    struct stage *stage = resident->domain->stage;

    stage->hooks = &resident->image.extension;
    stage->self = resident->self;
    heap_use(resident->heap);
}

void
resident_end(struct resident *resident)
{
    const struct xvs_extension *extension = &resident->image.extension;

    if (resident->inited && extension->fini
        && !__atomic_load_n(&resident->is_dead, __ATOMIC_ACQUIRE)) {
        heap_use(resident->heap);
        extension->fini(resident->self);
    }
    if (resident->n_retired == 0) {
        destroy(resident);
    } else {
        resident->is_left = true;
    }
}
