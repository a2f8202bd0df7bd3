/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The extension compress: life, settings, counters, and the descriptor that
 * the core reads.
 */
#include "compress.h"

#include <stdlib.h>
#include <string.h>

#include "xvs_compress.h"

static const struct compress_set defaults = {
    .ethertype = 34997, .min_length = 128, .min_saving = 16,
    .acceleration = 1,
};

/* ---- Settings ----------------------------------------------------------- */

static struct compress_set
read_set(const struct xvs_setting *setting)
{
    const struct xvs_compression_settings *wanted = setting->view.body;
    const struct xvs_view *view = &setting->view;
    struct compress_set set = defaults;

    if (xvs_present(view, XVS_COMPRESSION_SETTINGS_ETHER_TYPE)) {
        set.ethertype = wanted->ether_type;
    }
    if (xvs_present(view, XVS_COMPRESSION_SETTINGS_MIN_LENGTH)) {
        set.min_length = wanted->min_length;
    }
    if (xvs_present(view, XVS_COMPRESSION_SETTINGS_MIN_SAVING)) {
        set.min_saving = wanted->min_saving;
    }
    if (xvs_present(view, XVS_COMPRESSION_SETTINGS_ACCELERATION)) {
        set.acceleration = wanted->acceleration;
    }
    return set;
}

/* Types that hosts and switches understand. */
static bool
is_taken(uint16_t ethertype)
{
    return ethertype == 0x0800 || ethertype == 0x0806 || ethertype == 0x86dd
        || ethertype == 0x8100 || ethertype == 0x88a8;
}

static int
publish(struct compress *self, const struct compress_set *set)
{
    struct compress_set *fresh = malloc(sizeof(*fresh)), *old;

    if (!fresh) {
        return XVS_RESOURCES;
    }
    *fresh = *set;
    old = xvs_publish(self->set, fresh);
    self->host->retire(self->host, old, free);
    return XVS_SUCCESS;
}

static int
take_setting(void *arg, const struct xvs_setting *setting,
             struct xvs_answer *answer)
{
    struct compress *self = arg;
    struct compress_set set = defaults;

    if (setting->op != XVS_DELETE) {
        if (!xvs_compression_settings_get(setting)) {
            return XVS_NOT_SUPPORTED;
        }
        set = read_set(setting);
        if (is_taken(set.ethertype)) {
            return self->host->refuse(answer, XVS_NOT_ACCEPTED, "EtherType: "
                                      "expected one that is not that of IP, "
                                      "ARP or VLAN tags");
        }
    }
    return setting->op == XVS_VALIDATE ? XVS_SUCCESS : publish(self, &set);
}

/* ---- Counters ----------------------------------------------------------- */

static int
tell_status(void *arg, const struct xvs_query *query,
            struct xvs_answer *answer)
{
    static const struct xvs_guid only;
    struct compress *self = arg;
    struct xvs_compression_status_writer writer;
    _Alignas(8) char memory[sizeof(struct xvs_compression_status) + 64];
    struct xvs_compression_status *status =
        xvs_compression_status_start(&writer, memory, sizeof(memory));

    if (!xvs_compression_status_is(query)) {
        return XVS_NOT_SUPPORTED;
    }
    status->compressed = self->counts[COMPRESS_N_PACKED];
    status->bytes_before = self->counts[COMPRESS_N_BEFORE];
    status->bytes_after = self->counts[COMPRESS_N_AFTER];
    status->left = self->counts[COMPRESS_N_LEFT];
    status->restored = self->counts[COMPRESS_N_RESTORED];
    status->damaged = self->counts[COMPRESS_N_DAMAGED];
    return xvs_compression_status_answer(&writer, self->host, answer,
                                         &only);
}

/* ---- Life --------------------------------------------------------------- */

static void
end(void *arg)
{
    struct compress *self = arg;

    if (self) {
        free(self->set);
    }
    free(self);
}

static int
begin(const struct xvs_host *host, void **out)
{
    struct compress *self = calloc(1, sizeof(*self));

    if (!self || !(self->set = malloc(sizeof(*self->set)))) {
        end(self);
        return XVS_RESOURCES;
    }
    *self->set = defaults;
    self->host = host;
    *out = self;
    return XVS_SUCCESS;
}

static const struct xvs_feature features[] = XVS_FEATURES;
static const char *const reasons[] = { [COMPRESS_DAMAGED] = "damaged" };

XVS_EXTENSION = {
    XVS_EXTENSION_HEAD,
    .id = { 0x837a606e, 0xcf93, 0x4059,
            { 0x95, 0x25, 0x0f, 0x9b, 0x8a, 0xae, 0x2e, 0xaf } },
    .version = 0x0100,
    .mandatory = XVS_HOOK_PACKETS | XVS_HOOK_SETTING | XVS_HOOK_STATUS
                 | XVS_HOOK_TRAITS,
    .traits = XVS_TRAIT_EGRESS | XVS_TRAIT_PAYLOAD | XVS_TRAIT_WIRE,
    .extension_class = XVS_CLASS_FILTER,
    .on_failure = XVS_FAIL_CLOSED,
    .name = "compress",
    .vendor = "xvs",
    .description = "Frames between hosts are smaller.",
    .before = "encrypt",
    .features = features,
    .n_features = sizeof(features) / sizeof(features[0]),
    .reasons = reasons,
    .n_reasons = COMPRESS_REASONS,
    .init = begin,
    .fini = end,
    .setting = take_setting,
    .status = tell_status,
    .ingress = compress_ingress,
    .egress = compress_egress,
};
