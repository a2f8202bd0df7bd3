/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Tables of names: one row per driver, one per mode, one per partition, one
 * per kind of sharing.
 */

#include <config.h>

#include "control/names.h"

#include <strings.h>

#include "control/message.h"

#define BIT(mode) (1u << (mode))

static const struct {
    const char *name;
    bool has_interface;
    uint32_t modes;             /* BIT() of each that it knows */
    const char *mode_names;     /* the same for people */
} drivers[DRIVER_END] = {
    [DRIVER_TAP] = { "tap", true, 0, "none" },
    [DRIVER_PACKET] = { "packet", true, 0, "none" },
    [DRIVER_VHOST_USER] = { "vhost-user", false,
                            BIT(MODE_SERVER) | BIT(MODE_CLIENT),
                            "server or client" },
    [DRIVER_XDP] = { "xdp", true,
                     BIT(MODE_ZEROCOPY) | BIT(MODE_COPY) | BIT(MODE_GENERIC),
                     "zerocopy, copy or generic" },
    [DRIVER_PCAP] = { "pcap", false,
                      BIT(MODE_REPLAY) | BIT(MODE_LOOP) | BIT(MODE_RECORD),
                      "replay, loop or record" },
    [DRIVER_PIPE] = { "pipe", false, BIT(MODE_SERVER), "server" },
};

static const char *const modes[MODE_END] = {
    [MODE_DEFAULT] = "",        [MODE_SERVER] = "server",
    [MODE_CLIENT] = "client",   [MODE_ZEROCOPY] = "zerocopy",
    [MODE_COPY] = "copy",       [MODE_GENERIC] = "generic",
    [MODE_REPLAY] = "replay",   [MODE_LOOP] = "loop",
    [MODE_RECORD] = "record",
};

static const char *const partitions[PARTITION_END] = {
    [PARTITION_INLINE] = "inline",
    [PARTITION_PROCESS] = "process",
    [PARTITION_COPY] = "copy",
    [PARTITION_DOMAIN] = "domain",
};

static const char *const sharings[SHARING_END] = {
    [SHARING_FAILOVER] = "failover",
    [SHARING_AGGREGATE] = "aggregate",
};

const char *
control_driver_name(uint32_t driver)
{
    return driver < DRIVER_END ? drivers[driver].name : NULL;
}

const char *
control_mode_name(uint32_t mode)
{
    return mode < MODE_END ? modes[mode] : NULL;
}

uint32_t
control_driver_find(const char *name)
{
    for (uint32_t i = 1; i < DRIVER_END; i++) {
        if (strcasecmp(name, drivers[i].name) == 0) {
            return i;
        }
    }
    return 0;
}

uint32_t
control_mode_find(const char *name)
{
    uint32_t i = 0;

    while (i < MODE_END && strcasecmp(name, modes[i]) != 0) {
        i++;
    }
    return i;
}

bool
control_driver_has_interface(uint32_t driver)
{
    return driver < DRIVER_END && drivers[driver].has_interface;
}

bool
control_driver_has_mode(uint32_t driver, uint32_t mode)
{
    return mode == MODE_DEFAULT
        || (driver < DRIVER_END && mode < MODE_END
            && (drivers[driver].modes & BIT(mode)));
}

const char *
control_driver_modes(uint32_t driver)
{
    return driver < DRIVER_END && drivers[driver].mode_names
        ? drivers[driver].mode_names : "none";
}

const struct xvs_guid control_entry_network = {
    0x5b0f6f3e, 0x9c1d, 0x4a57, { 0x8e, 0x21, 0x6d, 0x0a, 0x57, 0x1c, 0x3b, 0x94 } };

const char *
control_partition_name(uint32_t partition)
{
    return partition < PARTITION_END ? partitions[partition] : NULL;
}

uint32_t
control_partition_find(const char *name)
{
    for (uint32_t i = PARTITION_INLINE; i < PARTITION_END; i++) {
        if (strcasecmp(name, partitions[i]) == 0) {
            return i;
        }
    }
    return PARTITION_DEFAULT;
}

const char *
control_sharing_name(uint32_t sharing)
{
    return sharing < SHARING_END ? sharings[sharing] : NULL;
}

uint32_t
control_sharing_find(const char *name)
{
    for (uint32_t i = SHARING_FAILOVER; i < SHARING_END; i++) {
        if (strcasecmp(name, sharings[i]) == 0) {
            return i;
        }
    }
    return SHARING_NONE;
}
