/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The harm that a packet hook can do in a domain, and how it has to end.  A
 * frame ends two instances and no more: the one that has it in its burst, and
 * the next one, which has it alone.
 */

#include <config.h>

#include "matrix.h"

/* As in plugins/fault.c. */
enum { CRASH = 1, LOOP, EXIT, STACK, SLEEP, CALL, WRITE = 8, DIVIDE, WILD,
       ILLEGAL = 13, TRAP, CODE, DATA, RUIN, ABORT };

#define HOOK "hostile: its ingress hook "
#define CODE_OF ", at hostile.so+0x"
#define KIND(name, what, text) \
    { name, KIND_FRAME, what, 2, text, false, true }

const struct kind domain_kinds[] = {
    KIND("crash", CRASH, HOOK "touched 0x10 (SIGSEGV)" CODE_OF),
    KIND("hang", LOOP, HOOK "did not return within 50 ms"),
    KIND("exit", EXIT, HOOK "called the system (call 231)"),
    KIND("stack", STACK, HOOK "touched 0x"),
    /* (The C library may note first that the thread can be cancelled.) */
    KIND("sleep", SLEEP, HOOK "called the system (call 34)|which is not its"
         " own"),
    KIND("call", CALL, HOOK "called the system (call 59)"),
    KIND("write", WRITE, "which is not its own" CODE_OF),
    KIND("divide", DIVIDE, HOOK "divided by zero"),
    KIND("wild", WILD, HOOK "touched 0x10 (SIGSEGV), at 0x10"),
    KIND("illegal", ILLEGAL, HOOK "was ended by SIGILL" CODE_OF),
    KIND("trap", TRAP, HOOK "was ended by SIGTRAP" CODE_OF),
    KIND("code", CODE, HOOK "touched 0x"),
    KIND("data", DATA, HOOK "touched 0x"),
    KIND("ruin", RUIN, HOOK "touched 0x10 (SIGSEGV)" CODE_OF),
    KIND("abort", ABORT, HOOK "called the system|which is not its own"),
};

const uint32_t n_domain_kinds = sizeof domain_kinds / sizeof domain_kinds[0];
