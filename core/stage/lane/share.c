/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Making, mapping and ending the memory of share.h, at both ends.
 */

#include <config.h>

#include "stage/lane/share.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/futex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"
#include "packet/pool.h"
#include "stage/process/schedule.h"

#define PAGE 4096u              /* the smallest that there are */
#define EXITING 4u              /* a flag in /proc/.../stat: PF_EXITING */

static size_t
given_size(const struct share_size *size)
{
    return size->n_workers * sizeof(struct share_given);
}

static size_t
told_size(const struct share_size *size)
{
    return sizeof(struct share_state)
        + size->n_workers * sizeof(struct share_told);
}

static size_t
packets_size(const struct share_size *size)
{
    return size->n_packets * sizeof(struct xvs_packet);
}

static struct share *
share_new(const struct share_size *size)
{
    struct share *share = mem_zalloc(sizeof *share);

    share->size = *size;
    for (int i = 0; i < SHARE_FILES; i++) {
        share->files[i] = -1;
    }
    return share;
}

void
share_close_files(struct share *share)
{
    for (int i = 0; i < SHARE_FILES; i++) {
        if (share->files[i] >= 0) {
            close(share->files[i]);
            share->files[i] = -1;
        }
    }
}

static void *
map(int file, size_t size, int protection)
{
    void *memory = mmap(NULL, size, protection, MAP_SHARED, file, 0);

    return memory == MAP_FAILED ? NULL : memory;
}

static void
unmap(void *memory, size_t size)
{
    if (memory) {
        munmap(memory, size);
    }
}

/* Writes the byte that is there, or only reads it.  What others write at this
 * moment stays. */
static void
touch_byte(uint8_t *at, bool writable)
{
    uint8_t byte = __atomic_load_n(at, __ATOMIC_RELAXED);

    if (writable) {
        __atomic_compare_exchange_n(at, &byte, byte, false, __ATOMIC_RELAXED,
                                    __ATOMIC_RELAXED);
    }
}

/* Each page of it. */
static void
touch(void *memory, size_t size, bool writable)
{
    uint8_t *at = memory;

    for (size_t i = 0; i < size; i += PAGE) {
        touch_byte(&at[i], writable);
    }
    touch_byte(&at[size - 1], writable);
}

static void
set_told(struct share *share, void *memory)
{
    share->state = memory;
    share->told = memory ? (struct share_told *) (void *) (share->state + 1)
                         : NULL;
}

_Static_assert(sizeof(struct share_state) % 64 == 0, "set_told()");

/* ---- xvs-switch ----------------------------------------------------------- */

/* A sealed file of ours, mapped for writing. */
static void *
make_file(const char *name, size_t size, int seals, int *file)
{
    void *memory = NULL;

    *file = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (*file >= 0 && ftruncate(*file, (off_t) size) == 0) {
        memory = map(*file, size, PROT_READ | PROT_WRITE);
    }
    if (memory && fcntl(*file, F_ADD_SEALS, seals | F_SEAL_SHRINK | F_SEAL_GROW
                                                | F_SEAL_SEAL) != 0) {
        unmap(memory, size);
        memory = NULL;
    }
    return memory;
}

/* A descriptor that allows no more than it must. */
static int
open_again(int file, bool writable)
{
    char path[64];

    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    return open(path, (writable ? O_RDWR : O_RDONLY) | O_CLOEXEC);
}

/* The pool's packets. */
static bool
lend(struct share *share, const struct pool_view *view)
{
    struct share_size *size = &share->size;

    size->n_packets = view->n;
    size->buffers_size = view->buffers_size;
    share->files[SHARE_PACKETS] = open_again(view->packets_file, false);
    share->files[SHARE_BUFFERS] = open_again(view->buffers_file,
                                             size->writable);
    share->packets = view->packets;
    share->buffers = view->buffers;
    share->borrows = true;
    return share->files[SHARE_PACKETS] >= 0
        && share->files[SHARE_BUFFERS] >= 0;
}

/* Room for copies of packets. */
static bool
make_room(struct share *share)
{
    struct share_size *size = &share->size;

    size->n_packets = size->n_workers * SHARE_LANE;
    size->buffers_size = (uint64_t) size->n_packets * POOL_STRIDE;
    share->packets = make_file("xvs-packets", packets_size(size),
                               F_SEAL_FUTURE_WRITE,
                               &share->files[SHARE_PACKETS]);
    share->buffers = make_file("xvs-copies", size->buffers_size,
                               size->writable ? 0 : F_SEAL_FUTURE_WRITE,
                               &share->files[SHARE_BUFFERS]);
    return share->packets && share->buffers;
}

static bool
make_files(struct share *share, const struct pool *pool)
{
    struct pool_view view;

    share->given = make_file("xvs-given", given_size(&share->size),
                             F_SEAL_FUTURE_WRITE, &share->files[SHARE_GIVEN]);
    if (!share->given) {
        return false;
    }
    set_told(share, make_file("xvs-told", told_size(&share->size), 0,
                              &share->files[SHARE_TOLD]));
    if (!share->told) {
        return false;
    }
    if (!pool) {
        return make_room(share);
    }
    pool_view(pool, &view);
    return lend(share, &view);
}

/* What the worker will need is there as well. */
static void
touch_own(const struct share *share)
{
    touch(share->given, given_size(&share->size), true);
    touch(share->state, told_size(&share->size), true);
    if (!share->borrows) {
        touch(share->packets, packets_size(&share->size), true);
        touch(share->buffers, share->size.buffers_size, true);
    }
}

struct share *
share_create(const struct pool *pool, uint32_t n_workers, bool writable,
             struct error *error)
{
    struct share *share = share_new(&(struct share_size) {
        .n_workers = n_workers, .writable = writable });

    if (!make_files(share, pool)) {
        error_set_errno(error, errno, "cannot make the memory that a process"
                        " shares");
        share_destroy(share);
        return NULL;
    }
    touch_own(share);
    share->given->used = pool ? pool_reached(pool) : share->size.n_packets;
    share->size.packets = (uintptr_t) share->packets;
    share->size.buffers = (uintptr_t) share->buffers;
    return share;
}

void
share_expect(struct share *share, uint32_t n)
{
    uint32_t *used = &share->given->used;

    if (n > __atomic_load_n(used, __ATOMIC_RELAXED)) {
        __atomic_store_n(used, n, __ATOMIC_SEQ_CST);
        share_ring(share);
    }
}

bool
share_condemn(struct share *share, enum share_fault fault)
{
    uint32_t fine = SHARE_FINE;

    return __atomic_compare_exchange_n(&share->fault, &fine, fault, false,
                                       __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

bool
share_has_ended(const struct share *share)
{
    return __atomic_load_n(&share->state->alive, __ATOMIC_ACQUIRE)
        & FUTEX_OWNER_DIED
        || __atomic_load_n(&share->dead, __ATOMIC_ACQUIRE);
}

bool
share_feigns_end(const struct share *share)
{
    /* The kernel marks the word in the thread that is ending. */
    int thread = share->thread ? share->thread : share->pid;
    char path[64], line[512];
    const char *behind = NULL;
    unsigned int flags;
    FILE *file;

    snprintf(path, sizeof path, "/proc/%d/task/%d/stat", share->pid, thread);
    file = fopen(path, "re");
    if (file && fgets(line, sizeof line, file)) {
        behind = strrchr(line, ')');
    }
    if (file) {
        fclose(file);
    }
    return behind
        && sscanf(behind, ") %*c %*d %*d %*d %*d %*d %u", &flags) == 1
        && !(flags & EXITING);
}

uint64_t
share_waited_ns(const struct share *share)
{
    int thread = share->thread ? share->thread : share->pid;
    char path[64];
    uint64_t waited = 0;
    FILE *file;

    snprintf(path, sizeof path, "/proc/%d/task/%d/schedstat", share->pid,
             thread);
    file = fopen(path, "re");
    if (file) {
        if (fscanf(file, "%*u %" SCNu64, &waited) != 1) {
            waited = 0;
        }
        fclose(file);
    }
    return waited;
}

void
share_give_way(const struct share *share)
{
    pid_t pid = __atomic_load_n(&share->pid, __ATOMIC_RELAXED);

    if (pid > 0 && !__atomic_load_n(&share->dead, __ATOMIC_ACQUIRE)) {
        schedule_behind(pid);
        if (share->thread) {
            schedule_behind(share->thread);
        }
    }
}

void
share_find_thread(struct share *share)
{
    const struct dirent *entry;
    char path[64];
    DIR *folder;

    snprintf(path, sizeof path, "/proc/%d/task", share->pid);
    folder = opendir(path);
    while (folder && (entry = readdir(folder))) {
        int number = atoi(entry->d_name);

        if (number && number != share->pid) {
            share->thread = number;     /* there are two of them */
        }
    }
    if (folder) {
        closedir(folder);
    }
}

void
share_ring(struct share *share)
{
    uint32_t *sleeps = &share->state->sleeps;

    if (__atomic_load_n(sleeps, __ATOMIC_SEQ_CST)) {
        __atomic_store_n(sleeps, 0, __ATOMIC_RELAXED);
        syscall(SYS_futex, sleeps, FUTEX_WAKE, 1, NULL, NULL, 0);
    }
}

/* ---- The process ---------------------------------------------------------- */

static bool
map_files(struct share *share)
{
    const struct share_size *size = &share->size;
    int may = size->writable ? PROT_READ | PROT_WRITE : PROT_READ;

    share->given = map(share->files[SHARE_GIVEN], given_size(size),
                       PROT_READ);
    set_told(share, map(share->files[SHARE_TOLD], told_size(size),
                        PROT_READ | PROT_WRITE));
    share->packets = map(share->files[SHARE_PACKETS], packets_size(size),
                         PROT_READ);
    share->buffers = map(share->files[SHARE_BUFFERS], size->buffers_size,
                         may);
    return share->given && share->told && share->packets && share->buffers;
}

struct share *
share_attach(const struct share_size *size, const int files[SHARE_FILES],
             struct error *error)
{
    struct share *share = share_new(size);

    for (int i = 0; i < SHARE_FILES; i++) {
        share->files[i] = files[i];
    }
    if (!map_files(share)) {
        error_set_errno(error, errno, "cannot map the memory shared with"
                        " xvs-switch");
        share_destroy(share);
        return NULL;
    }
    share_close_files(share);
    return share;
}

void
share_touch_lanes(const struct share *share)
{
    touch(share->given, given_size(&share->size), false);
    touch(share->state, told_size(&share->size), true);
}

void
share_touch(const struct share *share, uint32_t first, uint32_t n)
{
    touch(share->packets + first, n * sizeof *share->packets, false);
    touch(share->buffers + (size_t) first * POOL_STRIDE,
          (size_t) n * POOL_STRIDE, share->size.writable);
}

void
share_destroy(struct share *share)
{
    const struct share_size *size;

    if (!share) {
        return;
    }
    size = &share->size;
    share_close_files(share);
    unmap(share->given, given_size(size));
    unmap(share->state, told_size(size));
    if (!share->borrows) {
        unmap(share->packets, packets_size(size));
        unmap(share->buffers, size->buffers_size);
    }
    free(share);
}
