/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Kept memory in the process of a stage: asked for in init(), mapped from the
 * files that xvs-switch sends, and written by control hooks only as long as
 * xvs-switch says that this process owns it.
 */

#include <config.h>

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xvs/keep.h>

#include "base/error.h"
#include "stage/inside/inside.h"
#include "stage/keep/keep.h"
#include "stage/keep/log.h"
#include "stage/keep/segment.h"
#include "stage/lane/serve.h"
#include "stage/lane/share.h"

/* Asks for it; the files that come with the answer are ours. */
static const struct call_kept *
ask(struct inside *inside, const struct xvs_keep *keep,
    int fds[CALL_FDS], uint32_t *n)
{
    struct call_keep *wish =
        call_begin(&inside->answer, CALL_KEEP, sizeof *wish);
    struct error error;

    wish->n = keep->n;
    wish->version = keep->version;
    if (!call_send(inside->calls, &inside->answer, NULL, 0, &error)
        || call_receive(inside->calls, &inside->answer, fds, n, 0, &error)
               != CALL_GOOD
        || ((struct call_head *) (void *) inside->answer.data)->type
               != CALL_KEPT) {
        /* xvs-switch has gone, and so do we. */
        _exit(1);
    }
    return call_body((void *) inside->answer.data);
}

static void *
map(int file, uint64_t size, int protection)
{
    void *memory = mmap(NULL, size, protection, MAP_SHARED, file, 0);

    return memory == MAP_FAILED ? NULL : memory;
}

/* What came with the answer becomes memory. */
static bool
map_all(struct xvs_keep *keep, const struct call_kept *kept, const int *fds)
{
    uint64_t head = segment_head();
    char *memory = map(fds[0], head + keep->n, PROT_READ | PROT_WRITE);

    if (!memory) {
        return false;
    }
    keep->logs = (void *) memory;
    keep->bytes = memory + head;
    keep->before = NULL;
    keep->before_size = 0;
    keep->before_version = kept->before_version;
    keep->instance = kept->instance;
    keep->shared = 0;
    if (kept->n_files > 1) {
        keep->before = map(fds[1], head + kept->before_size, PROT_READ);
        keep->before_size = kept->before_size;
    }
    return kept->n_files == 1 || keep->before;
}

/* Of the file of before, only the bytes. */
static void
skip_head(struct xvs_keep *keep)
{
    if (keep->before) {
        keep->before = (const char *) keep->before + segment_head();
    }
}

static int
take(struct inside *inside, struct xvs_keep *keep)
{
    int fds[CALL_FDS];
    uint32_t n = 0;
    const struct call_kept *kept = ask(inside, keep, fds, &n);
    int result = kept->result;

    if (result == XVS_SUCCESS
        && (n != kept->n_files || !map_all(keep, kept, fds))) {
        result = XVS_RESOURCES;
    }
    while (n > 0) {
        close(fds[--n]);
    }
    if (result == XVS_SUCCESS) {
        skip_head(keep);
        inside->keep = keep;
        inside->noted = keep->logs;
        inside->mine = keep->instance == 1;
        keep->mine = &inside->mine;
        serve_keep(inside->serve, keep);
    }
    return result;
}

int
inside_keep(const struct xvs_host *host, struct xvs_keep *keep)
{
    struct inside *inside = host->context;

    if (!pthread_equal(inside->main, pthread_self()) || inside->serves) {
        return XVS_NOT_SUPPORTED;
    }
    if (!keep || keep->size < sizeof *keep || inside->keep) {
        return XVS_INVALID_PARAMETER;
    }
    return take(inside, keep);
}

void
inside_keep_begin(struct inside *inside)
{
    const struct share *share = inside->share;

    if (inside->keep
        && __atomic_load_n(&share->state->taken, __ATOMIC_ACQUIRE)
        && __atomic_load_n(&share->given[0].own, __ATOMIC_ACQUIRE)
               & KEEP_CONTROL) {
        __atomic_store_n(&inside->mine, 1, __ATOMIC_RELEASE);
    }
}

void
inside_keep_end(struct inside *inside)
{
    /* (After fini() the extension's own struct is gone.) */
    if (inside->noted && inside->mine) {
        keep_log_begin(inside->noted, KEEP_LOG_HOOK);
    }
}
