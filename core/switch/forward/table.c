/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Port tables: an array to walk and a hash to find in.
 */

#include <config.h>

#include "switch/forward/table.h"

#include <stdlib.h>

#include "base/memory.h"

static uint32_t
hash(uint32_t id)
{
    return id * 0x9e3779b1u >> 7;
}

static void
insert(struct port_table *table, uint32_t index)
{
    uint32_t at = hash(table->ports[index]->id) & table->mask;

    while (table->slots[at]) {
        at = (at + 1) & table->mask;
    }
    table->slots[at] = index + 1;
}

struct port_table *
table_create(struct vport *first)
{
    struct port_table *table;
    uint32_t n = 0, size = 4, i = 0;

    for (struct vport *port = first; port; port = port->next) {
        n++;
    }
    while (size < 2 * n) {
        size *= 2;
    }
    table = mem_zalloc(sizeof *table + n * sizeof table->ports[0]);
    table->slots = mem_array(size, sizeof *table->slots);
    table->mask = size - 1;
    table->n = n;
    for (struct vport *port = first; port; port = port->next) {
        table->ports[i] = port;
        insert(table, i++);
    }
    return table;
}

static void
release(struct grace_call *call)
{
    struct port_table *table = (struct port_table *) (void *) call;

    free(table->slots);
    free(table);
}

_Static_assert(offsetof(struct port_table, grace) == 0, "release() frees it");

void
table_retire(struct port_table *table)
{
    if (table) {
        grace_defer(&table->grace, release);
    }
}

struct vport *
table_find(const struct port_table *table, uint32_t id)
{
    uint32_t at = hash(id) & table->mask;

    for (; table->slots[at]; at = (at + 1) & table->mask) {
        struct vport *port = table->ports[table->slots[at] - 1];

        if (port->id == id) {
            return port;
        }
    }
    return NULL;
}
