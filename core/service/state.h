/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SERVICE_STATE_H
#define XVS_SERVICE_STATE_H

/*
 * What is configured on this host: switches, ports, extensions, stages and
 * settings, each once, in sorted indexes.  This is the desired state; it is
 * changed only after the change is durable.  Kept small: a host may have
 * thousands of ports and a hundred thousand settings.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <xvs/extension.h>
#include "control/message.h"
#include "service/index.h"

struct cim_class;
struct control_extension;
struct control_signature;
struct instance;
struct map;

/* A virtual switch. */
struct vswitch {
    char *name;
    uint32_t id;                /* in control messages */
    uint32_t n_ports;
    struct stage **chain;       /* in order */
    size_t n_stages;
};

/* What is known of a port's interface. */
enum port_link { LINK_UNKNOWN = 0, LINK_UP, LINK_DOWN, LINK_GONE };

struct vport {
    struct vswitch *vswitch;
    char *name;
    uint32_t id;
    uint32_t mtu;
    uint8_t driver;             /* enum control_driver */
    uint8_t link;               /* enum port_link */
    bool missing;               /* xvs-switch could not make it yet */
    bool disabled;              /* by the operator */
    uint8_t mac[6];             /* zero: chosen by the driver */
    uint8_t mode;               /* enum control_mode */
    uint8_t queues;             /* 0: the driver's choice */
    struct xvs_guid entry;      /* of the extension at whose stage it enters
                                 * the chain; zero: at the first */
    char device[CONTROL_DEVICE];
    char why[CONTROL_STATE];    /* why it is missing */
};

/* A method that a plugin has. */
struct signature {
    struct xvs_guid uuid;
    char *name;
    char *text;
};

/* How an installed extension is. */
enum extension_state { EXTENSION_ABSENT = 0, EXTENSION_INSTALLED,
                       EXTENSION_MISSING, EXTENSION_FAILED };

struct extension {
    char *name;
    struct xvs_guid id;
    char *file;
    char *vendor;
    char *description;
    uint16_t version;
    uint8_t extension_class;    /* enum xvs_class */
    uint8_t on_failure;         /* enum xvs_on_failure */
    uint32_t traits;            /* XVS_TRAIT_... */
    uint8_t state;              /* enum extension_state */
    uint8_t pause;              /* rounds from one try to the next */
    uint8_t rounds;             /* that go by before the next try */
    struct xvs_feature *features;
    size_t n_features;
    struct signature *methods;
    size_t n_methods;
    char *finding;              /* the first in its file that it cannot have
                                 * in a domain, or why it is not known; like
                                 * the next three not persisted */
    uint32_t n_findings;
    uint8_t scan;               /* enum control_scan */
    char **reasons;            /* names of its drop reasons */
    size_t n_reasons;
};

enum stage_state { STAGE_ABSENT = 0, STAGE_RUNNING, STAGE_STUCK,
                   STAGE_FAILED };

/* An extension enabled on a switch. */
struct stage {
    struct vswitch *vswitch;
    struct extension *extension;
    uint8_t state;              /* enum stage_state */
    uint8_t partition;          /* enum partition, never the default */
    uint8_t sharing;            /* enum sharing */
    struct xvs_guid partner;    /* of the extension whose place it holds too;
                                 * zero: of none */
    uint8_t time_share;         /* percent of a worker's time; 0: no limit */
    bool waiting;               /* xvs-switch could not be given it yet */
};

/* An instance that a reader may hold while the setting changes. */
struct held {
    unsigned int references;
    struct instance *instance;
    struct instance *shown;     /* without what is Secret; NULL: 'instance' */
};

enum setting_state { SETTING_PARKED = 0, SETTING_IN_FORCE, SETTING_REFUSED };

struct setting {
    struct xvs_guid uuid;       /* of its class */
    struct xvs_guid instance;
    struct xvs_guid extension;  /* whose it is */
    struct vswitch *vswitch;
    struct vport *port;         /* NULL: of the switch */
    struct held *held;          /* NULL while its class is unknown */
    uint16_t version;           /* of the class it was stored with */
    uint8_t state;              /* enum setting_state */
};

struct state {
    struct index switches;      /* by name */
    struct index ports;         /* by switch and name */
    struct index extensions;    /* by name */
    struct index stages;        /* by switch and extension */
    struct index settings;      /* by class, switch, port, instance */
    struct map *lookup;         /* the same by texts (service/lookup.h) */
    uint32_t next_switch;       /* ids that were never used */
    uint32_t next_port;
};

void state_init(struct state *state);
void state_free(struct state *state);

/* Letters, digits, '_', '-', '.'; at most 63; not starting with '-' or '.'. */
bool state_name_valid(const char *name);

struct vswitch *state_switch(const struct state *state, const char *name);
struct vswitch *state_switch_by_id(const struct state *state, uint32_t id);
struct vport *state_port(const struct state *state, const char *switch_name,
                         const char *name);
struct vport *state_port_by_id(const struct state *state, uint32_t id);
struct extension *state_extension(const struct state *state,
                                  const char *name);
struct extension *state_extension_by_id(const struct state *state,
                                        const struct xvs_guid *id);
struct stage *state_stage(const struct state *state, const char *switch_name,
                          const char *extension_name);
struct stage *state_stage_of(const struct vswitch *vswitch,
                             const struct xvs_guid *extension);
/* The first port of the switch that enters the chain at the extension. */
struct vport *state_port_entering(const struct state *state,
                                  const struct vswitch *vswitch,
                                  const struct xvs_guid *extension);
/* The first setting that matches; 'port' NULL: of the switch itself. */
struct setting *state_setting(const struct state *state,
                              const struct xvs_guid *uuid,
                              const struct vswitch *vswitch,
                              const struct vport *port,
                              const struct xvs_guid *instance);

/* Each takes its parts and enters them. */
struct vswitch *state_add_switch(struct state *state, const char *name,
                                 uint32_t id);
void state_remove_switch(struct state *state, struct vswitch *vswitch);
/* Copies '*like'; name and device are copied too. */
struct vport *state_add_port(struct state *state, const struct vport *like);
void state_remove_port(struct state *state, struct vport *port);
/* Takes the extension over. */
void state_add_extension(struct state *state, struct extension *extension);
void state_remove_extension(struct state *state,
                            struct extension *extension);
void extension_destroy(struct extension *extension);    /* accepts NULL */
/* Takes over what another version of the plugin says of itself. */
void extension_take(struct extension *extension, struct extension *from);
/* The same, from another file: that is its file now. */
void extension_upgrade(struct extension *extension, struct extension *from);
/* Only the names of drop reasons and what was found in its file, which are not
 * persisted. */
void extension_take_reasons(struct extension *extension,
                            struct extension *from);
/* 'position': among the stages of its class; UINT32_MAX: last.  Its partition
 * is inline. */
struct stage *state_add_stage(struct state *state, struct vswitch *vswitch,
                              struct extension *extension,
                              uint32_t position);
void state_remove_stage(struct state *state, struct stage *stage);
uint32_t state_stage_position(const struct stage *stage);
/* The stage whose place this one holds too, and the one that holds this one's;
 * NULL: there is none. */
struct stage *state_stage_first(const struct stage *stage);
struct stage *state_stage_second(const struct stage *stage);
/* Takes over the setting; its instance's core properties are filled in.  Its
 * instance is another only by state_set_instance() from now on. */
void state_add_setting(struct state *state, struct setting *setting);
void state_remove_setting(struct state *state, struct setting *setting);

/* Gives a setting of the state another instance (taken over). */
void state_set_instance(struct state *state, struct setting *setting,
                        struct instance *instance);
/* The same before it is one of the state, and another state at any time. */
void setting_set_instance(struct setting *setting, struct instance *instance);
void setting_set_state(struct setting *setting, enum setting_state state);
const char *setting_state_name(enum setting_state state);
/* What readers see. */
const struct instance *held_shown(const struct held *held);
struct held *held_ref(struct held *held);
void held_unref(struct held *held);     /* accepts NULL */

/* "xvs:<switch>\<UUID>\<instance>" or "xvs:<switch>\<port>\<UUID>\..." */
#define INSTANCE_ID_SIZE 256
char *state_instance_id(const char *switch_name, const char *port_name,
                        const struct xvs_guid *uuid,
                        const struct xvs_guid *instance,
                        char out[INSTANCE_ID_SIZE]);

/* The parts of such a text. */
struct instance_id {
    char switch_name[XVS_NAME_SIZE];
    char port_name[XVS_NAME_SIZE];  /* "": of the switch */
    struct xvs_guid uuid;
    struct xvs_guid instance;
};
bool state_parse_instance_id(const char *text, struct instance_id *id);
struct setting *state_setting_of_id(const struct state *state,
                                    const struct instance_id *id);

#endif
