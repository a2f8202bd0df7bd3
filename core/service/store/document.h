/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SERVICE_DOCUMENT_H
#define XVS_SERVICE_DOCUMENT_H

/*
 * A state file: named entries whose text is the inside of a libconfig group.
 *
 *     # xvs 1 generation 7 crc32c 89abcdef
 *     port = {
 *       name = "vm1";
 *     };
 *
 * A document is written by machine and guarded by its checksum, so it is
 * read line by line: an entry starts with "name = {" in the first column and
 * ends with "};" there; lines between begin with a blank.  What the lines
 * mean is the business of whoever stored them.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buffer;
struct error;
struct map;

struct document {
    uint64_t generation;    /* of the file that was read or written last */
    struct map *entries;    /* name -> text (heap), in order of creation */
    bool dirty;             /* differs from its file */
    bool removed;           /* its file is to be removed */
};

struct document *document_create(void);
void document_destroy(struct document *document);   /* accepts NULL */
/* Takes 'text' over; NULL removes the entry. */
void document_put(struct document *document, const char *entry, char *text);
/* Appends the file's content, with 'generation' in its head. */
void document_write(const struct document *document, uint64_t generation,
                    struct buffer *out);
/* Reads a file's content; NULL with an error that names the line. */
struct document *document_read(const char *name, const char *text,
                               size_t size, struct error *error);
/* Letters, digits, '-', '_', starting with a letter, as libconfig has it. */
bool document_entry_name(const char *name);

#endif
