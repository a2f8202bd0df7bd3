/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_MANAGE_REQUEST_H
#define XVS_MANAGE_REQUEST_H

/*
 * A CIM-XML request (DSP0201): the message around one call, intrinsic or
 * extrinsic.  A message that is not a request that we take is refused at
 * HTTP's level, as DSP0200 says; what is wrong inside of a call is a CIM
 * error and is found by the operation.
 */

#include <stdbool.h>
#include <stddef.h>
#include "base/error.h"
#include "schema/xml.h"

struct path;

#define REQUEST_PARAMETERS 64

struct request_parameter {
    const char *name;
    const struct xml_node *value;   /* first element inside, or NULL */
};

struct request {
    struct xml_document *document;  /* owned; the texts below are in it */
    const char *id;         /* of the message */
    const char *name;       /* of the operation or method */
    bool is_method;         /* extrinsic */
    char *name_space;       /* "root/xvs"; heap */
    struct path *path;      /* of a method: what it is called on */
    struct request_parameter parameters[REQUEST_PARAMETERS];
    size_t n_parameters;
};

/* Why a message was refused. */
struct refusal {
    int status;             /* of HTTP */
    const char *cim_error;  /* of the CIMError field */
    struct error error;     /* for a person */
};

/* Reads a body.  '*request' must be zero; clear it in any case. */
bool request_read(struct request *request, const char *body, size_t size,
                  struct refusal *refusal);
void request_clear(struct request *request);

/* The parameter's element, or NULL: absent or empty.  Without case. */
const struct xml_node *request_value(const struct request *request,
                             const char *name);

/* True when the namespace is one of ours (they are all the same). */
bool namespace_is_known(const char *name_space);

struct http_parser;

/* Compares the CIM fields of the head with the call; false: they differ. */
bool request_head_matches(const struct request *request,
                          const struct http_parser *head,
                          struct refusal *refusal);
/* A field of CIM, behind its number when the method is M-POST. */
const char *request_head_field(const struct http_parser *head,
                               const char *name);

#endif
