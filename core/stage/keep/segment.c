/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See segment.h.
 */

#include <config.h>

#include "stage/keep/segment.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include <xvs/keep.h>

#include "base/error.h"
#include "base/memory.h"
#include "stage/keep/keep.h"

#define PAGE 4096u

uint64_t
segment_head(void)
{
    uint64_t size = KEEP_LOGS * sizeof(struct xvs_keep_log);

    return (size + PAGE - 1) / PAGE * PAGE;
}

static bool
make_file(struct segment *segment)
{
    off_t size = (off_t) (segment_head() + segment->n);

    segment->file = memfd_create("xvs-kept", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    return segment->file >= 0 && ftruncate(segment->file, size) == 0
        && fcntl(segment->file, F_ADD_SEALS,
                 F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0;
}

struct segment *
segment_create(uint64_t n, uint32_t version, struct error *error)
{
    struct segment *segment = mem_zalloc(sizeof *segment);
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    *segment = (struct segment) {
        .refs = 1, .file = -1, .version = version, .n = n,
        .since = now.tv_sec * INT64_C(1000000) + now.tv_nsec / 1000 };
    if (!make_file(segment)) {
        error_set_errno(error, errno, "cannot make memory of %llu bytes to be"
                        " kept", (unsigned long long) n);
        segment_drop(segment);
        return NULL;
    }
    return segment;
}

struct segment *
segment_hold(struct segment *segment)
{
    __atomic_fetch_add(&segment->refs, 1, __ATOMIC_RELAXED);
    return segment;
}

void
segment_drop(struct segment *segment)
{
    if (segment
        && __atomic_sub_fetch(&segment->refs, 1, __ATOMIC_ACQ_REL) == 0) {
        if (segment->file >= 0) {
            close(segment->file);
        }
        free(segment);
    }
}

static void *
map(const struct segment *segment, uint64_t size, int protection,
    uint64_t from, struct error *error)
{
    void *memory = mmap(NULL, size, protection, MAP_SHARED, segment->file,
                        (off_t) from);

    if (memory == MAP_FAILED) {
        error_set_errno(error, errno, "cannot map memory that is kept");
        return NULL;
    }
    return memory;
}

void *
segment_map(const struct segment *segment, struct error *error)
{
    return map(segment, segment_head() + segment->n, PROT_READ | PROT_WRITE,
               0, error);
}

const void *
segment_map_bytes(const struct segment *segment, struct error *error)
{
    return map(segment, segment->n, PROT_READ, segment_head(), error);
}

int
segment_open_read(const struct segment *segment)
{
    char path[64];

    snprintf(path, sizeof path, "/proc/self/fd/%d", segment->file);
    return open(path, O_RDONLY | O_CLOEXEC);
}
