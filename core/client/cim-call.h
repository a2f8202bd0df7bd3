/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_CLIENT_CIM_CALL_H
#define XVS_CLIENT_CIM_CALL_H

/*
 * What the files of the WBEM client share: one request and its answer.
 */

#include "client/cim-reply.h"
#include "client/cim-request.h"

struct buffer;
struct cim_client;

/*
 * Posts the finished request for the operation on 'object' and hands every
 * element of the answer to 'item'.
 */
bool cim_call(struct cim_client *client, const char *operation,
              const char *object, const struct buffer *request,
              cim_item item, void *arg, struct error *error);
/* An item callback for answers that have nothing in them. */
bool cim_ignore(void *arg, const xmlNode *node, struct error *error);

#endif
