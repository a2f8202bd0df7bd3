/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * OID requests as an extension or a switch may hand them over: the first byte
 * chooses the code, the rest is the buffer.  What is accepted must lie inside
 * the buffer and pack to a request that is accepted again.
 */

#include <config.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "marshal/oid.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint32_t codes[] = {
    XVS_OID_SWITCH_PROPERTY_ADD, XVS_OID_SWITCH_PORT_PROPERTY_UPDATE,
    XVS_OID_SWITCH_PROPERTY_DELETE, XVS_OID_SWITCH_PORT_PROPERTY_DELETE,
    XVS_OID_PROPERTY_VALIDATE, XVS_OID_PORT_PROPERTY_VALIDATE,
    XVS_OID_SWITCH_FEATURE_STATUS_QUERY,
    XVS_OID_SWITCH_PORT_FEATURE_STATUS_QUERY, XVS_OID_SWITCH_PORT_CREATE,
    XVS_OID_SWITCH_NIC_CONNECT, XVS_OID_SWITCH_PROPERTY_ENUM,
    XVS_OID_SWITCH_PORT_PROPERTY_ENUM,
};

static volatile uint8_t seen;

/* Reads every byte, for the sanitizer. */
static void
touch(const struct xvs_view *view)
{
    const uint8_t *bytes = view->body;

    for (uint32_t i = 0; i < view->size; i++) {
        seen ^= bytes[i];
    }
    for (uint32_t i = 0; i < view->n_present; i++) {
        seen ^= view->present[i / 8];
    }
}

static void
setting_again(const struct xvs_setting *setting)
{
    struct buffer packed = BUFFER_INIT;
    struct xvs_setting again;
    struct xvs_oid oid;

    touch(&setting->view);
    oid_pack_setting(setting, &packed);
    oid_start(&oid, oid_code_of_setting(setting), setting->port_id, &packed);
    if (!oid_unpack_setting(&oid, &again, NULL)
        || again.view.size != setting->view.size
        || again.view.n_present != setting->view.n_present) {
        abort();
    }
    buffer_free(&packed);
}

static void
unpack(struct xvs_oid *oid)
{
    struct xvs_setting setting;
    struct xvs_query query;
    struct xvs_guid property;
    struct xvs_port port;
    struct xvs_view view;
    uint32_t number;
    bool found;

    if (oid_unpack_setting(oid, &setting, NULL)) {
        setting_again(&setting);
    }
    if (oid_unpack_query(oid, &query, NULL)) {
        touch(&query.empty);
    }
    if (oid_unpack_port(oid, &port, &number, NULL)) {
        seen ^= (uint8_t) strlen(port.name);
    }
    if (oid_unpack_answer(oid, &view, &found, NULL) && found) {
        touch(&view);
    }
    if (oid_unpack_enum(oid, &property, &number, NULL)) {
        struct xvs_setting none = { .view = { "", 0, 0, NULL } };

        oid_answer_enum(oid, &none, 1);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct xvs_oid oid = { .size = sizeof oid };
    uint32_t port = XVS_PORT_NONE;

    if (size < 1) {
        return 0;
    }
    oid.code = codes[data[0] % (sizeof codes / sizeof codes[0])];
    oid.length = oid.capacity = oid.written = (uint32_t) size - 1;
    oid.buffer = mem_dup(data + 1, size - 1);
    /* The port forms have theirs behind header and flags. */
    if (data[0] % 2 && size - 1 >= 12) {
        memcpy(&port, data + 9, sizeof port);
    }
    oid.port_id = port;
    unpack(&oid);
    free(oid.buffer);
    return 0;
}
