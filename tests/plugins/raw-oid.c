/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Takes every request in its raw form, as a driver that was written for
 * these structures would, and counts what is not as doc/formats.md says.
 */

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <xvs/oid.h>

#include "plugins/raw-oid.h"

#define SLOTS 16

struct slot {
    struct xvs_guid instance;
    uint32_t port_id;           /* 0: free */
    struct test_raw object;
};

struct raw {
    struct slot slots[SLOTS];
    uint32_t wrong, asked, ports, nics, updates;
    int inside;                 /* a request is under way */
};

static int
raw_init(const struct xvs_host *host, void **self)
{
    (void) host;
    *self = calloc(1, sizeof(struct raw));
    return *self ? XVS_SUCCESS : XVS_RESOURCES;
}

/* The header must be that of the structure in use. */
static void
expect_header(struct raw *raw, const struct xvs_oid *oid, size_t size)
{
    const struct xvs_oid_header *header = oid->buffer;

    raw->wrong += header->type != XVS_OID_HEADER_TYPE
        || header->revision < 1 || header->size != size
        || oid->length < size;
}

static struct slot *
find(struct raw *raw, const struct xvs_guid *instance)
{
    for (size_t i = 0; i < SLOTS; i++) {
        if (raw->slots[i].port_id
            && memcmp(&raw->slots[i].instance, instance,
                      sizeof *instance) == 0) {
            return &raw->slots[i];
        }
    }
    return NULL;
}

static int
put(struct raw *raw, const struct xvs_oid *oid)
{
    const char *buffer = oid->buffer;
    const struct xvs_port_property_parameters *one = oid->buffer;
    const struct xvs_property_custom *custom =
        (const void *) (buffer + one->buffer_offset);
    struct slot *slot = find(raw, &one->instance_id);
    bool is_new = oid->code == XVS_OID_SWITCH_PORT_PROPERTY_ADD;

    expect_header(raw, oid, sizeof *one);
    raw->wrong += one->property_version >> 8 != TEST_RAW_VERSION >> 8
        || custom->buffer_length < sizeof(struct test_raw)
        || one->port_id != oid->port_id || is_new != !slot;
    for (size_t i = 0; i < SLOTS && is_new && !slot; i++) {
        slot = raw->slots[i].port_id ? NULL : &raw->slots[i];
    }
    if (!slot) {
        return XVS_NOT_ACCEPTED;
    }
    slot->instance = one->instance_id;
    slot->port_id = one->port_id;
    memcpy(&slot->object, buffer + custom->buffer_offset,
           sizeof slot->object);
    return XVS_SUCCESS;
}

static int
take(struct raw *raw, const struct xvs_oid *oid)
{
    const struct xvs_port_property_delete_parameters *one = oid->buffer;
    struct slot *slot = find(raw, &one->instance_id);

    expect_header(raw, oid, sizeof *one);
    if (!slot) {
        raw->wrong++;
        return XVS_INVALID_PARAMETER;
    }
    slot->port_id = 0;
    return XVS_SUCCESS;
}

/* Wants a larger buffer, or (Small is 2) has no memory; a moment later it can
 * answer. */
static int
answer(struct raw *raw, struct xvs_oid *oid)
{
    struct test_raw_status status = { 0 };
    struct xvs_property_custom custom = {
        .header = { XVS_OID_HEADER_TYPE, 1, 16 },
        .buffer_length = sizeof status, .buffer_offset = 24,
    };
    bool busy = false;

    expect_header(raw, oid, sizeof(struct xvs_feature_status_parameters));
    for (size_t i = 0; i < SLOTS; i++) {
        if (raw->slots[i].port_id) {
            status.in_force++;
            status.sum += raw->slots[i].object.large;
            busy |= raw->slots[i].object.small == 2;
        }
    }
    if (raw->asked++ % 2 == 0) {
        oid->needed = 100000;
        return busy ? XVS_RESOURCES : XVS_INVALID_LENGTH;
    }
    raw->wrong += busy ? oid->capacity >= 100000 : oid->capacity < 100000;
    status.wrong = raw->wrong;
    status.asked = raw->asked;
    status.ports = raw->ports;
    status.nics = raw->nics;
    status.updates = raw->updates;
    memcpy(oid->buffer, &custom, sizeof custom);
    memcpy((char *) oid->buffer + custom.buffer_offset, &status,
           sizeof status);
    oid->written = custom.buffer_offset + (uint32_t) sizeof status;
    return XVS_SUCCESS;
}

/* A port's life; "second" in a name refuses the second half of creating. */
static int
port(struct raw *raw, const struct xvs_oid *oid)
{
    const struct xvs_nic_parameters *nic = oid->buffer;
    bool is_nic = oid->code >= XVS_OID_SWITCH_NIC_CREATE
        && oid->code <= XVS_OID_SWITCH_NIC_DELETE;

    is_nic |= oid->code == XVS_OID_SWITCH_NIC_UPDATED;
    expect_header(raw, oid, is_nic ? sizeof *nic
                  : sizeof(struct xvs_port_parameters));
    switch (oid->code) {
    case XVS_OID_SWITCH_PORT_CREATE:
        raw->ports++;
        break;
    case XVS_OID_SWITCH_PORT_DELETE:
        raw->ports--;
        break;
    case XVS_OID_SWITCH_NIC_CREATE:
        if (strcmp(nic->name, "second") == 0) {
            return XVS_NOT_ACCEPTED;
        }
        raw->nics++;
        break;
    case XVS_OID_SWITCH_NIC_DELETE:
        raw->nics--;
        break;
    case XVS_OID_SWITCH_NIC_UPDATED:
        raw->updates++;
        break;
    default:
        break;
    }
    return XVS_SUCCESS;
}

static int
dispatch(struct raw *raw, struct xvs_oid *oid)
{
    switch (oid->code) {
    case XVS_OID_SWITCH_PORT_PROPERTY_ADD:
    case XVS_OID_SWITCH_PORT_PROPERTY_UPDATE:
        return put(raw, oid);
    case XVS_OID_SWITCH_PORT_PROPERTY_DELETE:
        return take(raw, oid);
    case XVS_OID_SWITCH_FEATURE_STATUS_QUERY:
        return answer(raw, oid);
    case XVS_OID_SWITCH_PORT_CREATE: case XVS_OID_SWITCH_PORT_DELETE:
    case XVS_OID_SWITCH_PORT_TEARDOWN: case XVS_OID_SWITCH_NIC_CREATE:
    case XVS_OID_SWITCH_NIC_CONNECT: case XVS_OID_SWITCH_NIC_DISCONNECT:
    case XVS_OID_SWITCH_NIC_DELETE: case XVS_OID_SWITCH_NIC_UPDATED:
        return port(raw, oid);
    default:
        return XVS_NOT_SUPPORTED;
    }
}

static int
raw_oid(void *self, struct xvs_oid *oid)
{
    struct raw *raw = self;
    int result;

    raw->wrong += __atomic_fetch_add(&raw->inside, 1, __ATOMIC_SEQ_CST) != 0;
    result = dispatch(raw, oid);
    __atomic_fetch_sub(&raw->inside, 1, __ATOMIC_SEQ_CST);
    return result;
}

static const struct xvs_feature features[] = XVS_FEATURES;

XVS_EXTENSION = {
    XVS_EXTENSION_HEAD,
    .id = { 0x7e57000b, 0x0000, 0x4000, { 0x80 } },
    .extension_class = XVS_CLASS_CAPTURE,
    .on_failure = XVS_FAIL_OPEN,
    .name = "raw-oid",
    .features = features,
    .n_features = sizeof features / sizeof features[0],
    .init = raw_init,
    .fini = free,
    .oid = raw_oid,
};
