/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The properties of an XVS_Port, one reader for each; see port-wish.h.
 */

#include <config.h>

#include "service/change/port-wish.h"

#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "control/message.h"
#include "control/names.h"
#include "object/instance.h"
#include "service/change/change.h"
#include "service/internal.h"

#define MTU_LOW 68
#define MTU_HIGH 65535

static bool
read_driver(const struct wish *wish, struct vport *like, struct error *error)
{
    const char *driver = instance_text(wish->instance, "Driver");

    like->driver = driver ? (uint8_t) control_driver_find(driver)
                          : DRIVER_TAP;
    return like->driver != 0
        || error_set(error, ERROR_INVALID, "Driver is '%s'; it can be tap, "
                     "packet, vhost-user, xdp, pcap or pipe", driver);
}

static bool
read_mode(const struct wish *wish, struct vport *like, struct error *error)
{
    const char *text = instance_text(wish->instance, "Mode");
    uint32_t mode = control_mode_find(text ? text : "");

    if (!control_driver_has_mode(like->driver, mode)) {
        return error_set(error, ERROR_INVALID, "Mode is '%s'; driver %s "
                         "knows %s", text, control_driver_name(like->driver),
                         control_driver_modes(like->driver));
    }
    like->mode = (uint8_t) mode;
    return true;
}

static bool
read_queues(const struct wish *wish, struct vport *like, struct error *error)
{
    const struct value *value = instance_get(wish->instance, "Queues");
    uint64_t queues = value && !value->is_null ? value->u : 0;

    if (queues > CONTROL_QUEUES) {
        return error_set(error, ERROR_INVALID, "Queues is %llu; it can be 1 "
                         "to %u, or 0 for the driver's choice",
                         (unsigned long long) queues, CONTROL_QUEUES);
    }
    like->queues = (uint8_t) queues;
    return true;
}

static bool
is_path(const char *device)
{
    return device[0] == '/' && strlen(device) < CONTROL_DEVICE
        && !strpbrk(device, "\t\n");
}

static bool
read_device(const struct wish *wish, const char *name, struct vport *like,
            struct error *error)
{
    const char *device = instance_text(wish->instance, "Device");

    if (!device || !*device) {
        device = name;
    }
    if (!control_driver_has_interface(like->driver)) {
        if (!is_path(device)) {
            return error_set(error, ERROR_INVALID, "Device '%s' is no "
                             "absolute path of at most %d characters, as "
                             "driver %s needs it", device, CONTROL_DEVICE - 1,
                             control_driver_name(like->driver));
        }
    } else if (strlen(device) >= IFNAMSIZ || strchr(device, '/')
               || strspn(device, " \t\n") || strcmp(device, ".") == 0
               || strcmp(device, "..") == 0) {
        error_set(error, ERROR_INVALID, "Device '%s' is no name of an "
                  "interface (at most 15 characters)", device);
        return error_hint(error, "give the port a Device");
    }
    memset(like->device, 0, sizeof like->device);
    memcpy(like->device, device, strlen(device));
    return true;
}

static bool
read_mac(const struct wish *wish, struct vport *like, struct error *error)
{
    const char *text = instance_text(wish->instance, "MacAddress");
    uint8_t *mac = like->mac;
    int end = 0;

    memset(mac, 0, sizeof like->mac);
    if (!text || !*text) {
        return true;
    }
    if (sscanf(text, "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx%n", &mac[0],
               &mac[1], &mac[2], &mac[3], &mac[4], &mac[5], &end) != 6
        || text[end] || (mac[0] & 1)) {
        return error_set(error, ERROR_INVALID, "MacAddress '%s' is no "
                         "address of an interface (aa:bb:cc:dd:ee:ff, first "
                         "byte even)", text);
    }
    return true;
}

static bool
read_mtu(const struct wish *wish, struct vport *like, struct error *error)
{
    const struct value *value = instance_get(wish->instance, "Mtu");
    uint64_t mtu = value && !value->is_null ? value->u : 1500;

    if (mtu < MTU_LOW || mtu > MTU_HIGH) {
        return error_set(error, ERROR_INVALID, "Mtu is %llu; it can be %d to "
                         "%d", (unsigned long long) mtu, MTU_LOW, MTU_HIGH);
    }
    like->mtu = (uint32_t) mtu;
    return true;
}

static bool
read_enabled(const struct wish *wish, struct vport *like)
{
    const struct value *value = instance_get(wish->instance, "Enabled");

    like->disabled = value && !value->is_null && !value->u;
    return true;
}

bool
port_wish_read(const struct wish *wish, const char *name, struct vport *like,
               struct error *error)
{
    return (!wish_names(wish, "Driver") || read_driver(wish, like, error))
        && (!wish_names(wish, "Device")
            || read_device(wish, name, like, error))
        && (!wish_names(wish, "Mode") || read_mode(wish, like, error))
        && (!wish_names(wish, "Queues") || read_queues(wish, like, error))
        && (!wish_names(wish, "MacAddress") || read_mac(wish, like, error))
        && (!wish_names(wish, "Mtu") || read_mtu(wish, like, error))
        && (!wish_names(wish, "Enabled") || read_enabled(wish, like));
}
