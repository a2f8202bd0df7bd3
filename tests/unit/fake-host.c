/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The management interface in front of the fake service, as a program, so
 * that scripts and other clients can talk to it:
 *
 *     fake-host SOCKET [ADDRESS PASSWORD-FILE [CERTIFICATE KEY [CLIENT-CA]]]
 *
 * Sizes come from the environment: FAKE_ITEMS, FAKE_MANY, FAKE_BROKEN,
 * FAKE_IDLE (seconds), FAKE_CONNECTIONS.  Prints the TCP port when it is
 * ready; ends with SIGTERM.
 */

#include <config.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/log.h"
#include "base/loop.h"
#include "manage/manage.h"
#include "unit/fake-service.h"

static unsigned int
number(const char *name, unsigned int otherwise)
{
    const char *text = getenv(name);

    return text ? (unsigned int) strtoul(text, NULL, 10) : otherwise;
}

static void
stop(void *arg)
{
    loop_stop(arg);
}

int
main(int argc, char **argv)
{
    struct manage_options options = {
        .socket_path = argc > 1 ? argv[1] : NULL,
        .listen = argc > 2 ? argv[2] : NULL,
        .password_file = argc > 3 ? argv[3] : NULL,
        .certificate = argc > 5 ? argv[4] : NULL,
        .key = argc > 5 ? argv[5] : NULL,
        .client_ca = argc > 6 ? argv[6] : NULL,
        .idle_timeout_s = number("FAKE_IDLE", 0),
        .max_connections = number("FAKE_CONNECTIONS", 0),
    };
    struct error error;
    struct loop *loop = loop_create(&error);
    struct service *service;
    struct manage *manage;

    log_open("fake-host", LOG_LEVEL_INFO);
    if (!loop) {
        return 1;
    }
    fake_knobs.n_many = number("FAKE_MANY", 100000);
    fake_knobs.n_before_error = number("FAKE_BROKEN", 3);
    service = fake_service(loop, number("FAKE_ITEMS", 10));
    fake_event(service, "started");
    manage = manage_create(loop, service, &options, &error);
    if (!manage || !loop_signal(loop, SIGTERM, stop, loop, &error)) {
        log_error_at(LOG_LEVEL_ERROR, &error);
        return 1;
    }
    printf("%u\n", manage_port(manage));
    fflush(stdout);
    loop_run(loop);
    manage_destroy(manage);
    service_destroy(service);
    loop_destroy(loop);
    return 0;
}
