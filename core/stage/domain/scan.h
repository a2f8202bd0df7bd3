/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_STAGE_DOMAIN_SCAN_H
#define XVS_STAGE_DOMAIN_SCAN_H

/*
 * What a plugin's file has in it that cannot be in a protection domain.  A
 * domain is a set of rights that the processor checks; any instruction that
 * changes those rights, or that has the kernel do so, must not be there, not
 * even inside another one, where only a wild jump would find it:
 *
 *     wrpkru xrstor            give all rights
 *     wrfsbase wrgsbase        move the thread's own data
 *     syscall sysenter int80   the kernel does not know of domains
 *
 * Code that can be written to could become such an instruction, and data that
 * each thread has apart is in memory that the domain may not write.
 *
 * The file is a stranger's: nothing of it is run, and nothing of it believed.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stage/domain/elf.h"

struct buffer;
struct error;

enum scan_kind {
    SCAN_WRPKRU, SCAN_XRSTOR, SCAN_WRBASE, SCAN_SYSCALL, SCAN_SYSENTER,
    SCAN_INT80,                 /* those above: bytes of instructions */
    SCAN_WRITABLE_CODE,         /* a segment to write and to run */
    SCAN_TEXT_RELOCATIONS,      /* the loader writes to code */
    SCAN_STACK_CODE,            /* it wants stacks that can be run */
    SCAN_THREAD_DATA,           /* it has data of each thread */
    SCAN_DAMAGED,               /* a segment outside the file */
    /* From here on it is only said, because it happens while the file is
     * loaded, when the domain is not closed yet. */
    SCAN_CONSTRUCTORS,          /* functions of its own that run then */
    SCAN_RESOLVERS,             /* functions that choose functions */
    SCAN_LAZY,                  /* linked to bind at the first call; xvs
                                 * binds all of it when it loads */
    SCAN_KINDS
};

struct scan_kept {
    uint64_t n;                 /* how often it was found */
    uint64_t address;           /* of the first, as it is linked */
    struct elf_place place;     /* the same */
};

struct scan {
    struct scan_kept found[SCAN_KINDS];
};

/* False with an error that begins with 'file': it cannot be read as a shared
 * object at all. */
bool scan_file(const void *data, size_t size, const char *file,
               struct scan *scan, struct error *error);
/* Whether this keeps a plugin out of a domain. */
bool scan_stops(enum scan_kind kind);
/* Whether nothing that was found does. */
bool scan_passes(const struct scan *scan);
/* Appends a line about a kind that was found, without its end: "wrpkru at
 * 0x1234 (f+0x4 in .text), and 2 more". */
void scan_say(const struct scan *scan, enum scan_kind kind,
              struct buffer *out);
/* Scans the bytes of the file at 'path'.  False with an error: something keeps
 * it out, and the error says the first such thing. */
bool scan_judge(const void *data, size_t size, const char *path,
                const char *file, struct error *error);

#endif
