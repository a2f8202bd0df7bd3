/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A request from its beginning to the end of its conversation; see request.h.
 */

#include "client/request-inside.h"

#include <stdlib.h>
#include <string.h>

#include "channel.h"
#include "move/relay.h"

/* ---- End ---------------------------------------------------------------- */

static void
unlink_request(struct request *request)
{
    *(request->prev ? &request->prev->next : &request->proxy->requests) =
        request->next;
    if (request->next) {
        request->next->prev = request->prev;
    }
}

/* Gives back all that it has, but for what its relay has. */
static void
destroy(struct request *request)
{
    struct proxy *proxy = request->proxy;

    loop_cancel(proxy->loop, &request->alarm);
    link_cancel(&request->dial);
    peer_cancel(request->peer);
    if (request->vm_side) {
        request->vm_side->class->close(request->vm_side, true);
    }
    if (request->permitted) {
        rules_end(&request->permit);
    }
    if (request->opened) {
        proxy->n_clients--;
        request->listener->state.clients--;
    }
    unlink_request(request);
    listener_leave(request->listener);
    free(request->vm_first);
    free(request);
}

static void
tell(struct request *request, int status, const char *reason, uint64_t up,
     uint64_t down)
{
    struct proxy_host *host = request->proxy->host;
    uint64_t now = loop_now(request->proxy->loop);
    const struct proxy_end end = {
        .who = &request->who, .wanted = request->wanted, .vm = request->vm,
        .port = request->port, .status = status, .reason = reason,
        .up = up, .down = down, .dialled = request->dialled,
        .lasted = request->opened ? now - request->began_to_talk : 0 };

    if (status && status != 200) {
        request->listener->state.refused++;
    }
    host->told(host, &end);
}

void
request_refuse_saying(struct request *request, int status, const char *reason,
                      const char *why)
{
    const struct answer answer = {
        .status = status, .reason = reason,
        .proxy = proxy_name(request->proxy),
        .host = status == 421 && request->vm ? request->vm->host : NULL,
        .retry = status == 503 || status == 429 ? 1 : 0 };

    tell(request, status, why, 0, 0);
    request->decided(request, &answer);
    destroy(request);
}

void
request_refuse(struct request *request, int status, const char *reason)
{
    request_refuse_saying(request, status, reason, reason);
}

void
request_abort(struct request *request)
{
    tell(request, 499, "the client has gone", 0, 0);
    destroy(request);
}

void
request_end(struct request *request, const char *reason)
{
    if (request->relay) {
        request->swept = reason;
        relay_end(request->relay);
    } else {
        request_refuse(request, 503, reason);
    }
}

/* ---- Conversation ------------------------------------------------------- */

static void
has_ended(struct relay *relay, enum relay_end how)
{
    static const char *const reasons[] = {
        [RELAY_FINISHED] = "finished",
        [RELAY_RESET_BY_FIRST] = "reset by the client",
        [RELAY_RESET_BY_SECOND] = "reset by the VM",
        [RELAY_IDLE] = "idle for too long",
        [RELAY_TOO_LONG] = "lasted too long",
        [RELAY_ENDED] = "ended",
    };
    struct request *request = relay_owner(relay);
    uint64_t up, down;

    relay_moved(relay, &up, &down);
    tell(request, 0, request->swept ? request->swept : reasons[how], up,
         down);
    destroy(request);
}

/* What the client is told and what the VM has said, in one; NULL: no memory,
 * or nothing of the VM. */
static char *
join(const struct request *request, const void *said, size_t said_size)
{
    char *both = request->vm_first_size
        ? malloc(said_size + request->vm_first_size) : NULL;

    if (both && said_size) {
        memcpy(both, said, said_size);
    }
    if (both) {
        memcpy(both + said_size, request->vm_first, request->vm_first_size);
    }
    return both;
}

bool
request_open(struct request *request, struct side *client, const void *early,
             size_t early_size, const void *said, size_t said_size)
{
    struct proxy_host *host = request->proxy->host;
    char *both = join(request, said, said_size);
    const struct relay_config config = {
        .loop = request->proxy->loop, .side = { client, request->vm_side },
        .first = { early, both ? both : said },
        .first_size = { early_size, said_size + request->vm_first_size },
        .own = said_size, .count = host->count(host, request->vm),
        .bytes_per_second = request->permit.bytes_per_second,
        .idle = request->permit.idle, .duration = request->permit.duration,
        .ended = has_ended, .owner = request };

    if (both || !request->vm_first_size) {
        request->relay = relay_create(&config);
    }
    free(both);
    if (!request->relay) {
        request_abort(request);
        return false;
    }
    request->vm_side = NULL;
    free(request->vm_first);
    request->vm_first = NULL;
    request->opened = true;
    request->proxy->n_clients++;
    request->listener->state.clients++;
    request->began_to_talk = loop_now(request->proxy->loop);
    tell(request, 200, NULL, 0, 0);
    return true;
}

/* ---- Dial --------------------------------------------------------------- */

static void
allow(struct request *request, struct side *side)
{
    const struct answer answer = { .status = 200,
                                   .proxy = proxy_name(request->proxy) };

    loop_cancel(request->proxy->loop, &request->alarm);
    request->dialled = loop_now(request->proxy->loop) - request->begun;
    request->vm_side = side;
    request->decided(request, &answer);
}

static void
dialled(struct dial *dial, enum dial_end end, struct side *side,
        const char *reason)
{
    static const int statuses[] = {
        [DIAL_OPEN] = 200, [DIAL_REFUSED] = 502, [DIAL_FORBIDDEN] = 403,
        [DIAL_DOWN] = 503, [DIAL_TIMEOUT] = 504, [DIAL_BUSY] = 429,
    };
    struct request *request = (struct request *) (void *)
        ((char *) dial - offsetof(struct request, dial));

    dial->link = NULL;
    if (end == DIAL_OPEN && side) {
        allow(request, side);
    } else {
        request_refuse(request, statuses[end], reason);
    }
}

static void
peer_answered(struct request *request, const struct peer_done *done)
{
    request->peer = NULL;
    if (!done->side) {
        request_refuse(request, done->status, done->reason);
        return;
    }
    if (done->first_size) {
        request->vm_first = malloc(done->first_size);
        if (!request->vm_first) {
            done->side->class->close(done->side, true);
            request_refuse(request, 503, "no memory");
            return;
        }
        memcpy(request->vm_first, done->first, done->first_size);
        request->vm_first_size = done->first_size;
    }
    allow(request, done->side);
}

static void
took_too_long(struct alarm *alarm)
{
    struct request *request = (struct request *) (void *)
        ((char *) alarm - offsetof(struct request, alarm));

    link_cancel(&request->dial);
    request->dial.link = NULL;
    request_refuse(request, 504, "the VM does not answer");
}

/* On another host: the proxy there is asked, unless we are one that was. */
static void
forward(struct request *request, const struct ask *ask)
{
    static const char elsewhere[] = "the VM is on another host";

    if (ask->came_by_peer || request->who.voucher[0]) {
        request_refuse(request, 421, elsewhere);
        return;
    }
    request->peer = peer_begin(request, ask->shown.token, peer_answered);
    if (!request->peer) {
        request_refuse(request, 421, elsewhere);
    }
}

static void
reach(struct request *request, const struct ask *ask)
{
    struct loop *loop = request->proxy->loop;

    loop_alarm(loop, &request->alarm, loop_now(loop)
               + request->proxy->host->config->dial_timeout);
    if (request->vm->link) {
        link_dial(request->vm->link, &request->dial, request->port);
    } else {
        forward(request, ask);
    }
}

/* ---- Beginning ---------------------------------------------------------- */

/* What people are shown: it may have any bytes. */
static void
copy_plain(char *to, size_t size, const char *from)
{
    size_t n = 0;

    for (; n + 1 < size && from[n]; n++) {
        to[n] = from[n] < 0x21 || from[n] > 0x7e ? '?' : from[n];
    }
    to[n] = 0;
}

bool
request_begin(struct proxy *proxy, const struct ask *ask,
              struct request **out,
              void (*decided)(struct request *request,
                              const struct answer *answer),
              void *owner)
{
    struct request *request = malloc(sizeof(*request));

    if (!request) {
        return false;
    }
    *out = request;
    *request = (struct request) {
        .proxy = proxy, .listener = ask->listener, .next = proxy->requests,
        .port = ask->port, .begun = loop_now(proxy->loop), .decided = decided,
        .owner = owner, .dial.ended = dialled, .alarm.due = took_too_long };
    ask->listener->users++;
    if (request->next) {
        request->next->prev = request;
    }
    proxy->requests = request;
    copy_plain(request->wanted, sizeof(request->wanted), ask->wanted);
    strncpy(request->who.address, ask->address,
            sizeof(request->who.address) - 1);
    if (request_judge(request, ask)) {
        reach(request, ask);
    }
    return true;
}
