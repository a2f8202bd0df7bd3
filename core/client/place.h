/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_CLIENT_PLACE_H
#define XVS_CLIENT_PLACE_H

/*
 * Where a setting or a question belongs: SWITCH or SWITCH/PORT.
 */

#include <stdbool.h>
#include <stddef.h>
#include <xvs/types.h>

struct buffer;
struct cim_class;
struct error;
struct instance;

struct place {
    char switch_name[XVS_NAME_SIZE];    /* "": everywhere */
    char port_name[XVS_NAME_SIZE];      /* "": not about one port */
};

/* Text NULL means everywhere. */
bool place_parse(const char *text, struct place *place, struct error *error);
/* Refuses a port for a class of switches, and the lack of one for a class of
 * ports when 'exact'. */
bool place_fits(const struct place *place, const struct cim_class *cls,
                bool exact, struct error *error);
/* Sets SwitchName and PortName. */
void place_assign(const struct place *place, struct instance *instance);
/* True when the object (a setting or an answer) is at the place. */
bool place_matches(const struct place *place,
                   const struct instance *instance);
/*
 * Appends the WQL query for the class's objects at the place; 'names' (n
 * may be 0) are the properties and 'where' (may be NULL) a condition.
 */
void place_query(const struct place *place, const struct cim_class *cls,
                 const char *const *names, size_t n, const char *where,
                 struct buffer *out);

#endif
