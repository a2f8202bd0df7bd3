/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CHANNEL_REQUEST_INSIDE_H
#define CHANNEL_REQUEST_INSIDE_H

/*
 * What request.c is made of: request-judge.c says whether it may be, request.c
 * dials, and ends it.
 */

#include "client/request.h"

/* Finds who asks, the VM, and a rule.  False: it was refused, and is gone. */
bool request_judge(struct request *request, const struct ask *ask);

/* Tells the client why not; the request is gone after it. */
void request_refuse(struct request *request, int status, const char *reason);
/* The client is told 'reason', the audit 'why'. */
void request_refuse_saying(struct request *request, int status,
                           const char *reason, const char *why);

#endif
