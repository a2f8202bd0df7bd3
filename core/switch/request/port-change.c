/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Begin and end of a change of a port; see port-change.h.
 */

#include <config.h>

#include "switch/request/port-change.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "port/port.h"
#include "stage/stage.h"
#include "switch/driver.h"
#include "switch/server.h"
#include "switch/vswitch.h"

void
port_change_queue(struct driver *driver, struct request *request,
                  const struct control_header *message, uint32_t switch_id,
                  void (*start)(struct operation *operation))
{
    struct port_change *change = mem_zalloc(sizeof *change);

    change->request = request;
    change->wanted = *(const struct control_port *) control_body(message);
    change->use = (struct operation_use) { .switch_id = switch_id,
                                           .whole = true };
    change->operation.start = start;
    change->operation.uses = &change->use;
    change->operation.n_uses = 1;
    operation_queue(driver, &change->operation);
}

_Static_assert(offsetof(struct port_change, operation) == 0, "casts");

struct port_change *
port_change_of(struct operation *operation)
{
    return (struct port_change *) (void *) operation;
}

struct vport *
port_change_port(struct port_change *change)
{
    struct vport *port = driver_port(change->operation.driver,
                                     change->wanted.port_id);
    struct error error;

    if (!port) {
        error_set(&error, ERROR_NOT_FOUND, "there is no port number %u",
                  change->wanted.port_id);
        port_change_fail(change, &error);
    }
    return port;
}

void
port_change_stages(struct port_change *change, const struct vswitch *vswitch)
{
    struct stage *stage;

    for (stage = vswitch->stages; stage; stage = stage->next) {
        change->n_stages++;
    }
    change->stages = mem_array(change->n_stages + 1u, sizeof stage);
    change->n_stages = 0;
    for (stage = vswitch->stages; stage; stage = stage->next) {
        change->stages[change->n_stages++] = stage;
    }
}

void
port_change_returned(struct port_change *change)
{
    if (--change->n_waiting == 0) {
        request_succeed(change->request);
        port_change_end(change);
    }
}

void
port_change_fail(struct port_change *change, const struct error *error)
{
    port_close(change->opened);
    free(change->port);
    request_fail(change->request, error);
    port_change_end(change);
}

void
port_change_end(struct port_change *change)
{
    operation_end(&change->operation);
    free(change->stages);
    free(change);
}
