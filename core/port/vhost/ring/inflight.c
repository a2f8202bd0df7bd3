/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The memory has room for the tables of either kind of ring; see inflight.h
 * for why they are not used.
 */

#include <config.h>

#include "port/vhost/ring/inflight.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "port/vhost/ring/fault.h"

#define HEAD 32u                /* bytes in front of a queue's table */
#define ENTRY 32u               /* bytes for each descriptor */

_Static_assert(sizeof(struct inflight_queue) <= HEAD, "fits");
_Static_assert(offsetof(struct inflight_queue, split_used) == 14, "split");
_Static_assert(offsetof(struct inflight_queue, position) == 16, "packed");

static uint32_t
stride_of(uint32_t queue_size)
{
    return HEAD + queue_size * ENTRY;
}

int
inflight_create(uint32_t n_queues, uint32_t queue_size, uint64_t *size)
{
    int fd = memfd_create("xvs-inflight", MFD_CLOEXEC);

    *size = (uint64_t) n_queues * stride_of(queue_size);
    if (fd >= 0 && ftruncate(fd, (off_t) *size) != 0) {
        close(fd);
        fd = -1;
    }
    return fd;
}

bool
inflight_open(struct inflight *inflight, int fd, uint64_t offset,
              uint64_t size, uint32_t n_queues, uint32_t queue_size,
              int notify, struct error *error)
{
    struct stat status;
    void *at;

    if (fd < 0 || offset % 4096 || offset + size < offset
        || size < (uint64_t) n_queues * stride_of(queue_size)
        || n_queues == 0 || fstat(fd, &status) != 0
        || (uint64_t) status.st_size < offset + size) {
        return error_set(error, ERROR_INVALID, "the memory for buffers in"
                         " flight is too small");
    }
    at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
              (off_t) offset);
    if (at == MAP_FAILED) {
        return error_set_errno(error, errno,
                               "cannot map the memory for buffers in flight");
    }
    inflight_close(inflight);
    *inflight = (struct inflight) { at, size, n_queues,
                                    stride_of(queue_size) };
    fault_watch(at, size, notify);
    return true;
}

void
inflight_close(struct inflight *inflight)
{
    if (inflight->at) {
        fault_forget(inflight->at);
        munmap(inflight->at, inflight->size);
    }
    memset(inflight, 0, sizeof *inflight);
}

struct inflight_queue *
inflight_queue(const struct inflight *inflight, uint32_t queue)
{
    return inflight->at && queue < inflight->n_queues
        ? (struct inflight_queue *) (void *) (inflight->at
              + (size_t) queue * inflight->stride) : NULL;
}
