/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The client of the management channel: one loop, which serves standard input
 * and output, listeners, or both.
 */

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "listener.h"
#include "move/loop.h"
#include "opening.h"
#include "options.h"
#include "move/relay.h"
#include "move/side.h"
#include "std-side.h"
#include "tls-client.h"
#include "tls/tls.h"
#include "visit.h"

/* What it ends with. */
struct finish {
    bool now;
    enum outcome_code code;
};

static void
finish(void *arg, enum outcome_code code)
{
    struct finish *end = arg;

    *end = (struct finish) { .now = true, .code = code };
}

/* As many descriptors as there may be: each conversation has two. */
static void
raise_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static void
wait_and_run(struct loop *loop)
{
    struct pollfd ready = { .fd = loop_descriptor(loop), .events = POLLIN };

    if (poll(&ready, 1, -1) > 0) {
        loop_run(loop);
    }
}

static enum outcome_code
serve(const struct client *client)
{
    const struct options *options = client->options;
    struct listener **all = calloc(options->n_listening + 1, sizeof(*all));
    struct finish end = { .now = false };
    struct side *std;

    for (size_t i = 0; all && i < options->n_listening && !end.now; i++) {
        all[i] = listener_create(client, &options->listening[i]);
        if (!all[i]) {
            finish(&end, OUTCOME_FAILED);
        }
    }
    if (!end.now && options->target.vm[0]) {
        std = std_side_create(client->loop);
        if (!std || !visit_begin(client, std, &options->target, finish,
                                 &end)) {
            finish(&end, OUTCOME_FAILED);
        }
    }
    while (all && !end.now) {
        wait_and_run(client->loop);
    }
    for (size_t i = 0; all && i < options->n_listening; i++) {
        listener_destroy(all[i]);
    }
    free(all);
    return end.code;
}

static enum outcome_code
run(const struct options *options)
{
    struct client client = { .options = options, .loop = loop_create() };
    enum outcome_code code = OUTCOME_FAILED;
    char why[300];

    if (!client.loop) {
        fputs("xvs-connect: no memory or descriptors for a loop\n", stderr);
        return OUTCOME_FAILED;
    }
    if (options->tls) {
        client.tls = tls_client_create(options, why);
        if (!client.tls) {
            fprintf(stderr, "xvs-connect: %s\n", why);
            code = OUTCOME_TLS;
        }
    }
    if (client.tls || !options->tls) {
        code = serve(&client);
    }
    relay_clean();
    tls_clean();
    tls_keys_destroy(client.tls);
    loop_destroy(client.loop);
    return code;
}

int
main(int argc, char **argv)
{
    struct options options;
    int status;

    signal(SIGPIPE, SIG_IGN);
    raise_limit();
    if (options_read(&options, argc, argv, &status)) {
        status = (int) run(&options);
    }
    options_clear(&options);
    return status;
}
