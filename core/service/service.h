/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SERVICE_SERVICE_H
#define XVS_SERVICE_SERVICE_H

/*
 * The state of the host as objects.  The service owns switches, ports,
 * installed extensions, settings and the schema repository; it applies
 * changes through the control link, persists what was confirmed, and brings
 * a restarted xvs-switch (or itself) back to what is on disk.
 *
 * The layer above (core/manage) sees only classes, instances and paths.
 * Everything runs on the event loop's thread.  Changes complete by callback,
 * possibly before the call returned; reading goes through cursors, which may
 * ask to wait while an extension is being asked.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cim_class;
struct error;
struct error_list;
struct instance;
struct loop;
struct path;
struct repository;
struct service;
struct value;
struct wql;

struct service_options {
    const char *state_dir;      /* files; created when absent */
    const char *control_path;   /* xvs-switch's control socket */
    const char *plugin_dir;     /* for messages to people only */
    const char *host_name;      /* in paths and XVS_Host */
    uint32_t timeout_ms;        /* limit of one extension request */
    uint32_t vendor_partition;  /* of extensions of others: enum partition */
    const char *quarantine_dir; /* for packets that end processes; NULL:
                                 * below the state */
    uint32_t quarantine_files;  /* of them, at most */
};

/*
 * Loads the state, connects to xvs-switch (and goes on trying while it is
 * absent) and reconciles.  Damaged files that could be replaced by their
 * previous generation are reported as warnings.
 */
struct service *service_create(struct loop *loop,
                               const struct service_options *options,
                               struct error_list *problems);
/* Flushes what is confirmed and closes. */
void service_destroy(struct service *service);

struct repository *service_repository(struct service *service);

/* Reading.  ------------------------------------------------------------- */

struct cursor;

enum cursor_step {
    CURSOR_ITEM,        /* '*item' is the next object, valid until the next
                         * call on the cursor */
    CURSOR_WAIT,        /* nothing yet: 'wake' will be called once */
    CURSOR_END,
    CURSOR_ERROR,       /* '*error' is set; further calls give the end */
};

typedef void (*cursor_wake)(void *arg);

/* All instances of the class and its subclasses. */
struct cursor *service_enumerate(struct service *service,
                                 struct cim_class *cls,
                                 cursor_wake wake, void *arg);
/* The same for a query of the class, which is not kept: of objects that it
 * would leave out some are not made. */
struct cursor *service_select(struct service *service, struct cim_class *cls,
                              const struct wql *wql, cursor_wake wake,
                              void *arg);
/* The one instance that the path names; ERROR_NOT_FOUND at the first step
 * when there is none. */
struct cursor *service_get(struct service *service, const struct path *path,
                           cursor_wake wake, void *arg);
enum cursor_step cursor_next(struct cursor *cursor,
                             const struct instance **item,
                             struct error *error);
void cursor_destroy(struct cursor *cursor);     /* accepts NULL, any time */

/*
 * Events of class XVS_Event with Sequence > 'after', oldest first; at the end
 * of what is there the cursor waits.  Old events are forgotten (a ring).
 */
struct cursor *service_events(struct service *service, uint64_t after,
                              cursor_wake wake, void *arg);

/* Changing.  ------------------------------------------------------------ */

/* 'error' is NULL on success.  'path' names what was created, else NULL. */
typedef void (*service_done)(void *arg, const struct error *error,
                             const struct path *path);

/* Takes the instance over.  Settings, XVS_Switch, XVS_Port, ... */
void service_create_instance(struct service *service,
                             struct instance *instance,
                             service_done done, void *arg);
/* 'names' are the properties to change; NULL: all. */
void service_modify_instance(struct service *service,
                             const struct path *path,
                             struct instance *instance,
                             const char *const *names, size_t n_names,
                             service_done done, void *arg);
void service_delete_instance(struct service *service,
                             const struct path *path,
                             service_done done, void *arg);

/*
 * A method call.  'in' has a value (or NULL) per parameter of the method, in
 * declaration order.  At completion 'result' is the return value and 'out'
 * has a value per parameter (set for out parameters); both are the service's
 * and valid during the callback.
 */
typedef void (*service_invoked)(void *arg, const struct error *error,
                                const struct value *result,
                                const struct value *out, size_t n_out);
void service_invoke(struct service *service, const struct path *path,
                    const char *method, const struct value *in, size_t n_in,
                    service_invoked done, void *arg);

#endif
