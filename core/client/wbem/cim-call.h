/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_CLIENT_WBEM_CIM_CALL_H
#define XVS_CLIENT_WBEM_CIM_CALL_H

/*
 * What the files of the WBEM client share: one request and its answer.
 */

#include "client/wbem/cim-client.h"
#include "client/wbem/cim-reply.h"
#include "client/wbem/cim-request.h"

struct buffer;

/*
 * Posts the finished request for the operation on 'object' and hands every
 * element of the answer to 'item'.
 */
bool cim_call(struct cim_client *client, const char *operation,
              const char *object, const struct buffer *request,
              cim_item item, void *arg, struct error *error);
/* A callback for objects, its argument, and who looks classes up. */
struct cim_objects {
    struct cim_client *client;
    cim_instance_call call;
    void *arg;
};

/*
 * An item callback with a struct cim_objects: takes an INSTANCE, alone or
 * inside VALUE.NAMEDINSTANCE, VALUE.OBJECT, VALUE.OBJECTWITHPATH and the like,
 * where its path stands before it.
 */
bool cim_take_instance(void *arg, const struct xml_node *node,
                       struct error *error);
/* An item callback for answers that have nothing in them. */
bool cim_ignore(void *arg, const struct xml_node *node, struct error *error);

#endif
