/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_CLIENT_WBEM_CIM_REPLY_H
#define XVS_CLIENT_WBEM_CIM_REPLY_H

/*
 * Reads a CIM-XML answer while it arrives: one element at a time is in
 * memory, however many there are.  The server is not trusted: no document
 * type, no entities, limits on depth and on the size of one element.
 */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include "base/error.h"
#include "schema/xml.h"

/* Reads at most 'size' bytes; 0 at the end; -1 with the error set. */
typedef ssize_t (*cim_source)(void *arg, void *data, size_t size,
                              struct error *error);
/*
 * One element of the answer: a child of IRETURNVALUE, a PARAMVALUE or
 * RETURNVALUE.  It is valid during the call; false ends the reading.
 */
typedef bool (*cim_item)(void *arg, const struct xml_node *node,
                         struct error *error);

struct cim_reply {
    cim_source source;
    void *source_arg;
    cim_item item;
    void *item_arg;
    unsigned int status;    /* out: CODE of an ERROR element; 0: none */
};

/*
 * Reads the whole answer.  An ERROR element is a failure with the CIM
 * status's error code and the server's text.
 */
bool cim_reply_read(struct cim_reply *reply, struct error *error);

/* The error code that is nearest to a CIM status code. */
enum error_code cim_status_code(unsigned int status);

#endif
