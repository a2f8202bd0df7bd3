/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See rights.h.  Where there are keys, the functions below that libc has too
 * ask the kernel for them, as those do.
 */

#include <config.h>

#include "bench/partition/rights.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/error.h"
#include "stage/domain/keys.h"

#define KEYS 16
#define GATE_SIZE 512u          /* bytes of code, at least */

void gate_enter(void *gate);    /* of gate.c, where all of it begins */

static bool is_real;
static int n_keys = 1;          /* given, of those that mean nothing */

bool
rights_are_real(void)
{
    return is_real;
}

int
pkey_alloc(unsigned int flags, unsigned int rights)
{
    if (is_real) {
        return (int) syscall(SYS_pkey_alloc, flags, rights);
    }
    errno = ENOSPC;
    return n_keys < KEYS ? n_keys++ : -1;
}

int
pkey_mprotect(void *memory, size_t size, int protection, int key)
{
    return is_real ? (int) syscall(SYS_pkey_mprotect, memory, size,
                                   protection, key)
                   : mprotect(memory, size, protection);
}

/* Its instructions that write rights become ones that do nothing. */
static void
open_gate(void)
{
    static const uint8_t wrpkru[] = { 0x0f, 0x01, 0xef },
        nop[] = { 0x0f, 0x1f, 0x00 };
    const uintptr_t page = (uintptr_t) sysconf(_SC_PAGESIZE);
    uint8_t *code = (uint8_t *) (uintptr_t) gate_enter;
    uint8_t *from = (uint8_t *) ((uintptr_t) code & ~(page - 1));
    const size_t size = (size_t) (code - from) + GATE_SIZE;
    uint32_t n = 0;

    if (mprotect(from, size, PROT_READ | PROT_WRITE | PROT_EXEC) != 0) {
        perror("the gate cannot be changed");
        exit(2);
    }
    for (uint8_t *at = code; at < code + GATE_SIZE; at++) {
        if (memcmp(at, wrpkru, sizeof wrpkru) == 0) {
            memcpy(at, nop, sizeof nop);
            n++;
        }
    }
    mprotect(from, size, PROT_READ | PROT_EXEC);
    if (n != 3) {
        fprintf(stderr, "%u instructions of the gate write rights, and not"
                " 3\n", n);
        exit(2);
    }
}

void
rights_prepare(void)
{
    int key = (int) syscall(SYS_pkey_alloc, 0, 0);
    struct error error;

    is_real = key > 0;
    if (is_real) {
        syscall(SYS_pkey_free, key);
    } else {
        open_gate();
    }
    if (!keys_open(&error)) {
        fprintf(stderr, "%s\n", error.text);
        exit(2);
    }
}
