/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A service: whoever connects to the address that an admin names is told a
 * line.  It sees no packets, and runs in a process that can make no socket:
 * the host opens those that a setting grants (xvs/service.h).
 *
 * Hooks run one at a time, and none waits: the timer tries again what fails.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <xvs/service.h>

#include "sample_greeter.h"

#define AGAIN 1000              /* milliseconds until the next attempt */

struct greeter {
    const struct xvs_host *host;
    struct xvs_guid setting;    /* the one in force */
    char line[256];             /* what it says; "": there is none */
    char problem[160];          /* why nobody can connect, or "" */
    int is_active;              /* not standing by, and not paused */
    int listener;               /* -1: none */
    uint64_t visits;
};

static int
init(const struct xvs_host *host, void **self)
{
    struct greeter *greeter = calloc(1, sizeof(*greeter));

    if (!greeter) {
        return XVS_RESOURCES;
    }
    greeter->host = host;
    greeter->listener = -1;
    *self = greeter;
    return XVS_SUCCESS;
}

/* Listens, or does not, as is wanted now; the timer calls it, too. */
static void
listen_or_not(void *self)
{
    struct greeter *greeter = self;
    const struct xvs_sockets *sockets = xvs_sockets(greeter->host);
    struct xvs_grant grant = {
        .size = sizeof(grant), .property = SAMPLE_GREETING_ADDRESS,
        .uuid = SAMPLE_GREETING_UUID, .instance = greeter->setting };
    int wanted = greeter->is_active && greeter->line[0];

    if (greeter->listener >= 0) {
        sockets->watch(greeter->host, greeter->listener, 0);
        close(greeter->listener);
        greeter->listener = -1;
    }
    if (wanted && sockets->open(greeter->host, &grant, &greeter->listener)
        == XVS_SUCCESS) {
        sockets->watch(greeter->host, greeter->listener, XVS_READABLE);
        wanted = 0;
    }
    memcpy(greeter->problem, grant.reason, sizeof(greeter->problem));
    greeter->host->timer(greeter->host, wanted ? AGAIN : 0);
}

/* The standby hears XVS_ACTIVATE only when it takes over. */
static int
state(void *self, enum xvs_state state)
{
    struct greeter *greeter = self;

    greeter->is_active = state == XVS_ACTIVATE;
    listen_or_not(greeter);
    return XVS_SUCCESS;
}

static int
setting(void *self, const struct xvs_setting *setting,
        struct xvs_answer *answer)
{
    struct greeter *greeter = self;
    const struct sample_greeting *values = sample_greeting_get(setting);
    const char *line = values
        ? sample_greeting_line(&setting->view, values) : "";

    if (setting->op != XVS_DELETE && !values) {
        return XVS_NOT_SUPPORTED;
    }
    if (setting->op != XVS_DELETE && !line[0]) {
        return greeter->host->refuse(answer, XVS_NOT_ACCEPTED,
                                     "Line: there is nothing to say");
    }
    if (setting->op != XVS_VALIDATE) {
        strncpy(greeter->line, line, sizeof(greeter->line) - 1);
        greeter->setting = setting->instance;
        listen_or_not(greeter);
    }
    return XVS_SUCCESS;
}

/* Somebody is there.  So little fits into the buffer of a new connection. */
static void
ready(void *self, int fd, uint32_t events)
{
    struct greeter *greeter = self;
    int visitor = accept(fd, NULL, NULL);

    (void) events;
    if (visitor >= 0) {
        send(visitor, greeter->line, strlen(greeter->line),
             MSG_NOSIGNAL | MSG_DONTWAIT);
        close(visitor);
        greeter->visits++;
    }
}

static int
status(void *self, const struct xvs_query *query, struct xvs_answer *answer)
{
    struct greeter *greeter = self;
    struct sample_visits_writer writer;
    char memory[512] __attribute__((aligned(8)));
    struct sample_visits *values =
        sample_visits_start(&writer, memory, sizeof(memory));

    values->visits = greeter->visits;
    sample_visits_set_problem(&writer, greeter->problem);
    return sample_visits_answer(&writer, greeter->host, answer, &query->uuid);
}

static const struct xvs_feature features[] = XVS_FEATURES;
XVS_EXTENSION = {
    XVS_EXTENSION_HEAD,
    .mandatory = XVS_HOOK_TRAITS | XVS_HOOK_READY,
    .id = { 0x2810aabd, 0xdebc, 0x48d0,
            { 0x8f, 0xee, 0x55, 0xf5, 0xff, 0x29, 0xf5, 0x70 } },
    .extension_class = XVS_CLASS_SERVICE, .on_failure = XVS_FAIL_OPEN,
    .version = 0x0100, .name = "greeter", .vendor = "Example",
    .description = "Tells a line to whoever connects.",
    .features = features,
    .n_features = sizeof(features) / sizeof(features[0]),
    .init = init, .fini = free, .state = state,
    .setting = setting, .status = status,
    .timer = listen_or_not,
    .traits = XVS_TRAIT_SOCKETS,
    .ready = ready,
};
