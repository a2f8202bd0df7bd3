/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SERVICE_CHANGE_H
#define XVS_SERVICE_CHANGE_H

/*
 * Changes of each kind of object, each a plan (service/change/plan.h).  All
 * take the instance over and end with 'done'.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "service/service.h"

struct buffer;
struct control_header;
struct extension;
struct feature;
struct plan;
struct repository;
struct state;
struct stage;
struct vport;
struct vswitch;

/* What to change about an object. */
struct wish {
    struct instance *instance;      /* new values; NULL: delete */
    struct path *path;              /* the object that exists, or NULL */
    char **names;                   /* properties to change; NULL: all */
    size_t n_names;
    service_done done;
    void *arg;
};

/* Calls 'done', then frees what the wish owns. */
void wish_finish(struct wish *wish, const struct error *error,
                 const struct path *path);
/* The same; the object that was wished for has these keys ('second_key' may be
 * NULL). */
void wish_finish_object(struct wish *wish, const struct error *error,
                        const char *class_name, const char *first_key,
                        const char *first, const char *second_key,
                        const char *second);
/* True when the property is one of those to be changed. */
bool wish_names(const struct wish *wish, const char *property);
/* Text of a property of the instance, or of the path's key. */
const char *wish_text(const struct wish *wish, const char *property);
/* A copy of it; "" when there is none. */
char *wish_name(const struct wish *wish, const char *property);

/*
 * Tells a change that is in force as an event: "created", "removed" or, else,
 * "changed".  Names that do not apply are NULL.  The text names the object;
 * values never go into it, because they may be secret.
 */
void change_tell(struct service *service, const char *kind,
                 const char *switch_name, const char *port_name,
                 const char *extension_name, const char *format, ...)
    __attribute__((format(printf, 6, 7)));
/* The kind of event that a wish fulfilled is. */
const char *wish_kind(const struct wish *wish);

/* Each takes over what the wish owns. */
void change_switch(struct service *service, struct wish *wish);
void change_port(struct service *service, struct wish *wish);
void change_extension(struct service *service, struct wish *wish);
void change_stage(struct service *service, struct wish *wish);
void change_schema(struct service *service, struct wish *wish);
void change_setting(struct service *service, struct wish *wish);

/* ---- Several settings at once ------------------------------------------- */

enum setting_mode {
    SETTINGS_CREATE,        /* must be new */
    SETTINGS_MODIFY,        /* must exist; 'names' count */
    SETTINGS_APPLY,         /* either */
    SETTINGS_REMOVE,        /* 'ids' name them */
};

typedef void (*settings_done)(void *arg, const struct error *error,
                              const char *const *ids, size_t n);

struct settings_request {
    enum setting_mode mode;
    bool validate;                  /* judge only */
    struct instance **instances;    /* owned; NULL with REMOVE */
    char **ids;                     /* owned; InstanceIDs, or NULL */
    size_t n;
    const char *const *names;       /* of MODIFY, or NULL: all */
    size_t n_names;
    settings_done done;
    void *arg;
};

/* Takes what the request owns. */
void change_settings(struct service *service,
                     const struct settings_request *request);

/* ---- Shared between kinds ----------------------------------------------- */

/* May the class's objects go to this extension?  Judges hash and version. */
bool extension_accepts(const struct extension *extension,
                       const struct cim_class *cls,
                       const struct feature *feature, struct error *error);
/* Calls with the LAYOUT_SET message of each class that the extension knows,
 * freed afterwards if it is still there; false when one does not fit. */
typedef void (*layout_call)(void *arg, struct buffer *message);
bool extension_layouts(struct repository *repository,
                       const struct extension *extension, layout_call call,
                       void *arg, struct error *error);
/* Adds them as steps. */
bool steps_layouts(struct plan *plan, const struct extension *extension,
                   struct error *error);
/* Starts an EXT_ENABLE message with the settings that the extension has on
 * the switch, in the order of state->settings. */
bool enable_message(struct service *service, const struct state *state,
                    struct buffer *out, const struct vswitch *vswitch,
                    const struct extension *extension, uint32_t position,
                    struct error *error);
/* What an EXT_ENABLE answer says of each setting; NULL: all parked. */
void enable_apply(struct service *service, const struct vswitch *vswitch,
                  const struct extension *extension, const uint32_t *results,
                  size_t n);
/* The place that an EXT_ENABLE or EXT_MOVE answer says. */
uint32_t answer_position(const struct control_header *answer);
/* The results of an EXT_ENABLE answer. */
const uint32_t *enable_results(const struct control_header *answer,
                               size_t *n);
/* Starts a list message with all settings that go with a port. */
bool port_settings_message(struct service *service, struct buffer *out,
                           const struct vport *port, struct error *error);

#endif
