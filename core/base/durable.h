/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_BASE_DURABLE_H
#define XVS_BASE_DURABLE_H

/*
 * Files that are whole or absent, whatever happens: temporary, fsync, rename,
 * directory fsync.  Every step is a fault point, so that a test can end the
 * process there and prove what a restart finds.
 */

#include <stdbool.h>
#include <stddef.h>

struct buffer;
struct error;

/*
 * Replaces 'name' in the directory 'dirfd' by 'data'.  With 'keep' not NULL
 * the version that was there is kept under that name.  On failure (a full
 * disk too) the old version is still in place.
 */
bool durable_write(int dirfd, const char *name, const char *keep,
                   const void *data, size_t size, struct error *error);
/* Removes durably; an absent file is success. */
bool durable_remove(int dirfd, const char *name, struct error *error);
/* Reads a whole file of at most 'limit' bytes, appended to 'out'. */
bool durable_read(int dirfd, const char *name, size_t limit,
                  struct buffer *out, struct error *error);
/* Creates a directory (mode 0750), and its parents (0755). */
bool durable_mkdir(const char *path, struct error *error);

/*
 * A named place where a test can end the process: with XVS_FAULT=name:n in
 * the environment the n-th arrival calls _exit(77) (as kill -9 would, nothing
 * is flushed).  With XVS_FAULT=name:n:errno the arrival returns that errno
 * instead.  Else returns 0; costs one test of a static flag.
 */
int fault_point(const char *name);

#endif
