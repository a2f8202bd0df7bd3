/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SWITCH_PORTS_H
#define XVS_SWITCH_PORTS_H

/*
 * Ports of switches: their interfaces, and how they come and go.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/loop.h"
#include "port/port.h"

struct driver;
struct error;
struct vport;

/* Opens the port's interface; nothing is carried yet. */
struct port *ports_open(struct driver *driver, struct vport *port,
                        struct error *error);
/* Starts to carry the frames of an opened interface; takes it over. */
bool ports_attach(struct driver *driver, struct vport *port,
                  struct port *opened, struct error *error);
/*
 * Closes the port's interface when no worker uses it any more, and calls
 * 'closed' (or NULL) then: from that moment the same interface can be opened
 * again.  A worker that hangs delays the call by STAGE_TIMEOUT_MS at most.
 */
void ports_detach(struct driver *driver, struct vport *port, loop_call closed,
                  void *arg);

/* Lets the port carry frames or not, as it was made, and tells the guest. */
void ports_set_enabled(struct vport *port);

/* Takes the port out of its switch and frees it when no worker uses it;
 * 'closed' as above. */
void ports_forget(struct driver *driver, struct vport *port, loop_call closed,
                  void *arg);

/* What a worker found out; worker_news. */
void ports_news(void *driver, uint32_t port_id, enum port_news news);
/* Looks for interfaces that came back. */
void ports_rescan(struct driver *driver);

#endif
