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

struct extension;
struct feature;

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
/* Makes the switch that stands for the host. */
void change_switch_host(struct service *service, service_done done,
                        void *arg);
void change_port(struct service *service, struct wish *wish);
void change_extension(struct service *service, struct wish *wish);
void change_stage(struct service *service, struct wish *wish);
/* The same on a switch that is there, if it is to be. */
void change_stage_there(struct service *service, struct wish *wish);
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

#endif
