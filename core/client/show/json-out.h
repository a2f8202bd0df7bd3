/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_CLIENT_SHOW_JSON_OUT_H
#define XVS_CLIENT_SHOW_JSON_OUT_H

/*
 * JSON for programs: an object is {"class": "X", "Property": value, ...}
 * with every property (NULL is null), numbers as numbers.  It is a form that
 * instances_read() takes back.
 */

#include <stddef.h>

struct buffer;
struct instance;

/* Only the 'n' named properties when 'n' is not 0. */
void json_out_object(const struct instance *instance,
                     const char *const *names, size_t n,
                     struct buffer *out);
/* A string with its quotes. */
void json_out_text(const char *text, struct buffer *out);

#endif
