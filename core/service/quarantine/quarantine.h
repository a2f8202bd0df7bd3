/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SERVICE_QUARANTINE_H
#define XVS_SERVICE_QUARANTINE_H

/*
 * Packets that ended processes of an extension: xvs-switch drops them, and we
 * keep them as files, the newest so many.
 *
 *     xvs-switch: "there is one" --> ask for the oldest --> write it, flush
 *                                     ^                        |
 *                                     +-- ask for the next ----+
 *
 * The next question says what is safe, and only then xvs-switch forgets it.
 * One that is asked for twice has the same name both times.
 */

#include <stddef.h>
#include <stdint.h>

struct buffer;
struct cursor;
struct error;
struct host_call;
struct instance;
struct path;
struct quarantine;
struct service;
struct value;
struct wish;

/* 'folder' is made when there is something to be put into it. */
struct quarantine *quarantine_create(struct service *service,
                                     const char *folder, uint32_t limit);
void quarantine_destroy(struct quarantine *quarantine);     /* or NULL */

/* xvs-switch is there (a new one: 'boot' differs), or has one. */
void quarantine_fetch(struct quarantine *quarantine);
/* The next one that is there will be another: numbers begin anew. */
void quarantine_forget(struct quarantine *quarantine);

/* The class XVS_QuarantinedPacket. */
struct instance *quarantine_next(struct cursor *cursor);
struct instance *quarantine_get(struct cursor *cursor,
                                const struct path *path);
void quarantine_change(struct service *service, struct wish *wish);
/* XVS_Host.ReadQuarantinedPacket. */
void quarantine_read_packet(const struct host_call *call,
                            const struct value *in, size_t n_in);

#endif
