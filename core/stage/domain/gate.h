/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_STAGE_DOMAIN_GATE_H
#define XVS_STAGE_DOMAIN_GATE_H

/*
 * The gate into a domain and out of it: a function is called with the rights
 * of the domain, on a stack of the domain, and cannot call the system.
 *
 *     gate_call() --- rights away, other stack ---> function
 *         ^                                            |  returns
 *         |<-- all rights, own stack, own registers ---+
 *         |                                            |  or does what it
 *         |<-- handler of a signal, with what it was --+  may not
 *
 * What the way out needs is found by the register gs, which plugins do not
 * use, in memory that the domain cannot write: whatever the function left in
 * the other registers, or where its stack has gone, does not matter.
 *
 * A function that was interrupted is never resumed.  Its thread takes no
 * signals but those of faults and that of the watchdog, which ends functions
 * that have used more time of the processor than they may.
 */

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

struct error;

#define GATE_BUDGET_MS 50u      /* of a call, of the processor's time */

/* Why a call ended early. */
struct gate_fault {
    int number;                 /* of the signal; 0: it returned */
    int code;                   /* si_code */
    uint64_t address;           /* of memory; SIGSYS: number of the call */
    uint64_t at;                /* the instruction */
    bool is_late;               /* the watchdog has ended it */
};

/* A thread that goes through gates. */
struct gate;

/* The calling thread's; makes it able to at the first call.  NULL with an
 * error: it cannot. */
struct gate *gate_of_thread(struct error *error);
/* Whether the calling thread is inside a domain now. */
bool gate_is_inside(void);

struct gate_call {
    void (*function)(void *self, void *argument);
    void *self, *argument;
    void *stack;                /* its upper end, aligned to 64 */
    uint32_t rights;            /* keys_rights() */
};

/* False: it has not returned, and '*fault' says why. */
bool gate_call(struct gate *gate, const struct gate_call *call,
               struct gate_fault *fault);
/* What happened, in words: "wrote to 0x10, which ..."; 'code' is where the
 * function's code begins, 'name' what it is called. */
void gate_say(const struct gate_fault *fault, uint64_t code, uint64_t size,
              const char *name, char *text, size_t room);

#endif
