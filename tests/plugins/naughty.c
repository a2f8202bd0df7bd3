/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Breaks the rule that the environment names by its number, to see that
 * xvs-exttest finds it; without one it keeps all of them.  Built as a filter
 * and as a capture, and as one that forgets a class of its schema.
 */

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "naughty.h"

#ifndef CLASS
#define CLASS XVS_CLASS_FILTER
#endif
#ifndef N_FEATURES
#define N_FEATURES 2
#endif

enum { GOOD, CHANGES, PAYLOAD, EGRESS, KEEPS, REDIRECTS, RESIZES, VALIDATES,
       DELETES_NOTHING, SILENT, LEAKS, LEAKS_FD, LEAKS_THREAD, FREES_EARLY,
       VERSION, SHORT, RESULT, EXITS, STATIC, ODD_STATUS, PORTLESS,
       ALONE };

static int naughty_rule;        /* that is broken */

struct naughty {
    const struct xvs_host *host;
    uint32_t level;             /* in force */
    uint32_t *published;        /* read by packet hooks */
    uint32_t n_ports;
    int alone;                  /* what there can be only one of; or -1 */
};

static uint8_t *volatile kept;
static int n_lives;

__attribute__((constructor)) static void
read_rule(void)
{
    const char *text = getenv("NAUGHTY");

    naughty_rule = text ? atoi(text) : GOOD;
}

static void *
sleep_on(void *arg)
{
    (void) arg;
    for (;;) {
        pause();
    }
    return NULL;
}

/* Something that its successor cannot have as long as it lives. */
static int
take_alone(void)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    snprintf(address.sun_path + 1, sizeof address.sun_path - 1, "naughty-%d",
             (int) getpid());
    if (fd >= 0 && bind(fd, (void *) &address, sizeof address) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

static int
init(const struct xvs_host *host, void **self)
{
    struct naughty *naughty = calloc(1, sizeof *naughty);
    pthread_t thread;

    if (!naughty || (naughty_rule == STATIC && n_lives++)) {
        free(naughty);
        return XVS_RESOURCES;
    }
    naughty->alone = naughty_rule == ALONE ? take_alone() : -1;
    if (naughty_rule == ALONE && naughty->alone < 0) {
        free(naughty);
        return XVS_RESOURCES;
    }
    naughty->host = host;
    naughty->published = calloc(1, 4096);
    *self = naughty;
    if (naughty_rule == LEAKS) {
        kept = malloc(64);
    }
    if (naughty_rule == LEAKS_FD) {
        n_lives = open("/dev/null", O_RDONLY | O_CLOEXEC);
    }
    if (naughty_rule == LEAKS_THREAD) {
        pthread_create(&thread, NULL, sleep_on, NULL);
    }
    if (naughty_rule == KEEPS) {
        host->timer(host, 20);
    }
    return XVS_SUCCESS;
}

static void
fini(void *self)
{
    struct naughty *naughty = self;

    if (naughty->alone >= 0) {
        close(naughty->alone);
    }
    free(naughty->published);
    free(naughty);
}

static int
port_event(void *self, enum xvs_port_event event, const struct xvs_port *port)
{
    struct naughty *naughty = self;

    if (!port->is_validation) {
        naughty->n_ports += event == XVS_PORT_CREATED;
        naughty->n_ports -= event == XVS_PORT_DELETED;
    }
    if (naughty_rule == PORTLESS && naughty->n_ports == 0) {
        abort();
    }
    return XVS_SUCCESS;
}

static int
setting(void *self, const struct xvs_setting *what, struct xvs_answer *answer)
{
    struct naughty *naughty = self;
    const struct test_naughty *values = test_naughty_get(what);
    uint32_t *fresh;

    if (what->op == XVS_DELETE) {
        naughty->level = naughty_rule == DELETES_NOTHING ? naughty->level : 0;
        return XVS_SUCCESS;
    }
    if (naughty_rule == VERSION || naughty_rule == SHORT) {
        values = what->view.body;
        if ((naughty_rule == VERSION && !what->view.size)
            || (naughty_rule == SHORT && what->version >> 8 != 1)) {
            values = NULL;
        }
    }
    if (!values || (naughty_rule == VERSION && what->view.size < sizeof *values)) {
        return XVS_NOT_SUPPORTED;
    }
    if (naughty_rule == RESULT && values->level == 100) {
        return 77;
    }
    if (naughty_rule == EXITS && values->level == 100) {
        exit(0);
    }
    if (values->level == 99) {
        return naughty_rule == SILENT ? XVS_NOT_ACCEPTED
            : naughty->host->refuse(answer, XVS_NOT_ACCEPTED,
                                    "Level: 99 is unlucky");
    }
    if (what->op == XVS_VALIDATE && naughty_rule != VALIDATES) {
        return XVS_SUCCESS;
    }
    naughty->level = values->level;
    fresh = calloc(1, 4096);
    if (fresh) {
        *fresh = values->level;
        fresh = xvs_publish(naughty->published, fresh);
        if (naughty_rule == FREES_EARLY) {
            memset(fresh, 0xee, 4096);      /* as free() and others may */
        } else {
            naughty->host->retire(naughty->host, fresh, free);
        }
    }
    return XVS_SUCCESS;
}

static int
status(void *self, const struct xvs_query *query, struct xvs_answer *answer)
{
    struct naughty *naughty = self;
    struct test_naughty_status_writer writer;
    struct test_naughty_status *values, memory;

    if (!test_naughty_status_is(query)) {
        return XVS_NOT_SUPPORTED;
    }
    values = test_naughty_status_start(&writer, &memory, sizeof memory);
    values->level = naughty_rule == ODD_STATUS ? naughty->level++ : naughty->level;
    return test_naughty_status_answer(&writer, naughty->host, answer,
                                      &query->uuid);
}

static void
timer(void *self)
{
    (void) self;
    if (naughty_rule == KEEPS && kept) {
        kept[14]++;
    }
}

static void
spoil(struct naughty *naughty, struct xvs_packet *packet)
{
    const uint32_t *published = xvs_read(naughty->published);

    if (naughty_rule == CHANGES && packet->length > 20) {
        packet->data[20] ^= 1;
    }
    if (naughty_rule == PAYLOAD && packet->length > 200) {
        packet->data[200] ^= 1;
    }
    if (naughty_rule == REDIRECTS) {
        packet->out_port = 12;
    }
    if (naughty_rule == RESIZES) {
        packet->length--;
        packet->total--;
    }
    if (naughty_rule == KEEPS) {
        kept = packet->data;
    }
    for (int i = 0; naughty_rule == FREES_EARLY && i < 100000; i++) {
        if (*(const volatile uint32_t *) published > 200) {
            abort();
        }
    }
}

static void
ingress(void *self, struct xvs_burst *burst)
{
    for (uint32_t i = 0; i < burst->n; i++) {
        spoil(self, burst->packets[i]);
    }
}

static void
egress(void *self, struct xvs_burst *burst)
{
    (void) self;
    for (uint32_t i = 0; i < burst->n; i++) {
        if (naughty_rule == EGRESS && burst->packets[i]->length > 20) {
            burst->packets[i]->data[20] ^= 1;
        }
    }
}

static const struct xvs_feature features[] = XVS_FEATURES;

XVS_EXTENSION = {
    XVS_EXTENSION_HEAD,
    .version = 0x0100,
    .id = { 0x7e570050, 0x0000, 0x4000, { 0x80 } },
    .extension_class = CLASS,
    .on_failure = XVS_FAIL_OPEN,
    .name = "naughty",
    .vendor = "xvs tests",
    .description = "Breaks one rule",
    .features = features,
    .n_features = N_FEATURES,
    .init = init,
    .fini = fini,
    .port = port_event,
    .setting = setting,
    .status = status,
    .timer = timer,
    .ingress = ingress,
    .egress = egress,
};
