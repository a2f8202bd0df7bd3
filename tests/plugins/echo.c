/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A service: sends back what comes over sockets that its settings grant.  It
 * also tries what it may not, and says in its status what it got.
 */

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <xvs/service.h>

#include "plugins/echo.h"

#define SETTINGS 8
#define DESCRIPTORS 256
#define PROPERTIES 5
#define MISSING (SETTINGS * PROPERTIES)

enum kind { NOTHING, LISTENER, STREAM, DATAGRAM };

/* A setting in force. */
struct one {
    int used;
    struct xvs_guid instance;
    int wanted[PROPERTIES];     /* its property has a value */
    int fds[PROPERTIES];        /* open; -1: not */
    int keeps;                  /* them, when it goes */
};

struct echo {
    const struct xvs_host *host;
    const struct xvs_sockets *sockets;
    struct one settings[SETTINGS];
    uint8_t kinds[DESCRIPTORS];
    int active;
    uint64_t bytes;
    uint32_t connections, open, in_ready, before_active;
    char reason[160];
};

static const uint32_t properties[PROPERTIES] = {
    TEST_ECHO_TCP, TEST_ECHO_UDP, TEST_ECHO_UNIX_, TEST_ECHO_PEER,
    TEST_ECHO_OUT };
static const uint8_t kinds[PROPERTIES] = { LISTENER, DATAGRAM, LISTENER,
                                           STREAM, STREAM };

static int
echo_init(const struct xvs_host *host, void **self)
{
    struct echo *echo = calloc(1, sizeof *echo);

    if (!echo) {
        return XVS_RESOURCES;
    }
    echo->host = host;
    echo->sockets = xvs_sockets(host);
    *self = echo;
    return XVS_SUCCESS;
}

static struct xvs_grant
grant_of(const struct one *one, int i)
{
    return (struct xvs_grant) {
        .size = sizeof(struct xvs_grant), .property = properties[i],
        .uuid = TEST_ECHO_UUID, .instance = one->instance };
}

static int
open_grant(struct echo *echo, const struct one *one, int i, int *fd)
{
    struct xvs_grant grant = grant_of(one, i);
    int result = echo->sockets->open(echo->host, &grant, fd);

    memcpy(echo->reason, grant.reason, sizeof grant.reason);
    return result;
}

static void
let_go(struct echo *echo, int fd)
{
    echo->sockets->watch(echo->host, fd, 0);
    echo->open -= echo->kinds[fd] == STREAM;
    echo->kinds[fd] = NOTHING;
    close(fd);
}

static void
take(struct echo *echo, int fd, enum kind kind)
{
    if (fd >= DESCRIPTORS) {
        close(fd);
        return;
    }
    echo->kinds[fd] = (uint8_t) kind;
    echo->open += kind == STREAM;
    echo->sockets->watch(echo->host, fd, XVS_READABLE);
}

/* One of those that are to be opened. */
struct missing {
    struct xvs_grant grant;
    int *fd;                    /* where it goes */
    int property;
};

static uint32_t
find_missing(struct echo *echo, struct missing missing[MISSING])
{
    uint32_t n = 0;

    for (struct one *one = echo->settings; one < echo->settings + SETTINGS;
         one++) {
        for (int i = 0; one->used && i < PROPERTIES; i++) {
            if (one->wanted[i] && one->fds[i] < 0) {
                missing[n++] = (struct missing) {
                    grant_of(one, i), &one->fds[i], i };
            }
        }
    }
    return n;
}

/* Opens all that is not open, with one question; what fails is tried again. */
static void
open_all(struct echo *echo)
{
    struct missing missing[MISSING];
    struct xvs_opening openings[MISSING];
    uint32_t n = find_missing(echo, missing);
    int again = 0;

    for (uint32_t i = 0; i < n; i++) {
        openings[i].grant = &missing[i].grant;
    }
    xvs_open_many(echo->sockets, echo->host, openings, n);
    for (uint32_t i = 0; i < n; i++) {
        int fd = openings[i].fd, property = missing[i].property;

        memcpy(echo->reason, missing[i].grant.reason, sizeof echo->reason);
        if (openings[i].result != XVS_SUCCESS) {
            again = 1;
            continue;
        }
        *missing[i].fd = fd;
        take(echo, fd, kinds[property]);
        if (property == 3 && send(fd, "hello\n", 6, MSG_NOSIGNAL) != 6) {
            again = 1;
        }
    }
    echo->host->timer(echo->host, again ? 100 : 0);
}

/* Who waits there is the successor's. */
static void
close_listeners(struct echo *echo)
{
    for (struct one *one = echo->settings; one < echo->settings + SETTINGS;
         one++) {
        for (int i = 0; one->used && i < PROPERTIES; i++) {
            if (kinds[i] != STREAM && one->fds[i] >= 0) {
                let_go(echo, one->fds[i]);
                one->fds[i] = -1;
            }
        }
    }
}

static int
echo_state(void *self, enum xvs_state state)
{
    struct echo *echo = self;

    echo->active = state == XVS_ACTIVATE;
    if (echo->active) {
        open_all(echo);
    } else {
        close_listeners(echo);
    }
    return XVS_SUCCESS;
}

static void
echo_timer(void *self)
{
    struct echo *echo = self;

    if (echo->active) {
        open_all(echo);
    }
}

static void
drop(struct echo *echo, struct one *one)
{
    for (int i = 0; i < PROPERTIES; i++) {
        if (one->fds[i] >= 0 && !(one->keeps && kinds[i] != LISTENER)) {
            let_go(echo, one->fds[i]);
        }
    }
    one->used = 0;
}

static struct one *
find(struct echo *echo, const struct xvs_guid *instance)
{
    struct one *unused = NULL;

    for (struct one *one = echo->settings; one < echo->settings + SETTINGS;
         one++) {
        if (one->used
            && memcmp(&one->instance, instance, sizeof *instance) == 0) {
            return one;
        }
        unused = one->used ? unused : one;
    }
    return unused;
}

static int
echo_setting(void *self, const struct xvs_setting *setting,
             struct xvs_answer *answer)
{
    struct echo *echo = self;
    const struct test_echo *wanted;
    struct one *one = find(echo, &setting->instance);

    if (setting->op == XVS_VALIDATE || !one) {
        return XVS_SUCCESS;
    }
    if (one->used) {
        drop(echo, one);
    }
    if (setting->op == XVS_DELETE) {
        return XVS_SUCCESS;
    }
    wanted = test_echo_get(setting);
    if (!wanted) {
        return XVS_INVALID_PARAMETER;
    }
    if (strcmp(xvs_ref_string(&setting->view, wanted->fault), "refuse")
        == 0) {
        return echo->host->refuse(answer, XVS_NOT_ACCEPTED, "as you wish");
    }
    memset(one, 0, sizeof *one);
    one->used = 1;
    one->instance = setting->instance;
    one->keeps = strcmp(xvs_ref_string(&setting->view, wanted->fault), "keep")
        == 0;
    for (int i = 0; i < PROPERTIES; i++) {
        one->wanted[i] = xvs_present(&setting->view, properties[i]);
        one->fds[i] = -1;
    }
    if (echo->active) {
        open_all(echo);
    } else if (one->wanted[0]) {
        int fd;

        echo->before_active = (uint32_t) open_grant(echo, one, 0, &fd);
    }
    return XVS_SUCCESS;
}

/* ---- Its loop ----------------------------------------------------------- */

static volatile int endless = 1;

/* What somebody may send. */
static void
fault(const char *bytes, ssize_t n)
{
    while (n == 5 && memcmp(bytes, "hang\n", 5) == 0 && endless) {
    }
    if (n == 6 && memcmp(bytes, "crash\n", 6) == 0) {
        abort();
    }
}

static void
serve(struct echo *echo, int fd)
{
    struct sockaddr_storage from;
    socklen_t size = sizeof from;
    char bytes[4096];
    ssize_t n = recvfrom(fd, bytes, sizeof bytes, 0, (void *) &from, &size);
    int named = echo->kinds[fd] == DATAGRAM;

    fault(bytes, n);
    if (n > 0) {
        echo->bytes += (uint64_t) n;
        sendto(fd, bytes, (size_t) n, MSG_NOSIGNAL,
               named ? (void *) &from : NULL, named ? size : 0);
    } else if (!named && (n == 0 || errno != EAGAIN)) {
        let_go(echo, fd);
    }
}

static void
echo_ready(void *self, int fd, uint32_t events)
{
    struct echo *echo = self;
    int other;

    (void) events;
    if (echo->kinds[fd] == LISTENER) {
        other = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (other >= 0) {
            echo->connections++;
            take(echo, other, STREAM);
        }
        echo->in_ready =
            (uint32_t) open_grant(echo, &echo->settings[0], 0, &other);
    } else {
        serve(echo, fd);
    }
}

/* ---- What it got -------------------------------------------------------- */

static uint32_t
got(ssize_t result)
{
    return result < 0 ? (uint32_t) errno : 0;
}

static void
try_all(struct test_echo_status *status)
{
    const struct sockaddr_in to = { .sin_family = AF_INET,
                                    .sin_port = 0x0900,
                                    .sin_addr.s_addr = 0x0100007f };
    const void *address = &to;

    status->socket = got(socket(AF_INET, SOCK_STREAM, 0));
    status->connect = got(connect(5, address, sizeof to));
    status->send_to = got(sendto(5, "x", 1, MSG_NOSIGNAL, address,
                                 sizeof to));
    status->bind = got(bind(5, address, sizeof to));
}

static int
echo_status(void *self, const struct xvs_query *query,
            struct xvs_answer *answer)
{
    struct echo *echo = self;
    struct test_echo_status_writer writer;
    _Alignas(8) char memory[512];
    struct test_echo_status *status =
        test_echo_status_start(&writer, memory, sizeof memory);

    try_all(status);
    status->bytes = echo->bytes;
    status->connections = echo->connections;
    status->open = echo->open;
    status->in_ready = echo->in_ready;
    status->before_active = echo->before_active;
    test_echo_status_set_reason(&writer, echo->reason);
    return test_echo_status_answer(&writer, echo->host, answer,
                                   &query->instance);
}

static const struct xvs_feature features[] = XVS_FEATURES;

XVS_EXTENSION = {
    XVS_EXTENSION_HEAD,
    .mandatory = XVS_HOOK_TRAITS | XVS_HOOK_READY,
    .id = { 0x7e570020, 0x0000, 0x4000, { 0x80 } },
    .extension_class = XVS_CLASS_SERVICE,
    .on_failure = XVS_FAIL_OPEN,
    .traits = XVS_TRAIT_SOCKETS,
    .name = "echo",
    .features = features,
    .n_features = sizeof features / sizeof features[0],
    .init = echo_init,
    .fini = free,
    .state = echo_state,
    .setting = echo_setting,
    .status = echo_status,
    .timer = echo_timer,
    .ready = echo_ready,
};
