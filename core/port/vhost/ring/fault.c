/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The table that the SIGBUS handler looks into: a list that only grows, whose
 * entries are used again, so that the handler needs no lock.
 */

#include <config.h>

#include "port/vhost/ring/fault.h"

#include <signal.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/memory.h"

struct watched {
    struct watched *next;       /* never changes */
    uintptr_t start;            /* 0: unused; atomic, written last */
    size_t size;
    int notify;                 /* eventfd or -1 */
    bool hit;                   /* was replaced; atomic */
};

static struct watched *first;   /* published */
static struct sigaction before; /* what SIGBUS did without us */

static struct watched *
find(uintptr_t address)
{
    struct watched *one = __atomic_load_n(&first, __ATOMIC_ACQUIRE);

    for (; one; one = one->next) {
        uintptr_t start = __atomic_load_n(&one->start, __ATOMIC_ACQUIRE);

        if (start && address >= start && address - start < one->size) {
            return one;
        }
    }
    return NULL;
}

/* Only calls that are allowed in a signal handler. */
static void
on_bus_error(int number, siginfo_t *info, void *context)
{
    struct watched *one = find((uintptr_t) info->si_addr);
    uint64_t count = 1;

    (void) number;
    (void) context;
    if (!one || mmap((void *) one->start, one->size, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE,
                     -1, 0) == MAP_FAILED) {
        /* Happens again behind us, and then ends the process. */
        sigaction(SIGBUS, &before, NULL);
        return;
    }
    __atomic_store_n(&one->hit, true, __ATOMIC_RELEASE);
    if (one->notify >= 0
        && write(one->notify, &count, sizeof count) != sizeof count) {
        /* It is readable already, then. */
    }
}

static void
install(void)
{
    struct sigaction action = { .sa_sigaction = on_bus_error,
                                .sa_flags = SA_SIGINFO };

    sigemptyset(&action.sa_mask);
    sigaction(SIGBUS, &action, &before);
}

void
fault_watch(void *mapping, size_t size, int notify)
{
    struct watched *one = first;

    if (!first) {
        install();
    }
    while (one && one->start) {
        one = one->next;
    }
    if (!one) {
        one = mem_zalloc(sizeof *one);
        one->next = first;
        __atomic_store_n(&first, one, __ATOMIC_RELEASE);
    }
    one->size = size;
    one->notify = notify;
    __atomic_store_n(&one->hit, false, __ATOMIC_RELAXED);
    __atomic_store_n(&one->start, (uintptr_t) mapping, __ATOMIC_RELEASE);
}

void
fault_forget(const void *mapping)
{
    struct watched *one = find((uintptr_t) mapping);

    if (one) {
        __atomic_store_n(&one->start, 0, __ATOMIC_RELEASE);
    }
}

bool
fault_hit(const void *mapping)
{
    const struct watched *one = find((uintptr_t) mapping);

    return one && __atomic_load_n(&one->hit, __ATOMIC_ACQUIRE);
}
