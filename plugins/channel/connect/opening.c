/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Steps of an opening; each begins where the one before it ended:
 *
 *     look up --> connect --> CONNECT --> answer --> ended()
 *        ^                                  | 421
 *        +----------------------------------+ once
 */

#include "opening.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "move/side.h"
#include "tls/tls.h"

#define SECOND UINT64_C(1000000000)
#define RETRY (SECOND / 50)

static void connect_next(struct opening *self);

static struct opening *
of_watch(struct watch *watch)
{
    return (struct opening *) (void *)
        ((char *) watch - offsetof(struct opening, watch));
}

/* ---- The end ------------------------------------------------------------ */

static void
clear(struct opening *self)
{
    int fd = self->watch.fd;

    loop_unwatch(&self->watch);
    if (fd >= 0) {
        close(fd);
    }
    self->watch.fd = -1;
    loop_cancel(self->client->loop, &self->alarm);
    loop_cancel(self->client->loop, &self->again);
    if (self->side) {
        self->side->class->close(self->side, false);
        self->side = NULL;
    }
    if (self->addresses) {
        freeaddrinfo(self->addresses);
        self->addresses = self->address = NULL;
    }
}

static void
end(struct opening *self, const struct outcome *outcome)
{
    struct side *side = NULL;

    if (outcome->code == OUTCOME_GOOD) {
        side = self->side;
        side->class->want(side, 0);
        side->ready = NULL;
        self->side = NULL;
    }
    clear(self);
    self->ended(self, side, outcome);
}

static void
end_with(struct opening *self, enum outcome_code code, const char *reason)
{
    struct outcome outcome;
    char proxy[300];

    outcome_set(&outcome, code, 0, "the proxy at %s: %s",
                place_text(&self->proxy, proxy), reason);
    end(self, &outcome);
}

static void
too_late(struct alarm *alarm)
{
    struct opening *self = (struct opening *) (void *)
        ((char *) alarm - offsetof(struct opening, alarm));

    end_with(self, self->side ? OUTCOME_NO_ANSWER : OUTCOME_NO_PROXY,
             "no answer in time");
}

void
opening_cancel(struct opening *self)
{
    if (self->client) {
        clear(self);
    }
}

/* ---- The answer --------------------------------------------------------- */

static void begin_at(struct opening *self, const struct place *place);

/* A host whose place no file says has its proxy where ours is, by its name. */
static bool
place_of(const struct opening *self, const char *host, struct place *place)
{
    const struct place *known = options_host(self->client->options, host);

    if (known) {
        *place = *known;
        return true;
    }
    if (!self->proxy.host[0] || strlen(host) >= sizeof(place->host)) {
        return false;
    }
    *place = self->proxy;
    strcpy(place->host, host);
    return true;
}

static void
go_elsewhere(struct opening *self)
{
    char host[sizeof(self->answer.host)];
    struct outcome outcome;
    struct place place;

    strcpy(host, self->answer.host);
    if (self->redirected || !place_of(self, host, &place)) {
        outcome_set(&outcome, OUTCOME_ELSEWHERE, 421, self->redirected
                    ? "sent on twice, now to %s: the hosts disagree on where "
                    "the VM is" : "the VM is on host %s; say where its proxy "
                    "is (host NAME = PLACE in the configuration)", host);
        end(self, &outcome);
        return;
    }
    self->redirected = true;
    self->side->class->close(self->side, false);
    self->side = NULL;
    begin_at(self, &place);
}

static void
answered(struct opening *self)
{
    const struct answer *answer = &self->answer;
    struct outcome outcome;

    if (answer->status == 421 && answer->host[0]) {
        go_elsewhere(self);
        return;
    }
    outcome_set(&outcome, outcome_of_status(answer->status), answer->status,
                "%s", answer->text[0] ? answer->text
                : "the proxy does not say why");
    end(self, &outcome);
}

static void
broken(struct opening *self)
{
    int number = errno;
    const char *reason = tls_reason(self->side);

    if (*reason) {
        end_with(self, OUTCOME_TLS, reason);
    } else {
        end_with(self, OUTCOME_NO_PROXY, strerror(number));
    }
}

static void
read_answer(struct opening *self)
{
    char bytes[sizeof(self->early)];
    enum answer_state state = ANSWER_MORE;
    size_t used = 0;
    ssize_t n = self->side->class->read(self->side, bytes, sizeof(bytes));

    if (n < 0) {
        if (errno != EAGAIN) {
            broken(self);
        }
        return;
    }
    state = n == 0 ? answer_end(&self->answer)
        : answer_feed(&self->answer, bytes, (size_t) n, &used);
    if (state == ANSWER_DONE) {
        self->early_size = (size_t) n - used;
        memcpy(self->early, bytes + used, self->early_size);
        answered(self);
    } else if (state == ANSWER_BAD) {
        end_with(self, OUTCOME_NO_HTTP, self->answer.text);
    }
}

static void
on_side(struct side *side, unsigned events)
{
    struct opening *self = side->owner;
    ssize_t n;

    (void) events;
    if (self->sent < self->request_size) {
        n = side->class->write(side, self->request + self->sent,
                               self->request_size - self->sent);
        if (n < 0 && errno != EAGAIN) {
            broken(self);
            return;
        }
        self->sent += n > 0 ? (size_t) n : 0;
    }
    if (self->sent == self->request_size) {
        side->class->want(side, SIDE_READABLE);
        read_answer(self);
    }
}

/* ---- The request -------------------------------------------------------- */

static void
make_request(struct opening *self)
{
    const char *token = self->client->options->token;
    const struct target *target = &self->target;

    self->request_size = (size_t) snprintf(
        self->request, sizeof(self->request),
        "CONNECT %s:%u HTTP/1.1\r\nHost: %s:%u\r\n%s%s%s\r\n", target->vm,
        target->port, target->vm, target->port,
        *token ? "Proxy-Authorization: Bearer " : "", token,
        *token ? "\r\n" : "");
    self->sent = 0;
    memset(&self->answer, 0, sizeof(self->answer));
}

static void
connected(struct opening *self)
{
    const struct client *client = self->client;
    int fd = self->watch.fd, yes = 1;
    struct side *below;

    loop_unwatch(&self->watch);
    self->watch.fd = -1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
    below = self->side = side_fd(client->loop, fd);
    if (!below) {
        close(fd);
    } else if (client->tls && self->proxy.host[0]) {
        self->side = tls_to(client->tls, client->loop, below,
                            self->proxy.host);
        if (!self->side) {
            below->class->close(below, true);
        }
    }
    if (!self->side) {
        end_with(self, OUTCOME_FAILED, "no memory");
        return;
    }
    self->side->ready = on_side;
    self->side->owner = self;
    make_request(self);
    self->side->class->want(self->side, SIDE_WRITABLE);
}

/* ---- The connection ----------------------------------------------------- */

static void
on_socket(struct watch *watch, uint32_t events)
{
    struct opening *self = of_watch(watch);
    int number = 0;
    socklen_t size = sizeof(number);

    (void) events;
    getsockopt(watch->fd, SOL_SOCKET, SO_ERROR, &number, &size);
    if (number == 0) {
        connected(self);
        return;
    }
    self->number = number;
    loop_unwatch(watch);
    close(watch->fd);
    watch->fd = -1;
    connect_next(self);
}

/* Begins to connect; false: self->number says why not. */
static bool
connect_to(struct opening *self, const struct sockaddr *address,
           socklen_t size)
{
    int fd = socket(address->sa_family,
                    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    self->watch = (struct watch) { .fd = fd, .ready = on_socket };
    if (fd >= 0 && (connect(fd, address, size) == 0 || errno == EINPROGRESS)
        && loop_watch(self->client->loop, &self->watch, EPOLLOUT)) {
        return true;
    }
    self->number = errno;
    if (fd >= 0) {
        close(fd);
    }
    self->watch.fd = -1;
    return false;
}

static void
connect_next(struct opening *self)
{
    while (self->address) {
        struct addrinfo *one = self->address;

        self->address = one->ai_next;
        if (connect_to(self, one->ai_addr, one->ai_addrlen)) {
            return;
        }
    }
    end_with(self, OUTCOME_NO_PROXY, strerror(self->number));
}

static void
connect_unix(struct opening *self)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    struct loop *loop = self->client->loop;

    strcpy(address.sun_path, self->proxy.path);
    if (connect_to(self, (const struct sockaddr *) &address,
                   sizeof(address))) {
        return;
    }
    if (self->number == EAGAIN) {   /* its queue is full */
        loop_alarm(loop, &self->again, loop_now(loop) + RETRY);
        return;
    }
    end_with(self, OUTCOME_NO_PROXY, strerror(self->number));
}

static void
try_again(struct alarm *alarm)
{
    connect_unix((struct opening *) (void *)
                 ((char *) alarm - offsetof(struct opening, again)));
}

static void
look_up(struct watch *watch, uint32_t events)
{
    struct opening *self = of_watch(watch);
    const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
    char port[8];
    int error;

    (void) events;
    if (!self->proxy.host[0]) {
        connect_unix(self);
        return;
    }
    snprintf(port, sizeof(port), "%u", self->proxy.port);
    error = getaddrinfo(self->proxy.host, port, &hints, &self->addresses);
    if (error != 0) {
        self->addresses = NULL;
        end_with(self, OUTCOME_NO_PROXY, gai_strerror(error));
        return;
    }
    self->address = self->addresses;
    connect_next(self);
}

static void
begin_at(struct opening *self, const struct place *place)
{
    if (self->addresses) {
        freeaddrinfo(self->addresses);
        self->addresses = self->address = NULL;
    }
    self->proxy = *place;
    self->watch = (struct watch) { .fd = -1, .ready = look_up };
    loop_post(self->client->loop, &self->watch, EPOLLIN);
}

void
opening_begin(struct opening *self, const struct client *client)
{
    uint64_t limit = client->options->timeout * SECOND;

    self->client = client;
    self->side = NULL;
    self->redirected = false;
    self->early_size = 0;
    self->alarm = (struct alarm) { .due = too_late };
    self->again = (struct alarm) { .due = try_again };
    loop_alarm(client->loop, &self->alarm, loop_now(client->loop) + limit);
    begin_at(self, &client->options->proxy);
}
