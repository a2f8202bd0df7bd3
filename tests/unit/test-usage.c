/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What a process costs: a child spends time and memory that it says before,
 * and another one of the same parent does not.
 */

#include <config.h>

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "stage/process/usage.h"
#include "unit.h"

#define MIB (1u << 20)
#define SPENT_NS 50000000u

static uint64_t
spent(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (uint64_t) now.tv_sec * 1000000000u + (uint64_t) now.tv_nsec;
}

static void *
map(size_t size, int flags)
{
    void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS,
                    -1, 0);

    return at == MAP_FAILED ? NULL : memset(at, 1, size);
}

/* Spends, tells that it has, and waits for its end. */
static pid_t
start(bool spends, size_t own, size_t shared)
{
    int ends[2];
    char byte;
    pid_t pid;

    if (pipe(ends) != 0 || (pid = fork()) < 0) {
        return -1;
    }
    if (pid == 0) {
        uint64_t begin = spent();

        if ((own && !map(own, MAP_PRIVATE))
            || (shared && !map(shared, MAP_SHARED))) {
            _exit(1);
        }
        while (spends && spent() - begin < SPENT_NS) {
        }
        if (write(ends[1], "x", 1) != 1) {
            _exit(1);
        }
        for (;;) {
            pause();
        }
    }
    close(ends[1]);
    if (read(ends[0], &byte, 1) != 1) {
        CU_FAIL("the child ended");
    }
    close(ends[0]);
    return pid;
}

static void
end(pid_t pid)
{
    struct usage usage;

    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    usage_read(pid, &usage);
    CU_ASSERT_EQUAL(usage.cpu_time, 0);
    CU_ASSERT_EQUAL(usage.memory, 0);
}

static void
test_time(void)
{
    pid_t busy = start(true, 0, 0), idle = start(false, 0, 0);
    struct usage usage;

    usage_read(busy, &usage);
    CU_ASSERT(usage.cpu_time >= SPENT_NS);
    CU_ASSERT(usage.cpu_time < 100u * SPENT_NS);
    usage_read(idle, &usage);
    CU_ASSERT(usage.cpu_time > 0);
    CU_ASSERT(usage.cpu_time < SPENT_NS);
    end(busy);
    end(idle);
}

static void
test_memory(void)
{
    pid_t small = start(false, 0, 0);
    pid_t large = start(false, 32 * MIB, 0);
    pid_t sharing = start(false, 0, 32 * MIB);
    struct usage few, many, shared;

    usage_read(small, &few);
    usage_read(large, &many);
    usage_read(sharing, &shared);
    CU_ASSERT(few.memory > 0);
    CU_ASSERT(many.memory >= few.memory + 30 * MIB);
    CU_ASSERT(many.memory < few.memory + 40 * MIB);
    CU_ASSERT(shared.memory < few.memory + 8 * MIB);
    end(small);
    end(large);
    end(sharing);
}

static void
test_nobody(void)
{
    struct usage usage = { 1, 1 };

    usage_read(0, &usage);
    CU_ASSERT_EQUAL(usage.cpu_time, 0);
    CU_ASSERT_EQUAL(usage.memory, 0);
}

static const struct unit_test tests[] = {
    { "time", test_time },
    { "memory of its own", test_memory },
    { "no process", test_nobody },
};

UNIT_MAIN("usage", tests)
