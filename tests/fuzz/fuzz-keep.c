/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A log of kept memory as a hostile process leaves it: nothing beyond the
 * memory changes, and what the log does not name stays.
 */

#include <config.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "stage/keep/log.h"

#define N 4096u                 /* bytes, at most */
#define GUARD 64u               /* around them */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What the input begins with. */
struct head {
    uint32_t n;                 /* of the log */
    uint16_t size, done;        /* of the memory; first unfinished packet */
    uint64_t whose;
};

static struct xvs_keep_log *
fill(const struct head *head, const uint8_t *data, size_t size)
{
    static struct xvs_keep_log log;
    size_t room = sizeof log.entries;

    log.n = head->n;
    log.whose = head->whose;
    memcpy(log.entries, data, size < room ? size : room);
    /* The same again: logs may be long. */
    for (size_t i = size; size && i < 64 * sizeof log.entries[0]; i++) {
        ((uint8_t *) log.entries)[i] = data[i % size];
    }
    return &log;
}

static void
check(const uint8_t *memory, size_t size)
{
    for (size_t i = 0; i < GUARD; i++) {
        if (memory[i] != 0xa5 || memory[GUARD + size + i] != 0xa5) {
            abort();
        }
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct head head;
    struct xvs_keep_log *log;
    uint8_t *memory;
    uint64_t n = 0;
    uint32_t done[2], length;

    if (size < sizeof head) {
        return 0;
    }
    memcpy(&head, data, sizeof head);
    length = head.size % N / 8 * 8 + 8;
    done[0] = done[1] = head.done;
    log = fill(&head, data + sizeof head, size - sizeof head);
    memory = malloc(length + 2 * GUARD);
    memset(memory, 0xa5, length + 2 * GUARD);
    keep_log_settle(log, memory + GUARD, length, done, 2, sizeof *done, &n);
    check(memory, length);
    if (log->n != 0 || n > XVS_KEEP_ENTRIES) {
        abort();
    }
    fill(&head, data + sizeof head, size - sizeof head);
    keep_log_undo(log, memory + GUARD, length, &n);
    check(memory, length);
    free(memory);
    return 0;
}
