/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SERVICE_COMMITTER_H
#define XVS_SERVICE_COMMITTER_H

/*
 * The thread that writes for the store: journal records, and state files
 * during a checkpoint.  Between two runs of the journal it does one piece of
 * checkpoint work, so that neither starves the other.
 *
 * The loop's thread hands work over with the committer_*() calls and gets
 * results through 'ready', called on the loop's thread; it then empties
 * committer_collect().
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/buffer.h"
#include "base/error.h"
#include "service/store/store.h"

struct committer;
struct journal;
struct loop;

/* A transaction on its way (the public name for it is opaque). */
struct store_change {
    struct store_change *next;
    struct buffer payload;
    store_done done;
    void *arg;
    bool failed;            /* 'error' says why */
    struct error error;
};

/* A state file to be written or removed. */
struct file_job {
    struct file_job *next;
    char *document;
    struct buffer bytes;    /* the new content */
    uint64_t generation;
    bool remove;            /* remove instead */
    bool failed;
    struct error error;
};

/* What has been finished since the last time, each list in order. */
struct committed {
    struct store_change *changes;
    struct file_job *jobs;
    bool switched;          /* the journal changed its file */
    bool switch_failed;
    struct error switch_error;
    size_t journal_used;    /* bytes of the active journal file */
};

/* Takes the journal over; 'dirfd' stays the caller's. */
struct committer *committer_create(struct loop *loop, int dirfd,
                                   struct journal *journal,
                                   void (*ready)(void *arg), void *arg,
                                   struct error *error);
/* Ends the thread when it has done all work. */
void committer_destroy(struct committer *committer);    /* accepts NULL */

/* A list, in order; one wake-up for all of them. */
void committer_commit(struct committer *committer,
                      struct store_change *changes);
void committer_switch(struct committer *committer);
void committer_write(struct committer *committer, struct file_job *job);
void committer_collect(struct committer *committer, struct committed *out);
/* Blocks until there is something to collect; false: nothing is under way. */
bool committer_wait(struct committer *committer);

void file_job_destroy(struct file_job *job);

/* The file of a document; 'suffix' is "", ".old" or ".bad". */
#define STORE_FILE_SIZE 256
char *store_file_name(const char *document, const char *suffix,
                      char out[STORE_FILE_SIZE]);

#endif
