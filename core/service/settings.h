/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SERVICE_SETTINGS_H
#define XVS_SERVICE_SETTINGS_H

/*
 * The settings' part of the state (service/state.h): their order, their
 * names, and the objects that readers see.
 */

#include "service/state.h"

/* By class, switch, port (the switch's own first), instance. */
int settings_compare(const void *a, const void *b);
void setting_destroy(struct setting *setting);
/* Removes the settings of a port, or of a switch and its ports. */
void settings_remove_of(struct state *state, const struct vswitch *vswitch,
                        const struct vport *port);

/* Calls for each setting of the extension on the switch ('vswitch' NULL: on
 * all; 'extension' NULL: of all).  The call may not add or remove any. */
typedef void (*setting_call)(void *arg, struct setting *setting);
void settings_each(const struct state *state, const struct vswitch *vswitch,
                   const struct xvs_guid *extension, setting_call call,
                   void *arg);
/* How many settings the class has; '*first' (may be NULL) gets one. */
size_t settings_count(const struct state *state, const struct xvs_guid *uuid,
                      const struct setting **first);

/* True when a setting of a port goes to xvs-switch again after its port was
 * made (again): it was in force, or only waited for the port. */
bool setting_follows_port(const struct setting *setting);

/* Fills in InstanceID, SwitchName, PortName, SettingState. */
void setting_fill(const struct setting *setting, struct instance *instance);
/* True for these: the core's, not the extension's. */
bool setting_core_property(const char *name);

#endif
