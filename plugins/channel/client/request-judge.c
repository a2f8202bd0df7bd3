/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Whether somebody gets what he asks for, and which VM that is; see request.h.
 * Names that do not concern him he does not learn of.
 */

#include "client/request-inside.h"

#include <stdio.h>
#include <string.h>

static bool
is_known(struct request *request, const struct ask *ask)
{
    if (!rules_identify(request->proxy->host->rules, &ask->shown,
                        &request->who)) {
        return false;
    }
    return !*ask->user || strcmp(ask->user, request->who.name) == 0;
}

/* Whether a VM of the name that was asked for would be allowed. */
static bool
may_know(const struct request *request, const struct ask *ask)
{
    const struct proxy_host *host = request->proxy->host;
    struct map_vm would = { .link = NULL };

    map_label(host->map, ask->name, strlen(ask->name), would.name);
    return rules_allow(host->rules, &request->who, &would, ask->port);
}

/* Who may not reach a VM of that name is told the same whether there is one or
 * not, so that nobody finds out names that do not concern him. */
static void
refuse_name(struct request *request, const struct ask *ask, const char *why)
{
    if (may_know(request, ask)) {
        request_refuse_saying(request, 404, "there is no VM of that name",
                              why);
    } else if (*request->who.name) {
        request_refuse_saying(request, 403, "no rule allows it", why);
    } else {
        request_refuse_saying(request, 407, "no rule allows it to somebody"
                                            " unknown", why);
    }
}

/* It is of no use; 'vm' is the one that was found. */
static void
refuse_found(struct request *request, const struct ask *ask,
             const struct map_vm *vm, const char *why)
{
    request->vm = NULL;
    if (rules_allow(request->proxy->host->rules, &request->who, vm,
                    ask->port)) {
        request_refuse(request, 404, why);
    } else {
        refuse_name(request, ask, why);
    }
}

/* Somebody who speaks for another one, if he may; or it is refused. */
static bool
speaks(struct request *request, const struct ask *ask)
{
    const struct listener_config *config = &request->listener->config;
    struct identity *who = &request->who;
    size_t n = strlen(who->address);

    if (!ask->client || !*ask->client) {
        return true;
    }
    if (!config->tls && !config->local) {
        request_refuse(request, 403, "who speaks for another one has to use"
                                     " TLS");
        return false;
    }
    if (!rules_vouch(request->proxy->host->rules, ask->client, who)) {
        request_refuse(request, 403, *who->name
                       ? "it may not speak for that client, or there is none"
                       : "who speaks for that client is not known");
        return false;
    }
    snprintf(who->address + n, sizeof(who->address) - n, ", by %s",
             who->voucher);
    return true;
}

/* Where it is; or it is refused. */
static bool
find(struct request *request, const struct ask *ask)
{
    const struct proxy_host *host = request->proxy->host;

    switch (map_find(host->map, ask->name, strlen(ask->name),
                     loop_now(request->proxy->loop), &request->vm)) {
    case MAP_FOUND:
        return true;
    case MAP_EXPIRED:
        refuse_found(request, ask, request->vm, "the VM's registration has"
                                                " expired");
        return false;
    case MAP_AMBIGUOUS:
        refuse_found(request, ask, request->vm, "two hosts have a VM of that"
                                                " name; say the host, too");
        return false;
    default:
        request->vm = NULL;
        refuse_name(request, ask, "there is no VM of that name");
        return false;
    }
}

static bool
may(struct request *request, const struct ask *ask)
{
    switch (rules_judge(request->proxy->host->rules, &request->who,
                        request->vm, request->port, &request->permit)) {
    case VERDICT_ALLOWED:
        return request->permitted = true;
    case VERDICT_FULL:
        request_refuse(request, 429, "the rule allows no more connections"
                                     " now");
        return false;
    default:
        refuse_name(request, ask, *request->who.name
                    ? "no rule allows it"
                    : "no rule allows it to somebody unknown");
        return false;
    }
}

bool
request_judge(struct request *request, const struct ask *ask)
{
    if (ask->looped) {
        request_refuse(request, 508, "the request has been here before");
        return false;
    }
    if (ask->over) {
        request_refuse(request, ask->over, ask->over == 429
                       ? "there are too many clients"
                       : "there are no descriptors for more clients");
        return false;
    }
    if (!is_known(request, ask)) {
        request->who.name[0] = 0;
        request_refuse(request, ask->client && *ask->client ? 403 : 407,
                       "these credentials are nobody's");
        return false;
    }
    return speaks(request, ask) && find(request, ask) && may(request, ask);
}
