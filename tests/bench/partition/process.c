/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Processes of stages, and one that kills them; see lab.h.  They are this
 * program, started anew: forks of it would share its memory until somebody
 * writes, for which both pay.
 */

#include <config.h>

#include "bench/partition/lab.h"

#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "packet/cycles.h"
#include "packet/pool.h"
#include "stage/lane/lanes.h"
#include "stage/lane/serve.h"

/* What they find open, far above what we have. */
enum { FIRST_FILE = 200, BELL = FIRST_FILE + SHARE_FILES, ORDERS };

/* What they are told, in memory that all share. */
static struct orders {
    struct share_size size;     /* of a stage that begins */
    pid_t victim;               /* 0: nobody; atomic */
    uint64_t struck;            /* cycles: it was killed; atomic */
} *orders;
static int orders_file, bell, home;

static struct orders *
map_orders(int file)
{
    void *memory = mmap(NULL, sizeof(struct orders), PROT_READ | PROT_WRITE,
                        MAP_SHARED, file, 0);

    return memory == MAP_FAILED ? NULL : memory;
}

static void
pin(int cpu)
{
    cpu_set_t cpus;

    CPU_ZERO(&cpus);
    CPU_SET((unsigned int) cpu, &cpus);
    sched_setaffinity(0, sizeof cpus, &cpus);
}

void
process_prepare(int processor)
{
    home = processor;
    pin(0);
    bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    orders_file = memfd_create("orders", MFD_CLOEXEC);
    if (ftruncate(orders_file, sizeof *orders) != 0
        || !(orders = map_orders(orders_file))) {
        exit(2);
    }
}

/* ---- Inside --------------------------------------------------------------- */

static int
be_stage(void)
{
    int files[SHARE_FILES], its_bell = BELL;
    struct share *share;
    struct serve *serve;

    orders = map_orders(ORDERS);
    for (int i = 0; i < SHARE_FILES; i++) {
        files[i] = FIRST_FILE + i;
    }
    share = orders ? share_attach(&orders->size, files, NULL) : NULL;
    serve = share ? serve_create(share, &its_bell, NULL) : NULL;
    if (!serve) {
        return 1;
    }
    serve_open(serve, &lab_extension, NULL);
    for (;;) {
        pause();
    }
}

/* Kills whom it is told to, some time later. */
static int
be_killer(void)
{
    unsigned int seed = 1;

    orders = map_orders(ORDERS);
    prctl(PR_SET_TIMERSLACK, 1);
    while (orders) {
        const struct timespec pause = {
            0, 100000 + rand_r(&seed) % 900000 };
        pid_t victim;

        nanosleep(&pause, NULL);
        victim = __atomic_exchange_n(&orders->victim, 0, __ATOMIC_SEQ_CST);
        if (victim) {
            __atomic_store_n(&orders->struck, clock_cycles(),
                             __ATOMIC_SEQ_CST);
            kill(victim, SIGKILL);
        }
    }
    return 1;
}

int
process_be(const char *as)
{
    return strcmp(as, "--stage") == 0 ? be_stage()
        : strcmp(as, "--killer") == 0 ? be_killer() : -1;
}

/* ---- Outside -------------------------------------------------------------- */

static pid_t
start(const char *as, const struct share *share)
{
    char *arguments[] = { (char *) "bench-partition", (char *) as, NULL };
    posix_spawn_file_actions_t actions;
    pid_t pid;

    posix_spawn_file_actions_init(&actions);
    for (int i = 0; share && i < SHARE_FILES; i++) {
        posix_spawn_file_actions_adddup2(&actions, share->files[i],
                                         FIRST_FILE + i);
    }
    posix_spawn_file_actions_adddup2(&actions, bell, BELL);
    posix_spawn_file_actions_adddup2(&actions, orders_file, ORDERS);
    pin(home);
    if (posix_spawn(&pid, "/proc/self/exe", &actions, NULL, arguments,
                    environ) != 0) {
        exit(2);
    }
    pin(0);
    posix_spawn_file_actions_destroy(&actions);
    return pid;
}

struct share *
process_make(enum lab_place place)
{
    struct share *share =
        share_create(place == LAB_COPY ? NULL : lab_pool, 1, true, NULL);

    if (!share) {
        exit(2);
    }
    orders->size = share->size;
    share->pid = start("--stage", share);
    /* Not before it sleeps, which it does when it has nothing more to do. */
    while (!__atomic_load_n(&share->state->sleeps, __ATOMIC_ACQUIRE)) {
        if (waitpid(share->pid, NULL, WNOHANG) != 0) {
            fputs("a process does not live\n", stderr);
            exit(2);
        }
        usleep(1000);
    }
    share_close_files(share);
    share_find_thread(share);
    return share;
}

void
process_end(struct share *share, bool waits)
{
    kill(share->pid, SIGKILL);
    if (waits) {
        waitpid(share->pid, NULL, 0);
    }
    while (waitpid(-1, NULL, WNOHANG) > 0) {
    }
    share_destroy(share);
}

pid_t
process_start_killer(void)
{
    return start("--killer", NULL);
}

void
process_doom(pid_t victim)
{
    __atomic_store_n(&orders->struck, 0, __ATOMIC_SEQ_CST);
    __atomic_store_n(&orders->victim, victim, __ATOMIC_SEQ_CST);
}

bool
process_has_struck(void)
{
    return __atomic_load_n(&orders->struck, __ATOMIC_SEQ_CST) != 0;
}
