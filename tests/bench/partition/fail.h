/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_BENCH_PARTITION_FAIL_H
#define XVS_BENCH_PARTITION_FAIL_H

/*
 * Frames that have a stage of the bench fail: their Ethernet type, and what is
 * behind it.
 */

#define FAIL_TYPE 0x88b6        /* for experiments */
#define FAIL_WHAT 14            /* byte of a frame: enum fail_what */
#define FAIL_WHOM 16            /* the address of the one that is to; zeros:
                                 * who gets it */

enum fail_what {
    FAIL_NULL,                  /* writes to nowhere */
    FAIL_CORE,                  /* ... to what is the switch's */
    FAIL_CODE,                  /* ... to its code */
    FAIL_STACK,                 /* runs out of stack */
    FAIL_DIVIDE,                /* divides by zero */
    FAIL_WILD,                  /* jumps to nowhere */
    FAIL_ILLEGAL,               /* runs what is no instruction */
    FAIL_TRAP,                  /* meets a breakpoint */
    FAIL_CALL,                  /* calls the system */
    FAIL_HANG,                  /* does not return */
    FAILS
};

#endif
