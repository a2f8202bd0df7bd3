/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SCHEMA_XML_STREAM_H
#define XVS_SCHEMA_XML_STREAM_H

/*
 * A document that is read while it arrives.  Its user says of each element
 * that begins whether to look at its children one by one, or to have it as a
 * whole: only what is had as a whole is in memory, one at a time.
 */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include "schema/xml.h"

struct error;

enum xml_choice {
    XML_ENTER,      /* its children come next */
    XML_TAKE,       /* it is handed on when it has ended */
    XML_STOP,       /* the error is set */
};

struct xml_stream {
    /* At most 'size' bytes; 0 at the end; -1 with the error set. */
    ssize_t (*read)(void *arg, void *data, size_t size, struct error *error);
    /* An element begins that is not in a taken one; 'depth' are around it. */
    enum xml_choice (*begin)(void *arg, const char *name, unsigned int depth,
                             struct error *error);
    /* A taken element, valid during the call; false with the error set. */
    bool (*take)(void *arg, const struct xml_node *node,
                 struct error *error);
    void *arg;
    const char *file;           /* names the document in errors */
    unsigned int depth_limit;   /* elements in each other, at most
                                 * XML_DEPTH_LIMIT */
};

/*
 * Reads to the document's end.  False with the error set when a callback said
 * so, or when the document is not one that xml_parse_safe() would accept; it
 * may be of any size.  The callbacks may read other documents.
 */
bool xml_stream_read(const struct xml_stream *stream, struct error *error);

#endif
