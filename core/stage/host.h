/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_STAGE_HOST_H
#define XVS_STAGE_HOST_H

/*
 * The services that an extension gets from us: struct xvs_host of
 * xvs/extension.h, filled in.
 */

#include <stdbool.h>
#include <stdint.h>
#include <xvs/extension.h>

#include "base/buffer.h"

struct layout;
struct outcome;
struct stage;

/* One request's side of refuse() and answer(); used on one thread. */
struct xvs_answer {
    struct stage *stage;
    struct outcome *outcome;        /* refuse() writes its text */
    const struct layout *layout;    /* of status objects; NULL: none wanted */
    struct buffer objects;          /* control_object and block, each */
    uint32_t n;                     /* of them */
    bool broken;                    /* an object was not valid */
    int refusal;                    /* of refuse(); XVS_SUCCESS: none */
};

void host_for_stage(struct stage *stage);
/* A table that serves init and fini and does nothing else. */
void host_for_probe(struct xvs_host *host);

/* Copies text of an extension: cut to size, made UTF-8 of one line. */
void host_copy_text(char *out, size_t size, const char *text);
/* What extensions say; see xvs/extension.h. */
void host_log(const struct xvs_host *host, enum xvs_log_level level,
              const char *text);
void host_event(const struct xvs_host *host, enum xvs_log_level level,
                const char *text);

/* Appends a checked object; false when it is not valid, and then the
 * outcome says why. */
bool host_take_object(struct xvs_answer *answer,
                      const struct xvs_guid *instance,
                      const struct xvs_view *view);

/* Control thread: see thread_calls; 'arg' is the stage. */
void host_timer_due(void *arg);
void host_release_retired(void *arg);
/* Control thread, at the end: waits until nothing is retired any more. */
void host_drain(struct stage *stage);

#endif
