/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SCHEMA_SOURCE_H
#define XVS_SCHEMA_SOURCE_H

/*
 * A text as the readers want it: UTF-8 without byte order mark and without
 * NUL, terminated.  Files may be UTF-8, or UTF-16 in either byte order, with
 * or without mark; UTF-32 is refused.
 */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct error;

/* Largest text that is read. */
#define SOURCE_LIMIT ((size_t) 64 << 20)

struct source {
    char *text;     /* heap; terminated */
    size_t size;    /* without the NUL */
    dev_t device;   /* of a file: which one it is */
    ino_t inode;
};

/* On failure the error says which file and why; nothing is to be freed. */
bool source_open(const char *path, struct source *source,
                 struct error *error);
/* The same for bytes in memory, which 'file' names in the error. */
bool source_from_bytes(const char *file, const char *bytes, size_t size,
                       struct source *source, struct error *error);
void source_close(struct source *source);

#endif
