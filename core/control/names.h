/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_CONTROL_NAMES_H
#define XVS_CONTROL_NAMES_H

/*
 * What admins call port drivers, their modes, places where ports enter the
 * chain, partitions of stages, and how these share a place.
 */

#include <stdbool.h>
#include <stdint.h>
#include <xvs/types.h>

/* NULL: there is no such driver (mode).  The default mode is "". */
const char *control_driver_name(uint32_t driver);
const char *control_mode_name(uint32_t mode);
/* 0: nobody is called so.  Case does not matter. */
uint32_t control_driver_find(const char *name);
/* MODE_END: none is called so. */
uint32_t control_mode_find(const char *name);

/* Whether the driver's device is an interface of this host, and not a path. */
bool control_driver_has_interface(uint32_t driver);
/* Whether the driver knows the mode. */
bool control_driver_has_mode(uint32_t driver, uint32_t mode);
/* The modes that a driver knows, for people: "server or client". */
const char *control_driver_modes(uint32_t driver);

/* A port that enters behind all stages that are not of class forward; what
 * admins call it is no extension's name. */
/* The switch that stands for the host: services run there, and it has no
 * ports. */
#define CONTROL_SWITCH_HOST "host"
#define CONTROL_ENTRY_NETWORK "network"
extern const struct xvs_guid control_entry_network;

/* NULL: there is no such partition, as the default. */
const char *control_partition_name(uint32_t partition);
/* PARTITION_DEFAULT: none is called so.  Case does not matter. */
uint32_t control_partition_find(const char *name);
/* NULL: there is no such sharing, as none. */
const char *control_sharing_name(uint32_t sharing);
/* SHARING_NONE: none is called so.  Case does not matter. */
uint32_t control_sharing_find(const char *name);

#endif
