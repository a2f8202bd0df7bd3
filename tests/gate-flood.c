/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Faults in a domain that come together with the watchdog's signal, which
 * otherwise takes a machine that has no time for a hook just before it fails.
 * Ends with 0 after so many faults; a process that is ended by the kernel has
 * found what this is there to find.
 *
 *     gate-flood FAULTS
 */

#include <config.h>

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/error.h"
#include "stage/domain/gate.h"
#include "stage/domain/keys.h"

#define STACK (64u << 10)

static pid_t victim;

static void
crash(void *self, void *argument)
{
    (void) argument;
    *(volatile int *) self = 1;
}

/* The watchdog's signal, again and again. */
static void *
flood(void *arg)
{
    (void) arg;
    for (;;) {
        syscall(SYS_tgkill, getpid(), victim, SIGRTMIN + 5);
        sched_yield();
    }
    return NULL;
}

int
main(int argc, char **argv)
{
    unsigned long left = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000;
    unsigned long n = left, late = 0;
    struct gate_call call = { .function = crash };
    struct gate_fault fault;
    struct error error;
    struct gate *gate;
    pthread_t thread;
    char *stack;
    int key;

    if (!keys_open(&error) || (key = keys_take(&error)) == 0
        || !(gate = gate_of_thread(&error))) {
        puts(error.text);
        return 77;
    }
    victim = gettid();
    stack = mmap(NULL, STACK, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    call.stack = stack + STACK;
    call.self = &victim;
    call.rights = keys_rights(key, false);
    if (!keys_tag(stack, STACK, PROT_READ | PROT_WRITE, key, &error)
        || pthread_create(&thread, NULL, flood, NULL) != 0) {
        return 1;
    }
    while (left--) {
        if (gate_call(gate, &call, &fault)) {
            return 1;
        }
        late += fault.is_late;
    }
    printf("%lu faults, %lu of them late\n", n, late);
    return 0;
}
