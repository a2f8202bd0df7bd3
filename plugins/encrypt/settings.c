/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Settings: judging and taking over.  What is refused names the property and
 * what was expected, never a secret.
 */
#include "encrypt.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "xvs_encrypt.h"

/* A setting while it is judged. */
struct request {
    struct encrypt *self;
    const struct xvs_setting *setting;
    struct xvs_answer *answer;
};

__attribute__((format(printf, 2, 3)))
static int
deny(const struct request *request, const char *format, ...)
{
    const struct xvs_host *host = request->self->host;
    char text[200];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    return host->refuse(request->answer, XVS_NOT_ACCEPTED, text);
}

/* ---- Keys --------------------------------------------------------------- */

/* Reads and judges a key; XVS_SUCCESS when it can be taken. */
static int
judge_key(const struct request *request, struct seal_key *key)
{
    const struct xvs_view *view = &request->setting->view;
    const struct xvs_encryption_key *wanted = view->body;
    const struct encrypt *self = request->self;
    const struct encrypt_given *same =
        encrypt_given(request->self, &request->setting->instance), *other;

    if (!xvs_present(view, XVS_ENCRYPTION_KEY_KEY_ID) || !wanted->key_id) {
        return deny(request, "KeyId: must be given, 1 to 255");
    }
    if (!xvs_present(view, XVS_ENCRYPTION_KEY_KEY)
        || !encrypt_read_key(xvs_encryption_key_key(view, wanted),
                             key->secret)) {
        return deny(request, "Key: expected 64 hexadecimal digits");
    }
    key->id = wanted->key_id;
    other = encrypt_numbered(request->self, key->id);
    if (other && other != same) {
        return deny(request, "KeyId: %u: there is a key of that number "
                    "already", key->id);
    }
    if (!same && self->n_given == ENCRYPT_KEYS) {
        return deny(request, "a switch has %u keys at most", ENCRYPT_KEYS);
    }
    return XVS_SUCCESS;
}

/* A key is new when its secret is. */
static int
put_key(const struct request *request, struct seal_key *key)
{
    struct encrypt *self = request->self;
    struct encrypt_given *given =
        encrypt_given(self, &request->setting->instance);
    struct encrypt_given old = { .key = { .id = 0 } };
    bool is_new = !given;
    int result;

    if (is_new) {
        given = &self->given[self->n_given++];
    } else {
        old = *given;
    }
    key->serial = is_new || memcmp(old.key.secret, key->secret, SEAL_SECRET)
        ? ++self->n_serials : old.key.serial;
    given->instance = request->setting->instance;
    given->key = *key;
    result = encrypt_publish(self);
    if (result != XVS_SUCCESS && is_new) {
        encrypt_forget(self, given);
    } else if (result != XVS_SUCCESS) {
        *given = old;
    }
    explicit_bzero(&old, sizeof(old));
    return result;
}

static int
remove_key(const struct request *request)
{
    struct encrypt *self = request->self;
    struct encrypt_given *given =
        encrypt_given(self, &request->setting->instance);

    if (given) {
        encrypt_forget(self, given);
        return encrypt_publish(self);
    }
    return XVS_SUCCESS;
}

static int
take_key(const struct request *request)
{
    struct seal_key key = { .id = 0 };
    int result;

    if (request->setting->op == XVS_DELETE) {
        return remove_key(request);
    }
    result = judge_key(request, &key);
    if (result == XVS_SUCCESS && request->setting->op != XVS_VALIDATE) {
        result = put_key(request, &key);
    }
    explicit_bzero(&key, sizeof(key));
    return result;
}

/* ---- Of the switch ------------------------------------------------------ */

static void
read_plan(const struct xvs_view *view, struct encrypt_set *plan)
{
    const struct xvs_encryption_settings *wanted = view->body;

    if (xvs_present(view, XVS_ENCRYPTION_SETTINGS_SEND_KEY)) {
        plan->send_key = wanted->send_key;
    }
    if (xvs_present(view, XVS_ENCRYPTION_SETTINGS_REQUIRE_ENCRYPTED)) {
        plan->require = wanted->require_encrypted;
    }
    if (xvs_present(view, XVS_ENCRYPTION_SETTINGS_NETWORK_MTU)) {
        plan->network_mtu = wanted->network_mtu;
    }
    if (xvs_present(view, XVS_ENCRYPTION_SETTINGS_CLAMP_MSS)) {
        plan->clamp = wanted->clamp_mss;
    }
    if (xvs_present(view, XVS_ENCRYPTION_SETTINGS_ETHER_TYPE)) {
        plan->ethertype = wanted->ether_type;
    }
}

static int
judge_plan(const struct request *request, const struct encrypt_set *plan)
{
    if (plan->network_mtu && plan->network_mtu < 600) {
        return deny(request, "NetworkMtu: %u: expected 0 (no limit) or 600 "
                    "to 2000", plan->network_mtu);
    }
    switch (plan->ethertype) {
    case 0x0800: case 0x0806: case 0x86dd: case 0x8100: case 0x88a8:
        return deny(request, "EtherType: %u is that of IP, ARP or VLAN tags",
                    plan->ethertype);
    default:
        return XVS_SUCCESS;
    }
}

static int
take_plan(const struct request *request)
{
    struct encrypt *self = request->self;
    struct encrypt_set old = self->plan, plan = encrypt_defaults;
    int result = XVS_SUCCESS;

    if (request->setting->op != XVS_DELETE) {
        read_plan(&request->setting->view, &plan);
        result = judge_plan(request, &plan);
    }
    if (result != XVS_SUCCESS || request->setting->op == XVS_VALIDATE) {
        return result;
    }
    self->plan = plan;
    result = encrypt_publish(self);
    if (result != XVS_SUCCESS) {
        self->plan = old;
    }
    return result;
}

int
encrypt_setting(void *arg, const struct xvs_setting *setting,
                struct xvs_answer *answer)
{
    static const struct xvs_guid of_key = XVS_ENCRYPTION_KEY_UUID;
    struct encrypt *self = arg;
    struct request request = { self, setting, answer };
    bool is_key = memcmp(&setting->uuid, &of_key, sizeof(of_key)) == 0;
    int result;

    if (setting->op != XVS_DELETE
        && !(is_key ? (const void *) xvs_encryption_key_get(setting)
                    : (const void *) xvs_encryption_settings_get(setting))) {
        return XVS_NOT_SUPPORTED;
    }
    result = is_key ? take_key(&request) : take_plan(&request);
    if (result == XVS_SUCCESS && setting->op != XVS_VALIDATE) {
        encrypt_warn(self);
    }
    return result;
}
