/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Mapping and looking up; see memory.h.  A file that is too short is refused
 * here; one that is cut off later is the business of fault.c.
 */

#include <config.h>

#include "port/vhost/ring/memory.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/error.h"
#include "port/vhost/ring/fault.h"
#include "port/vhost/wire.h"

#define PAGE 4096u

static bool
overlaps(uint64_t a, uint64_t a_size, uint64_t b, uint64_t b_size)
{
    return a < b + b_size && b < a + a_size;
}

static bool
check(const struct memory *memory, const struct wire_region *region,
      struct error *error)
{
    if (memory->n == MEMORY_REGIONS) {
        return error_set(error, ERROR_LIMIT, "more than %u regions of memory",
                         MEMORY_REGIONS);
    }
    if (region->size == 0 || region->guest + region->size < region->guest
        || region->user + region->size < region->user
        || region->offset + region->size < region->offset
        || region->offset + region->size > INT64_MAX) {
        return error_set(error, ERROR_INVALID,
                         "a region of memory whose addresses wrap around");
    }
    for (uint32_t i = 0; i < memory->n; i++) {
        const struct memory_region *other = &memory->regions[i];

        if (overlaps(region->guest, region->size, other->guest, other->size)
            || overlaps(region->user, region->size, other->user,
                        other->size)) {
            return error_set(error, ERROR_INVALID,
                             "regions of memory that overlap");
        }
    }
    return true;
}

/* The file's pages may be huge, and mappings consist of whole ones. */
static bool
check_file(int fd, const struct wire_region *region, uint64_t *page,
           struct error *error)
{
    struct stat status;

    if (fd < 0 || fstat(fd, &status) != 0) {
        return error_set(error, ERROR_INVALID,
                         "a region of memory without a file");
    }
    if (!S_ISREG(status.st_mode)
        || (uint64_t) status.st_size < region->offset + region->size) {
        error_set(error, ERROR_INVALID, "the file of a region of memory ends"
                  " before the region");
        return error_hint(error, "use a shared memory file or memfd of"
                          " the guest's size");
    }
    *page = (uint64_t) status.st_blksize;
    if (*page < PAGE || (*page & (*page - 1))) {
        *page = PAGE;
    }
    return true;
}

bool
memory_add(struct memory *memory, const struct wire_region *region, int fd,
           int notify, struct error *error)
{
    struct memory_region *new = &memory->regions[memory->n];
    uint64_t page = PAGE, start, end;

    if (!check(memory, region, error)
        || !check_file(fd, region, &page, error)) {
        return false;
    }
    start = region->offset & ~(page - 1);
    end = (region->offset + region->size + page - 1) & ~(page - 1);
    *new = (struct memory_region) { .guest = region->guest,
                                    .size = region->size,
                                    .user = region->user,
                                    .mapped = end - start };
    new->mapping = mmap(NULL, new->mapped, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_NORESERVE, fd, (off_t) start);
    if (new->mapping == MAP_FAILED) {
        return error_set_errno(error, errno,
                               "cannot map %llu bytes of the guest's memory",
                               (unsigned long long) new->mapped);
    }
    /* Not for core dumps: it is large, and not ours to show. */
    madvise(new->mapping, new->mapped, MADV_DONTDUMP);
    new->at = (uint8_t *) new->mapping + (region->offset - start);
    fault_watch(new->mapping, new->mapped, notify);
    memory->n++;
    return true;
}

static void
unmap(struct memory_region *region)
{
    fault_forget(region->mapping);
    munmap(region->mapping, region->mapped);
}

bool
memory_remove(struct memory *memory, const struct wire_region *region)
{
    for (uint32_t i = 0; i < memory->n; i++) {
        struct memory_region *one = &memory->regions[i];

        if (one->guest == region->guest && one->size == region->size
            && one->user == region->user) {
            unmap(one);
            *one = memory->regions[--memory->n];
            return true;
        }
    }
    return false;
}

void
memory_clear(struct memory *memory)
{
    for (uint32_t i = 0; i < memory->n; i++) {
        unmap(&memory->regions[i]);
    }
    memory->n = 0;
}

bool
memory_is_lost(const struct memory *memory)
{
    for (uint32_t i = 0; i < memory->n; i++) {
        if (fault_hit(memory->regions[i].mapping)) {
            return true;
        }
    }
    return false;
}

void *
memory_user(const struct memory *memory, uint64_t address, uint64_t size)
{
    for (uint32_t i = 0; i < memory->n; i++) {
        const struct memory_region *region = &memory->regions[i];
        uint64_t offset = address - region->user;

        if (size <= region->size && offset <= region->size - size) {
            return region->at + offset;
        }
    }
    return NULL;
}

uint8_t *
memory_part(const struct memory *memory, uint64_t address, uint32_t *size)
{
    for (uint32_t i = 0; i < memory->n; i++) {
        const struct memory_region *region = &memory->regions[i];
        uint64_t offset = address - region->guest;

        if (offset < region->size) {
            uint64_t left = region->size - offset;

            *size = left < *size ? (uint32_t) left : *size;
            return region->at + offset;
        }
    }
    return NULL;
}

uint64_t
memory_guest_address(const struct memory *memory, const void *at)
{
    for (uint32_t i = 0; i < memory->n; i++) {
        const struct memory_region *region = &memory->regions[i];
        uint64_t offset = (uint64_t) ((uintptr_t) at - (uintptr_t) region->at);

        if (offset < region->size) {
            return region->guest + offset;
        }
    }
    return 0;
}
