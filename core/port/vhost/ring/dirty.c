/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Bits are set atomically, because the front end takes them at any time.
 */

#include <config.h>

#include "port/vhost/ring/dirty.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/error.h"
#include "port/vhost/ring/fault.h"

#define LOG_PAGE_SHIFT 12u      /* of the pages that have a bit */
#define PAGE 4096u

bool
dirty_open(struct dirty *dirty, int fd, uint64_t offset, uint64_t size,
           int notify, struct error *error)
{
    uint64_t start = offset & ~(uint64_t) (PAGE - 1);
    struct stat status;
    void *mapping;

    if (fd < 0 || size == 0 || offset + size < offset
        || fstat(fd, &status) != 0
        || (uint64_t) status.st_size < offset + size) {
        return error_set(error, ERROR_INVALID, "the file of the log of"
                         " written pages ends before the log");
    }
    mapping = mmap(NULL, offset + size - start, PROT_READ | PROT_WRITE,
                   MAP_SHARED, fd, (off_t) start);
    if (mapping == MAP_FAILED) {
        return error_set_errno(error, errno,
                               "cannot map the log of written pages");
    }
    dirty_close(dirty);
    dirty->mapping = mapping;
    dirty->mapped = offset + size - start;
    dirty->bits = (uint8_t *) mapping + (offset - start);
    dirty->n_pages = size * 8;
    fault_watch(mapping, dirty->mapped, notify);
    return true;
}

void
dirty_close(struct dirty *dirty)
{
    if (dirty->bits) {
        fault_forget(dirty->mapping);
        munmap(dirty->mapping, dirty->mapped);
    }
    memset(dirty, 0, sizeof *dirty);
}

void
dirty_mark(const struct dirty *dirty, uint64_t address, uint32_t size)
{
    uint64_t last = (address + size - 1) >> LOG_PAGE_SHIFT;

    for (uint64_t page = address >> LOG_PAGE_SHIFT;
         size && page <= last && page < dirty->n_pages; page++) {
        __atomic_fetch_or(&dirty->bits[page / 8],
                          (uint8_t) (1u << page % 8), __ATOMIC_RELEASE);
    }
}
