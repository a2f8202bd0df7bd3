/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_MANAGE_NAME_H
#define XVS_MANAGE_NAME_H

/*
 * What an answer calls an object, and the place where it is.  Names are
 * written from the object itself: making a path first takes longer than the
 * object does.
 */

struct buffer;
struct instance;
struct operation;

/* Writes an instance's name as INSTANCENAME. */
void name_write_xml(const struct instance *instance, struct buffer *out);
/* NAMESPACEPATH: the host as the client calls it, the operation's
 * namespace. */
void name_put_place(const struct operation *op, struct buffer *out);

#endif
