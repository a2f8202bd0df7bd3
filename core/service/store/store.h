/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SERVICE_STORE_H
#define XVS_SERVICE_STORE_H

/*
 * Durable state: documents (one file each) of named entries, changed by
 * transactions.  Knows nothing of what the entries mean.
 *
 * A transaction is durable when its journal record is flushed; then its
 * callback runs on the loop's thread and its changes show in the documents.
 * A committer thread writes: all transactions that wait while one flush runs
 * share the next one.  The files are rewritten from the documents when the
 * store has been idle for a moment, when the journal has grown, and at the
 * end; each step is a fault point (base/durable.h):
 *
 *     journal-prepare journal-head journal-append journal-sync
 *     journal-synced checkpoint-switch checkpoint-write checkpoint-done
 *     and those of durable_write()
 *
 * A file that is damaged is replaced by its previous generation and the
 * journal; when that is damaged as well both are set aside as "*.bad" and
 * the rest goes on.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;
struct error_list;
struct loop;
struct map;
struct store;
struct store_change;

/* 'error' is NULL when the change is on disk; else nothing has changed. */
typedef void (*store_done)(void *arg, const struct error *error);

/*
 * Opens the store in the directory 'path' (made when absent).  Damage that
 * could be mended is a warning in 'problems', loss an error; both name the
 * file.  NULL only when the directory cannot be used at all.
 */
struct store *store_open(struct loop *loop, const char *path,
                         struct error_list *problems, struct error *error);
/* Finishes what was committed (callbacks run), writes the files, closes. */
void store_close(struct store *store);      /* accepts NULL */

/* A transaction under construction; ended by commit or cancel. */
struct store_change *store_begin(void);
/* 'text': lines that begin with a blank, the inside of a libconfig group. */
void store_put(struct store_change *change, const char *document,
               const char *entry, const char *text);
void store_delete(struct store_change *change, const char *document,
                  const char *entry);
/* Removes the document with all its entries and its file. */
void store_drop(struct store_change *change, const char *document);
void store_cancel(struct store_change *change);     /* accepts NULL */
/* 'done' (may be NULL) runs on the loop's thread, in order of commits. */
void store_commit(struct store *store, struct store_change *change,
                  store_done done, void *arg);

/* Reading, on the loop's thread.  'at' starts as 0; see map_next(). */
bool store_next_document(const struct store *store, size_t *at,
                         const char **document);
bool store_next_entry(const struct store *store, const char *document,
                      size_t *at, const char **entry, const char **text);
/* Text of one entry, or NULL. */
const char *store_get(const struct store *store, const char *document,
                      const char *entry);

/* True when everything that was committed is in the files. */
bool store_is_clean(const struct store *store);

/* The payload of a journal record, for its reader and the fuzzer. */
enum store_op { STORE_PUT = 1, STORE_DELETE = 2, STORE_DROP = 3 };
typedef void (*store_visit)(void *arg, enum store_op op,
                            const char *document, const char *entry,
                            const char *text);
/* Walks the operations; false, having visited none, when malformed. */
bool store_walk(const void *payload, size_t size, store_visit visit,
                void *arg);

#endif
