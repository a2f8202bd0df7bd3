/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_CLIENT_FLATTEN_H
#define XVS_CLIENT_FLATTEN_H

/*
 * One text out of a schema file and what it includes: the server never opens
 * a file on behalf of a client.
 */

#include <stdbool.h>
#include <stddef.h>

struct buffer;
struct error;

/*
 * Appends the file's text as UTF-8 with every '#pragma include("x")' replaced
 * by the text of x (beside the including file, then in the folders); a file
 * that was included already is left out.  An XML file is copied as it is.
 */
bool flatten_file(const char *path, const char *const *folders,
                  size_t n_folders, struct buffer *out, struct error *error);

#endif
