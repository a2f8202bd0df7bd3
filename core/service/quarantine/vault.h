/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SERVICE_VAULT_H
#define XVS_SERVICE_VAULT_H

/*
 * The folder with the files of packets that ended processes: which there are,
 * and not more than so many.  Files that are not ours are left alone.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "service/quarantine/kept.h"

struct buffer;
struct error;
struct quarantine;
struct vault;

struct vault *vault_create(const char *folder, uint32_t limit);
void vault_destroy(struct vault *vault);
const char *vault_folder(const struct vault *vault);
/* Whether it keeps any at all. */
bool vault_keeps(const struct vault *vault);

/* Writes a file and flushes it; the oldest go when there are too many.  One of
 * the same name is replaced.  'kept' stays the caller's. */
bool vault_put(struct vault *vault, const struct kept *kept,
               const void *bytes, size_t size, struct error *error);
/* The first one that has a name greater than this, and whose file is still
 * there; NULL: none. */
const struct kept *vault_next(struct vault *vault, const char *name);
/* NULL: there is none (any more). */
const struct kept *vault_find(struct vault *vault, const char *name);
bool vault_read(struct vault *vault, const char *name, struct buffer *out,
                struct error *error);
bool vault_remove(struct vault *vault, const char *name,
                  struct error *error);

/* That of a quarantine. */
struct vault *quarantine_vault(struct quarantine *quarantine);

#endif
