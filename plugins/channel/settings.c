/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Settings by class, and those of the whole.
 */

#include "settings.h"

#include <stdarg.h>
#include <stdio.h>

#include "vm/map.h"
#include "vm/names.h"
#include "xvs_channel.h"

/* ---- What all share ----------------------------------------------------- */

int
change_deny(const struct change *change, const char *format, ...)
{
    char text[320];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    return change->self->host->refuse(change->answer, XVS_NOT_ACCEPTED,
                                       text);
}

struct grant
change_grant(const struct change *change, uint32_t property)
{
    return (struct grant) { change->setting->uuid,
                            change->setting->instance, property };
}

bool
change_is_own(const struct change *change, const struct item *item)
{
    return memcmp(&item->instance, &change->setting->instance,
                  sizeof(item->instance)) == 0;
}

void
text_fit(char *to, size_t size, const char *from)
{
    size_t n = strnlen(from, size - 1);

    memcpy(to, from, n);
    to[n] = 0;
}

int
change_either(const struct change *change, const char *one_name,
               const char *one, const char *other_name, const char *other)
{
    if (one[0] && other[0]) {
        return change_deny(change, "%s and %s contradict each other: give"
                            " one of them", one_name, other_name);
    }
    return one[0] || other[0]
        ? XVS_SUCCESS : change_deny(change, "%s or %s is missing", one_name,
                                     other_name);
}

/* ---- XVS_Channel -------------------------------------------------------- */

void
channel_defaults(struct config *config)
{
    *config = (struct config) { .host = "localhost", .zone = "vm.internal",
                                .head_timeout = 10 * SECOND,
                                .dial_timeout = 5 * SECOND,
                                .max_clients = 8192 };
}

/* What is NULL stays as it is by default. */
static void
read_config(struct config *config, const struct xvs_view *view,
            const struct xvs_channel *wanted)
{
    if (xvs_present(view, XVS_CHANNEL_HOST)) {
        names_copy(config->host, sizeof(config->host),
                   xvs_ref_string(view, wanted->host));
    }
    if (xvs_present(view, XVS_CHANNEL_ZONE)) {
        names_copy(config->zone, sizeof(config->zone),
                   xvs_ref_string(view, wanted->zone));
    }
    if (xvs_present(view, XVS_CHANNEL_HEAD_TIMEOUT)) {
        config->head_timeout = wanted->head_timeout * SECOND;
    }
    if (xvs_present(view, XVS_CHANNEL_DIAL_TIMEOUT)) {
        config->dial_timeout = wanted->dial_timeout * SECOND;
    }
    if (xvs_present(view, XVS_CHANNEL_MAX_CLIENTS)) {
        config->max_clients = wanted->max_clients;
    }
}

int
setting_config(const struct change *change, const void *body)
{
    struct channel *self = change->self;
    struct config config;

    channel_defaults(&config);
    if (body) {
        read_config(&config, &change->setting->view, body);
    }
    if (!names_is_domain(config.host)) {
        return change_deny(change, "Host: '%.63s' is no host's name",
                            config.host);
    }
    if (!names_is_domain(config.zone)) {
        return change_deny(change, "Zone: '%.127s' is no domain's name,"
                            " such as vm.internal", config.zone);
    }
    if (change->setting->op != XVS_VALIDATE) {
        self->config = config;
        map_configure(self->map, config.host, config.zone);
    }
    return XVS_SUCCESS;
}

/* ---- All classes -------------------------------------------------------- */

/* What the plugin has for a class. */
struct kind {
    struct xvs_guid uuid;
    uint32_t size;              /* of its struct */
    uint16_t version;
    const char *(*check)(const struct xvs_view *view);
    int (*set)(const struct change *change, const void *body);
};

#define KIND(upper, lower, set) \
    { upper ## _UUID, upper ## _SIZE, upper ## _VERSION, lower ## _check, set }

static const struct kind kinds[] = {
    KIND(XVS_CHANNEL, xvs_channel, setting_config),
    KIND(XVS_CHANNEL_CLIENT, xvs_channel_client, setting_client),
    KIND(XVS_CHANNEL_RULE, xvs_channel_rule, setting_rule),
    KIND(XVS_CHANNEL_VM, xvs_channel_vm, setting_vm),
    KIND(XVS_CHANNEL_SERVICE, xvs_channel_service, setting_service),
    KIND(XVS_CHANNEL_PEER, xvs_channel_peer, setting_peer),
    KIND(XVS_CHANNEL_ROUTE, xvs_channel_route, setting_route),
    KIND(XVS_CHANNEL_DNS, xvs_channel_dns, setting_dns),
    KIND(XVS_CHANNEL_LISTENER, xvs_channel_listener, setting_listener),
};

static const struct kind *
find_kind(const struct xvs_guid *uuid)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (memcmp(&kinds[i].uuid, uuid, sizeof(*uuid)) == 0) {
            return &kinds[i];
        }
    }
    return NULL;
}

int
channel_setting(void *arg, const struct xvs_setting *setting,
                struct xvs_answer *answer)
{
    struct channel *self = arg;
    const struct change change = { self, setting, answer, self->active };
    const struct kind *kind = find_kind(&setting->uuid);
    const char *why;

    if (!kind) {
        return XVS_NOT_SUPPORTED;
    }
    self->serial += setting->op != XVS_VALIDATE;
    if (setting->op == XVS_DELETE) {
        return kind->set(&change, NULL);
    }
    if (setting->version >> 8 != kind->version >> 8
        || setting->view.size < kind->size) {
        return XVS_NOT_SUPPORTED;
    }
    why = kind->check(&setting->view);
    if (why) {
        return change_deny(&change, "%s", why);
    }
    return kind->set(&change, setting->view.body);
}
