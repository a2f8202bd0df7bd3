/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BENCH_SAMPLE_H
#define BENCH_SAMPLE_H

/* One measured stretch of time, and whether it was free of noise. */

#include "guest.h"

struct plan {
    unsigned int burst; /* frames at a time */
    bool both;          /* both guests send */
    double rate;        /* frames per second of each way; 0: all */
    double seconds;     /* of a sample */
    double wait;        /* share of a sample that may be lost to others */
};

double seconds_now(void);

/* "PID:TID" of a thread whose waiting spoils a sample. */
void watch_thread(const char *thread);

void sample_start(void); /* once, before the first */

/* Runs one, prints it, and returns 1; or 0 when it was spoilt. */
unsigned int sample(const struct plan *plan, struct guest *a, struct guest *b);

#endif
