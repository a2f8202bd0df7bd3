/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_CLIENT_COMPLETE_SERVER_H
#define XVS_CLIENT_COMPLETE_SERVER_H

/*
 * The part of completion that asks the server for names.
 */

#include "client/complete.h"
#include "client/run.h"

/* A completion in progress. */
struct completion {
    struct run run;         /* of the line that is completed */
    const char *start;      /* what is typed of the word */
    complete_call call;
    void *arg;              /* of call */
};

/* Offers the candidate when it begins with what is typed. */
void completion_offer(struct completion *completion, const char *candidate);
/* Offers the server's names of that kind; silent when it does not answer. */
void completion_ask(struct completion *completion, enum word_kind kind);

#endif
