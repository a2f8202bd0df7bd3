/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The extension encrypt: life, and the descriptor that the core reads.
 */
#include "encrypt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "xvs_encrypt.h"

const struct encrypt_set encrypt_defaults = {
    .ethertype = 34997, .network_mtu = 1500, .require = true, .clamp = true,
};

void
encrypt_warn(struct encrypt *self)
{
    const struct encrypt_set *set = self->set;
    char text[100];

    if (self->is_active && set->send_key && !set->sender) {
        snprintf(text, sizeof(text), "SendKey: there is no key %u; frames are"
                 " dropped until there is", set->send_key);
        self->host->event(self->host, XVS_LOG_WARNING, text);
    }
}

static int
change_state(void *arg, enum xvs_state state)
{
    struct encrypt *self = arg;

    self->is_active = state == XVS_ACTIVATE;
    encrypt_warn(self);
    return XVS_SUCCESS;
}

static void
end(void *arg)
{
    struct encrypt *self = arg;

    if (!self) {
        return;
    }
    encrypt_free_set(self->set);
    if (self->workers) {
        explicit_bzero(self->workers, ENCRYPT_WORKERS * sizeof(*self->workers));
    }
    free(self->workers);
    replay_destroy(self->replay);
    explicit_bzero(self, sizeof(*self));
    free(self);
}

/* All that may fail. */
static bool
make(struct encrypt *self)
{
    size_t size = ENCRYPT_WORKERS * sizeof(*self->workers);

    self->workers = aligned_alloc(64, size);
    if (self->workers) {
        memset(self->workers, 0, size);
    }
    self->replay = replay_create();
    return self->workers && self->replay
        && getrandom(&self->sessions.base, sizeof(self->sessions.base), 0)
               == sizeof(self->sessions.base)
        && encrypt_publish(self) == XVS_SUCCESS;
}

static int
begin(const struct xvs_host *host, void **out)
{
    struct encrypt *self = calloc(1, sizeof(*self));

    if (self) {
        self->host = host;
        self->plan = encrypt_defaults;
    }
    if (!self || !make(self)) {
        end(self);
        return XVS_RESOURCES;
    }
    *out = self;
    return XVS_SUCCESS;
}

static const struct xvs_feature features[] = XVS_FEATURES;
static const char *const reasons[] = {
    [ENCRYPT_NO_KEY] = "no key",
    [ENCRYPT_TOO_LONG] = "too long",
    [ENCRYPT_PLAIN] = "not encrypted",
    [ENCRYPT_UNKNOWN_KEY] = "unknown key",
    [ENCRYPT_FORGED] = "not authentic",
    [ENCRYPT_REPLAYED] = "replayed",
};

XVS_EXTENSION = {
    XVS_EXTENSION_HEAD,
    .id = { 0x45d18b94, 0xcaaf, 0x4b3e,
            { 0xb6, 0x86, 0xe9, 0x55, 0xc6, 0xc6, 0x19, 0x8f } },
    .version = 0x0100,
    .mandatory = XVS_HOOK_PACKETS | XVS_HOOK_SETTING | XVS_HOOK_STATUS
                 | XVS_HOOK_STATE | XVS_HOOK_TRAITS,
    .traits = XVS_TRAIT_EGRESS | XVS_TRAIT_PAYLOAD | XVS_TRAIT_WIRE,
    .extension_class = XVS_CLASS_FILTER,
    .on_failure = XVS_FAIL_CLOSED,
    .name = "encrypt",
    .vendor = "xvs",
    .description = "Frames between hosts are secret and authentic.",
    .after = "compress",
    .features = features,
    .n_features = sizeof(features) / sizeof(features[0]),
    .reasons = reasons,
    .n_reasons = ENCRYPT_REASONS,
    .init = begin,
    .fini = end,
    .state = change_state,
    .setting = encrypt_setting,
    .status = encrypt_status,
    .ingress = encrypt_ingress,
    .egress = encrypt_egress,
};
