/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What packets see: makes sets and puts them in force.
 *
 * A change of one rule is in force when its setting is answered, but its view
 * is not compiled for it (view.h).  That is left for the first tick of TICK_MS
 * in which nothing has changed.
 */
#include "acl.h"

#include <stdlib.h>

#define SECOND 1000000000ull
#define SWEEP_MS 1000u
#define TICK_MS 20u

/* ---- Sets --------------------------------------------------------------- */

static bool
build_set(struct acl *self, struct acl_port *port, struct acl_view *of_port,
          struct acl_view *of_switch)
{
    struct acl_set set = {
        .generation = ++self->generation,
        .max_connections = port->max_connections,
        .default_action = port->default_action,
        .views = { [ACL_OF_PORT] = of_port, [ACL_OF_SWITCH] = of_switch },
    };

    for (int owner = 0; owner < ACL_N_OWNERS; owner++) {
        set.has_stateful |= set.views[owner]->n_stateful > 0;
    }
    set.is_idle = of_port->n_rules == 0 && of_switch->n_rules == 0
                  && port->default_action == ACL_ALLOW;
    port->next_set = acl_set_create(&set);
    return port->next_set != NULL;
}

static void
publish_set(struct acl *self, struct acl_port *port)
{
    struct acl_set *old = xvs_publish(port->set, port->next_set);

    port->next_set = NULL;
    if (old) {
        self->host->retire(self->host, old, acl_set_release);
    }
}

static bool
publish_all(struct acl *self, struct acl_view *of_switch)
{
    bool ok = true;

    for (struct acl_port *port = self->all_ports; port && ok;
         port = port->next) {
        ok = build_set(self, port, port->book.view, of_switch);
    }
    for (struct acl_port *port = self->all_ports; port; port = port->next) {
        if (port->next_set && ok) {
            publish_set(self, port);
        }
        acl_set_release(port->next_set);
        port->next_set = NULL;
    }
    return ok;
}

bool
acl_publish(struct acl *self, struct acl_port *port, struct acl_view *view)
{
    if (!port) {
        return publish_all(self, view);
    }
    if (!build_set(self, port, view, self->book.view)) {
        return false;
    }
    publish_set(self, port);
    return true;
}

/*
 * Ticks are quick while there is something to compile, slow while there is
 * something to forget, now or soon.
 */
static void
set_timer(struct acl *self)
{
    uint32_t wanted = 0;

    if (self->is_loose) {
        wanted = TICK_MS;
    } else if (acl_connections_used(self->connections) > 0
               || self->n_stateful > 0) {
        wanted = SWEEP_MS;
    }
    if (wanted != self->timer_ms) {
        self->timer_ms = wanted;
        self->host->timer(self->host, wanted);
    }
}

bool
acl_change(struct acl *self, struct acl_port *port, struct acl_rule *gone,
           struct acl_rule *fresh)
{
    struct acl_book *book = acl_book_of(self, port);
    struct acl_view *view = acl_book_prepare(book, gone, fresh);

    if (!view) {
        return false;
    }
    if (!acl_publish(self, port, view)) {
        acl_view_release(view);
        return false;
    }
    self->n_rules += view->n_rules - book->view->n_rules;
    self->n_stateful += view->n_stateful - book->view->n_stateful;
    self->is_loose |= !acl_view_is_settled(view);
    acl_book_commit(book, gone, fresh, view);
    set_timer(self);
    return true;
}

/* ---- Ticks -------------------------------------------------------------- */

/* False when memory is short: the next tick tries again. */
static bool
settle_book(struct acl *self, struct acl_port *port)
{
    struct acl_book *book = acl_book_of(self, port);
    struct acl_view *view;

    if (acl_view_is_settled(book->view)) {
        return true;
    }
    view = acl_view_compile(book->view);
    if (!view || !acl_publish(self, port, view)) {
        acl_view_release(view);
        return false;
    }
    acl_book_commit(book, NULL, NULL, view);
    return true;
}

/* Compiles what has changed, when nothing did since the last tick. */
static void
settle(struct acl *self)
{
    bool ok = self->generation == self->settled;

    for (struct acl_port *port = self->all_ports; port && ok;
         port = port->next) {
        ok = settle_book(self, port);
    }
    self->is_loose = !(ok && settle_book(self, NULL));
    self->settled = self->generation;
}

/* Counts an expired connection off its port. */
static bool
is_expired(void *arg, uint32_t serial, bool has_expired)
{
    struct acl *self = arg;

    if (!has_expired) {
        return false;
    }
    for (struct acl_port *port = self->all_ports; port; port = port->next) {
        if (port->serial == serial) {
            atomic_fetch_sub_explicit(&port->n_open, 1,
                                      memory_order_relaxed);
            break;
        }
    }
    return true;
}

void
acl_tick(void *arg)
{
    struct acl *self = arg;
    uint64_t now = self->host->now(self->host);

    if (self->is_loose) {
        settle(self);
    }
    if (now - self->swept >= SECOND) {
        self->swept = now;
        acl_connections_sweep(self->connections, now, is_expired, self);
    }
    set_timer(self);
}
