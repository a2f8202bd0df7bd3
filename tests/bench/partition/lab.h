/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_BENCH_PARTITION_LAB_H
#define XVS_BENCH_PARTITION_LAB_H

/*
 * A switch of two ports in memory, a worker, and stages that touch each header:
 * here, in domains, in processes, or in processes that get copies.  The worker
 * is this thread, on processor 0.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct lanes;
struct pool;
struct share;
struct stage;
struct xvs_extension;

#define LAB_STAGES 4u

/* Where stages run. */
enum lab_place { LAB_HERE, LAB_DOMAIN, LAB_PROCESS, LAB_COPY, LAB_PLACES };

extern struct pool *lab_pool;
extern struct lanes *lab_lanes[LAB_PLACES][LAB_STAGES];
extern struct share *lab_shares[LAB_PLACES][LAB_STAGES];
extern uint32_t lab_size;       /* of frames */
extern uint64_t lab_number;     /* of the next frame */
extern uint64_t lab_taken;      /* frames that went out ... */
extern uint64_t lab_wrong;      /* ... and were not the next one */
extern const struct xvs_extension lab_extension;

/* Makes it, and sends one frame the other way, so that the port is known. */
void lab_prepare(void);
/* Makes stages in domains, with control threads on that processor. */
void lab_prepare_domains(int processor);
/* The chain is 'n' stages from the 'first' of that place on. */
void lab_chain(uint32_t first, uint32_t n, enum lab_place place);
/* The chain is the one stage, in a domain. */
void lab_chain_domain(struct stage *stage);
void lab_send(uint32_t n);
/* The same, with one among them that fails (fail.h); when that is whoever gets
 * it ('whom' is 0), it has no number, for it is not to come out. */
struct lab_failing {
    uint32_t at;                /* of the burst */
    uint8_t what;
    uintptr_t whom;
};
void lab_send_failing(uint32_t n, const struct lab_failing *failing);
/* Takes up what has come back. */
void lab_land(void);
/* The same until nothing is away. */
void lab_land_all(void);
/* Whether a burst may be sent. */
bool lab_has_room(void);
/* Sends for so long. */
void lab_load(uint64_t microseconds);
/* From now on the longest time without a packet going out is looked for; and
 * what it was, in microseconds. */
void lab_watch(void);
double lab_gap(void);
/* Cycles: when the last one went out. */
uint64_t lab_out(void);

/* ---- Processes (process.c) ------------------------------------------------ */

/* Before others are made: which processor they are on. */
void process_prepare(int processor);
/* The number of what this program was started as one of, for its exit; -1: it
 * was started by a person. */
int process_be(const char *as);
/* One that sleeps, for it has nothing to do. */
struct share *process_make(enum lab_place place);
/* Whether it 'waits' until nothing of it is left. */
void process_end(struct share *share, bool waits);
/* Starts one that kills whom process_doom() says, when it likes. */
pid_t process_start_killer(void);
void process_doom(pid_t victim);
bool process_has_struck(void);

#endif
