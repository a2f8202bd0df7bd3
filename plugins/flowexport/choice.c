/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Ports that a collector is told of.  Settings name them, and may do so before
 * they are there.
 */

#include "flowexport.h"

static bool
is_named(const struct choice *choice, const struct port *port)
{
    for (uint32_t i = 0; i < choice->n_names; i++) {
        if (strcmp(choice->names[i], port->name) == 0) {
            return true;
        }
    }
    return false;
}

void
choice_resolve(struct choice *choice, const struct flowexport *self)
{
    choice->n_ids = 0;
    for (uint32_t i = 0; i < self->n_ports && choice->n_names; i++) {
        if (is_named(choice, &self->ports[i]) && choice->n_ids < CHOICE) {
            choice->ids[choice->n_ids++] = self->ports[i].id;
        }
    }
}

bool
choice_has(const struct choice *choice, uint32_t in_port, uint32_t out_port)
{
    for (uint32_t i = 0; i < choice->n_ids; i++) {
        if (choice->ids[i] == in_port || choice->ids[i] == out_port) {
            return true;
        }
    }
    return choice->n_names == 0;
}
