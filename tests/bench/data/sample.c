/* SPDX-License-Identifier: BSD-3-Clause */
/* The measuring loop: see sample.h. */
#include "sample.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

#define MAX_THREADS 16
#define TICK 10 /* nanoseconds of a latency class */
#define N_TICKS 100000u

static const char *threads[MAX_THREADS];
static unsigned int n_threads;
static double cycles_per_tick;
static uint32_t *latencies;

double
seconds_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double) t.tv_sec + (double) t.tv_nsec * 1e-9;
}

void
watch_thread(const char *thread)
{
    if (n_threads < MAX_THREADS) {
        threads[n_threads++] = thread;
    }
}

/* Seconds that a thread was ready to run and did not. */
static double
waited(const char *thread)
{
    char path[96];
    unsigned int pid, tid;
    unsigned long long nanoseconds = 0;

    if (sscanf(thread, "%u:%u", &pid, &tid) != 2) {
        return 0;
    }
    snprintf(path, sizeof path, "/proc/%u/task/%u/schedstat", pid, tid);
    FILE *file = fopen(path, "r");
    if (file) {
        if (fscanf(file, "%*u %llu", &nanoseconds) != 1) {
            nanoseconds = 0;
        }
        fclose(file);
    }
    return (double) nanoseconds * 1e-9;
}

void
sample_start(void)
{
    static char self[32];

    snprintf(self, sizeof self, "%d:%d", (int) getpid(), (int) getpid());
    watch_thread(self);
    latencies = calloc(N_TICKS, sizeof *latencies);
    double start = seconds_now();
    uint64_t cycles = __rdtsc();
    usleep(100000);
    cycles_per_tick =
        (double) (__rdtsc() - cycles) / ((seconds_now() - start) * 1e9) * TICK;
}

static void
note_latency(uint64_t stamp)
{
    uint64_t tick =
        (uint64_t) ((double) (__rdtsc() - stamp) / cycles_per_tick);

    latencies[tick < N_TICKS ? tick : N_TICKS - 1]++;
}

/* Nanoseconds below which a share of all latencies is. */
static unsigned int
percentile(double share)
{
    uint64_t all = 0, below = 0;

    for (unsigned int i = 0; i < N_TICKS; i++) {
        all += latencies[i];
    }
    for (unsigned int i = 0; i < N_TICKS; i++) {
        below += latencies[i];
        if ((double) below >= share * (double) all) {
            return i * TICK;
        }
    }
    return N_TICKS * TICK;
}

/* Sleeps until a ring calls, at most a millisecond. */
static void
doze(struct guest *a, struct guest *b)
{
    uint64_t count;
    struct pollfd calls[4] = {{a->receive.call, POLLIN, 0},
                              {b->receive.call, POLLIN, 0},
                              {a->send.call, POLLIN, 0},
                              {b->send.call, POLLIN, 0}};

    poll(calls, 4, 1);
    for (int i = 0; i < 4; i++) {
        if (calls[i].revents != 0) {
            (void) !read(calls[i].fd, &count, sizeof count);
        }
    }
}

/* How many bursts are due at a rate; keeps the account in 'credit'. */
static bool
is_due(const struct plan *plan, double *credit, double *last)
{
    if (plan->rate <= 0) {
        return true;
    }
    double now = seconds_now();
    *credit += (now - *last) * plan->rate;
    *last = now;
    if (*credit > 4 * plan->burst) {
        *credit = 4 * plan->burst;
    }
    if (*credit < plan->burst) {
        return false;
    }
    *credit -= plan->burst;
    return true;
}

/* Drives both guests for a while; returns how long it really was. */
static double
drive(const struct plan *plan, struct guest *a, struct guest *b,
      double seconds)
{
    void (*seen)(uint64_t) = a->options->stamp ? note_latency : NULL;
    double start = seconds_now(), last = start, credit = 0, now;

    do {
        for (int turn = 0; turn < 16; turn++) {
            unsigned int work = 0;

            if (is_due(plan, &credit, &last)) {
                work += guest_send(a, plan->burst);
                work += plan->both ? guest_send(b, plan->burst) : 0;
            }
            work += guest_receive(b, 2 * plan->burst, seen);
            work +=
                guest_receive(a, 2 * plan->burst, plan->both ? seen : NULL);
            if (work == 0 && a->options->sleeps) {
                doze(a, b);
            }
        }
        now = seconds_now();
    } while (now - start < seconds);
    return now - start;
}

unsigned int
sample(const struct plan *plan, struct guest *a, struct guest *b)
{
    double before[MAX_THREADS];
    bool noisy = false;

    drive(plan, a, b, 0.05);
    for (unsigned int i = 0; i < n_threads; i++) {
        before[i] = waited(threads[i]);
    }
    memset(latencies, 0, N_TICKS * sizeof *latencies);
    uint64_t sent = a->sent + b->sent, got = a->received + b->received;
    double seconds = drive(plan, a, b, plan->seconds);
    sent = a->sent + b->sent - sent;
    got = a->received + b->received - got;
    for (unsigned int i = 0; i < n_threads; i++) {
        noisy |= waited(threads[i]) - before[i] > plan->wait * seconds;
    }
    double loss = sent > got ? 100 * (double) (sent - got) / (double) sent : 0;
    if (noisy) {
        fprintf(stderr, "# noisy: %.3f Mpps, %.2f%% lost\n",
                (double) got / seconds / 1e6, loss);
        usleep(300000);
        return 0;
    }
    printf("sample %.3f %.2f%%", (double) got / seconds / 1e6, loss);
    if (a->options->stamp) {
        printf(" %u %u", percentile(0.5), percentile(0.99));
    }
    printf("\n");
    fflush(stdout);
    return 1;
}
