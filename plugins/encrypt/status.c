/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Counters as objects.
 */
#include "encrypt.h"

#include "xvs_encrypt.h"

static uint8_t
state_of(const struct encrypt_set *set)
{
    return set->send_key == 0 ? XVS_ENCRYPTION_STATUS_STATE_NO_KEY_NAMED
        : set->sender ? XVS_ENCRYPTION_STATUS_STATE_READY
        : XVS_ENCRYPTION_STATUS_STATE_KEY_MISSING;
}

static void
fill(const struct encrypt *self, struct xvs_encryption_status *status)
{
    status->state = state_of(self->set);
    status->overhead = SEAL_OVERHEAD;
    status->sealed = self->counts[ENCRYPT_N_SEALED];
    status->sealed_bytes = self->counts[ENCRYPT_N_SEALED_BYTES];
    status->opened = self->counts[ENCRYPT_N_OPENED];
    status->opened_bytes = self->counts[ENCRYPT_N_OPENED_BYTES];
    status->plain = self->counts[ENCRYPT_N_PLAIN];
    status->no_key = self->counts[ENCRYPT_NO_KEY];
    status->too_long = self->counts[ENCRYPT_TOO_LONG];
    status->not_encrypted = self->counts[ENCRYPT_PLAIN];
    status->unknown_key = self->counts[ENCRYPT_UNKNOWN_KEY];
    status->not_authentic = self->counts[ENCRYPT_FORGED];
    status->replayed = self->counts[ENCRYPT_REPLAYED];
    status->clamped = self->counts[ENCRYPT_N_CLAMPED];
}

int
encrypt_status(void *arg, const struct xvs_query *query,
               struct xvs_answer *answer)
{
    static const struct xvs_guid only;
    const struct encrypt *self = arg;
    struct xvs_encryption_status_writer writer;
    _Alignas(8) char memory[sizeof(struct xvs_encryption_status) + 64];
    struct xvs_encryption_status *status =
        xvs_encryption_status_start(&writer, memory, sizeof(memory));

    if (!xvs_encryption_status_is(query)) {
        return XVS_NOT_SUPPORTED;
    }
    fill(self, status);
    return xvs_encryption_status_answer(&writer, self->host, answer,
                                        &only);
}
