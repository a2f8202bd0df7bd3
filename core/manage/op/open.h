/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_MANAGE_OPEN_H
#define XVS_MANAGE_OPEN_H

/*
 * Listings made from an operation's parameters, shared by the operations
 * that answer at once and those that open an enumeration.  All return NULL
 * when a parameter was bad.
 */

#include <stdbool.h>
#include "manage/list/listing.h"

struct operation;

/* The ends of associations ('others'), or the associations themselves. */
struct listing *open_associated(struct operation *op, const char *object,
                                bool others, enum listing_form form);
/* A query in the text of a parameter; 'is_events' (may be NULL): it asks for
 * events. */
struct listing *open_query(struct operation *op, const char *language,
                           const char *query, enum listing_form form,
                           bool *is_events);
/* True for XVS_Event and classes below it. */
bool is_event_class(const struct cim_class *cls);

#endif
