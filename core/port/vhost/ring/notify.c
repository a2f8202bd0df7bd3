/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * One context of asynchronous requests for all threads.  Its events nobody
 * needs: they are taken out by moving the head of the ring that the kernel
 * maps for them, as libaio does.  When two threads do so at once the head may
 * go back a little; the next call makes up for it.
 */

#include <config.h>

#include "port/vhost/ring/notify.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/log.h"

#define EVENTS 128              /* that the ring has room for, at least */
#define ATTEMPTS 4              /* when the ring is full after all */

/* How the ring of events begins that the kernel maps; the context's number is
 * its address. */
struct events {
    uint32_t id, n;
    uint32_t head;              /* ours */
    uint32_t tail;              /* the kernel's */
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static aio_context_t context;   /* 0: there is none */
static int nothing = -1;        /* /dev/null */
static bool reads;              /* the kernel reads eventfds without waiting */

/* Reads the counter, and does not wait; false with errno. */
static bool
try_read(int fd)
{
    uint64_t count;
    struct iovec part = { &count, sizeof count };

    return preadv2(fd, &part, 1, -1, RWF_NOWAIT) == (ssize_t) sizeof count;
}

static void
prepare(void)
{
    int probe = eventfd(1, EFD_CLOEXEC);

    reads = probe >= 0 && try_read(probe);
    close(probe);
    nothing = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (nothing < 0 || syscall(SYS_io_setup, EVENTS, &context) != 0) {
        context = 0;
        log_warning("guests are notified by ordinary writes, which a hostile"
                    " one can hold up: %s: %s", nothing < 0 ? "/dev/null"
                    : "no asynchronous requests (fs.aio-max-nr)",
                    strerror(errno));
    }
}

void
notify_prepare(void)
{
    pthread_once(&once, prepare);
}

/* Makes room for events by forgetting those that are there. */
static void
forget_events(void)
{
    struct events *events = (struct events *) (uintptr_t) context;

    __atomic_store_n(&events->head,
                     __atomic_load_n(&events->tail, __ATOMIC_RELAXED),
                     __ATOMIC_RELAXED);
}

void
notify(int fd)
{
    struct iocb request = { .aio_lio_opcode = IOCB_CMD_PWRITE,
                            .aio_fildes = (uint32_t) nothing,
                            .aio_buf = (uintptr_t) &request,
                            .aio_flags = IOCB_FLAG_RESFD,
                            .aio_resfd = (uint32_t) fd };
    struct iocb *requests = &request;

    if (!context) {
        eventfd_write(fd, 1);
        return;
    }
    for (int i = 0; i < ATTEMPTS; i++) {
        long n = syscall(SYS_io_submit, context, 1, &requests);

        forget_events();
        if (n == 1 || errno != EAGAIN) {
            return;
        }
    }
}

void
notify_clear(int fd)
{
    eventfd_t count;

    if (!reads) {
        eventfd_read(fd, &count);
    } else {
        (void) try_read(fd);
    }
}
