/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * All harm that there is to stages in processes, and how it has to end.  A
 * frame that ends processes does so three times before it is taken out; those
 * that are not to blame for it, because the end is not in their hook, may end
 * one only.  A process that ends while it is made counts as none.
 */

#include <config.h>

#include "matrix.h"

#include "plugins/lies.h"

#define SEGV "crashed in its packet hook (SIGSEGV"
#define HANG "did not return from its packet hook and was ended"
#define LIED "told of packets that it did not have and was ended"
#define TALK "was ended, because its process sent a message"

/* As in plugins/fault.c. */
enum { CRASH = 1, LOOP, EXIT, STACK, CALL = 6, DIVIDE = 9, WILD };

const struct kind process_kinds[] = {
    { "kill", KIND_ACTIVE, 0, 1, "was killed", false, true },
    { "kill-standby", KIND_STANDBY, 0, 0, NULL, false, true },
    { "kill-both", KIND_BOTH, 0, 1, "was killed", false, true },
    { "kill-again", KIND_AGAIN, 0, 1, "was killed", false, true },
    { "kill-newborn", KIND_NEWBORN, 0, 1, "was killed", false, true },
    { "stop", KIND_STOP, 0, 1, HANG, true, true },
    { "crash", KIND_FRAME, CRASH, 3, SEGV " at 0x10)", false, true },
    { "exit", KIND_FRAME, EXIT, 3,
      "ended its process in its packet hook (exit status 3)", false, true },
    { "hang", KIND_FRAME, LOOP, 3, HANG, false, true },
    { "call", KIND_FRAME, CALL, 3,
      "crashed in its packet hook (SIGSYS: a system call that it may not",
      false, true },
    /* (To touch so much memory takes long on a slow machine.) */
    { "stack", KIND_FRAME, STACK, 3, SEGV " at 0x|" HANG, false, true },
    { "lie", KIND_FRAME, LIE_AHEAD, 3, LIED, false, true },
    { "word", KIND_FRAME, LIE_WORD, 3, "feigned its end and was ended", false,
      true },
    { "divide", KIND_FRAME, DIVIDE, 3, "crashed in its packet hook (SIGFPE",
      false, false },
    { "wild", KIND_FRAME, WILD, 3, SEGV " at 0x10)", false, false },
    { "back", KIND_FRAME, LIE_BACK, 3, LIED, false, false },
    { "jump", KIND_FRAME, LIE_JUMP, 3, LIED, false, false },
    { "flip", KIND_FRAME, LIE_FLIP, 1, LIED, false, false },
    { "tail", KIND_FRAME, LIE_TAIL, 3, SEGV " at 0x", false, false },
    { "remap", KIND_FRAME, LIE_REMAP, 3, SEGV " at 0x", false, false },
    { "packet", KIND_FRAME, LIE_PACKET, 3, SEGV " at 0x", false, false },
    { "verdict", KIND_FRAME, LIE_VERDICT, 0, NULL, false, false },
    { "length", KIND_FRAME, LIE_LENGTH, 0, NULL, false, false },
    { "metadata", KIND_FRAME, LIE_METADATA, 0, NULL, false, false },
    { "framed", KIND_FRAME, LIE_FRAMED, 14, "crashed (SIGSEGV at 0x10)", false,
      false },
    { "unmarked", KIND_FRAME, LIE_UNMARKED, 3, SEGV " at 0x10)", false,
      false },
    { "unmapped", KIND_FRAME, LIE_UNMAPPED, 3, SEGV ")", false, false },
    { "hole", KIND_FRAME, LIE_HOLE, 3, SEGV " at 0x10)", false, false },
    { "shrink", KIND_FRAME, LIE_SHRINK, 3,
      "crashed in its packet hook (SIGSYS: a system call that it may not",
      false, false },
    { "garbage", KIND_FRAME, LIE_GARBAGE, 1, TALK, false, false },
    { "half", KIND_FRAME, LIE_HALF, 1,
      "did not finish timer in time and was ended", true, false },
    { "gifts", KIND_FRAME, LIE_GIFTS, 1, TALK, false, false },
    { "news", KIND_FRAME, LIE_NEWS, 0, NULL, false, false },
    { "bells", KIND_FRAME, LIE_BELLS, 0, NULL, false, false },
    { "storm", KIND_FRAME, LIE_STORM, 0, NULL, false, false },
    { "leave", KIND_FRAME, LIE_LEAVE, 3,
      "ended its process in its packet hook (exit status 0)", false, false },
    { "catch", KIND_FRAME, LIE_CATCH, 3, HANG, false, false },
    { "mask", KIND_FRAME, LIE_MASK, 3, SEGV, false, false },
    { "scrawl", KIND_FRAME, LIE_SCRAWL, 3, LIED, false, false },
};

const uint32_t n_process_kinds =
    sizeof process_kinds / sizeof process_kinds[0];
