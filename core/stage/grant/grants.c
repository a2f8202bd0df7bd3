/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See grants.h.
 */

#include <config.h>

#include "stage/grant/grants.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xvs/extension.h>

#include "base/endpoint.h"
#include "base/error.h"
#include "base/loop.h"
#include "base/map.h"
#include "base/memory.h"
#include "base/socket.h"
#include "base/text.h"
#include "control/message.h"
#include "marshal/block.h"
#include "marshal/layout.h"
#include "stage/call/call.h"
#include "stage/grant/connections.h"
#include "stage/grant/listeners.h"
#include "stage/grant/unix-sockets.h"

#define CLOSE_MS 1000u          /* for closing what nothing grants any more */

struct grant {
    struct grant *next;         /* of the same setting */
    uint32_t property;          /* field of the setting's layout */
    bool is_offered;            /* and not settled */
    char *text;                 /* as the admin wrote it */
    struct endpoint endpoint;
    struct listener *listener;  /* once it was opened; or NULL */
    struct connections connections; /* opened so far */
};

/* What one setting grants; never nothing. */
struct holder {
    struct grant *first;        /* the newest */
};

/* ---- By setting ----------------------------------------------------------- */

/* Both GUIDs, as letters: each half of a byte is one. */
struct key {
    char text[4 * sizeof(struct xvs_guid) + 1];
};

static struct key
key_of(const struct xvs_guid *uuid, const struct xvs_guid *instance)
{
    const struct xvs_guid both[2] = { *uuid, *instance };
    const unsigned char *bytes = (const unsigned char *) both;
    struct key key;

    for (size_t i = 0; i < sizeof both; i++) {
        key.text[2 * i] = (char) ('a' + (bytes[i] >> 4));
        key.text[2 * i + 1] = (char) ('a' + (bytes[i] & 15));
    }
    key.text[2 * sizeof both] = 0;
    return key;
}

static struct holder *
find(const struct grants *grants, const struct key *key)
{
    return grants->holders ? map_get(grants->holders, key->text) : NULL;
}

static struct holder *
find_or_add(struct grants *grants, const struct key *key)
{
    struct holder *holder = find(grants, key);

    if (!holder) {
        if (!grants->holders) {
            grants->holders = map_create(false);
        }
        holder = mem_zalloc(sizeof *holder);
        map_put(grants->holders, key->text, holder);
    }
    return holder;
}

static void
destroy(struct grant *grant)
{
    listener_put(grant->listener);
    connections_clear(&grant->connections);
    free(grant->text);
    free(grant);
}

static void
holder_destroy(void *value)
{
    struct holder *holder = value;

    while (holder->first) {
        struct grant *grant = holder->first;

        holder->first = grant->next;
        destroy(grant);
    }
    free(holder);
}

/* ---- Settings come, change and go ----------------------------------------- */

/* What the process has by it ends, unless it has ended it itself; unix sockets
 * it has to close in time.  Of what was never opened, or was inherited, it has
 * nothing. */
static void
cut(struct grants *grants, struct grant *grant)
{
    if (!grant->listener && !grant->connections.n) {
        return;
    }
    connections_left(&grant->connections, &grant->endpoint, grant->text,
                     &grants->left);
    grants->until_ms = loop_now_ms() + CLOSE_MS;
    connections_cut(&grant->connections, &grant->endpoint, grant->text);
    if (listener_put(grant->listener)) {
        connections_cut_accepted(&grant->endpoint, grant->text);
    }
    grant->listener = NULL;
}

/* Removes those of the setting that are offered, or those that are not. */
static void
drop(struct grants *grants, const struct key *key, bool offered)
{
    struct holder *holder = find(grants, key);
    struct grant **at = holder ? &holder->first : NULL;

    while (at && *at) {
        struct grant *grant = *at;

        if (grant->is_offered == offered) {
            *at = grant->next;
            if (!offered) {
                cut(grants, grant);
            }
            destroy(grant);
        } else {
            at = &grant->next;
        }
    }
    if (holder && !holder->first) {
        free(map_remove(grants->holders, key->text));
    }
}

/* What listens or is connected goes on doing so when its address stays. */
static void
inherit(const struct holder *holder, struct grant *fresh)
{
    for (struct grant *old = holder->first; old; old = old->next) {
        if (old->is_offered
            || !endpoint_equal(&old->endpoint, &fresh->endpoint)) {
            continue;
        }
        if (old->listener && !fresh->listener) {
            fresh->listener = old->listener;
            old->listener = NULL;
        }
        connections_merge(&fresh->connections, &old->connections);
    }
}

static bool
offer_one(struct grants *grants, const struct key *key, uint32_t property,
          enum endpoint_kind kind, const char *text, struct error *error)
{
    struct endpoint endpoint;
    struct holder *holder;
    struct grant *grant;

    if (!endpoint_parse(kind, text, &endpoint, error)) {
        return false;
    }
    grant = mem_zalloc(sizeof *grant);
    grant->property = property;
    grant->is_offered = true;
    grant->text = mem_strdup(text);
    grant->endpoint = endpoint;
    holder = find_or_add(grants, key);
    grant->next = holder->first;
    holder->first = grant;
    return true;
}

/* The text of a string member; NULL when it has none. */
static const char *
text_of(const struct xvs_view *view, const struct layout_field *field)
{
    struct xvs_ref ref;
    const char *text;

    if (!xvs_present(view, field->bit)) {
        return NULL;
    }
    memcpy(&ref, (const char *) view->body + field->offset, sizeof ref);
    text = xvs_ref_string(view, ref);
    return text[0] ? text : NULL;
}

bool
grants_offer(struct grants *grants, const struct control_setting *head,
             const void *block, const struct layout *layout,
             struct error *error)
{
    const struct key key = key_of(&head->uuid, &head->instance);
    struct xvs_view view;

    if (head->op == XVS_DELETE || !layout) {
        return true;
    }
    block_view(block, &view);
    for (uint32_t i = 0; i < layout->parts[0].n_fields; i++) {
        const struct layout_field *field = &layout->fields[i];
        const char *text = layout_grant(field) ? text_of(&view, field) : NULL;

        if (text && !offer_one(grants, &key, i,
                               (enum endpoint_kind) layout_grant(field), text,
                               error)) {
            drop(grants, &key, true);
            return false;
        }
    }
    return true;
}

void
grants_settle(struct grants *grants, const struct control_setting *head,
              bool accepted)
{
    const struct key key = key_of(&head->uuid, &head->instance);
    struct holder *holder = find(grants, &key);

    if (!holder) {
        return;
    }
    if (head->op == XVS_VALIDATE || !accepted) {
        drop(grants, &key, true);
        return;
    }
    for (struct grant *one = holder->first; one; one = one->next) {
        if (one->is_offered) {
            inherit(holder, one);
        }
    }
    drop(grants, &key, false);
    holder = find(grants, &key);
    for (struct grant *one = holder ? holder->first : NULL; one;
         one = one->next) {
        one->is_offered = false;
    }
}

uint32_t
grants_look(struct grants *grants)
{
    const struct unix_socket *left = (const void *) grants->left.data;
    size_t n = grants->left.size / sizeof *left;
    uint64_t now = loop_now_ms();

    if (n && now < grants->until_ms) {
        return (uint32_t) (grants->until_ms - now);
    }
    while (n && !unix_socket_is_open(&left[n - 1])) {
        n--;
    }
    buffer_free(&grants->left);
    return n ? 0 : GRANTS_NEVER;
}

void
grants_clear(struct grants *grants)
{
    buffer_free(&grants->left);
    map_destroy(grants->holders, holder_destroy);
    grants->holders = NULL;
}

/* ---- Opening -------------------------------------------------------------- */

/*
 * Whoever listens on a unix socket takes us for xvs-switch, and both daemons
 * believe their own user: an extension must not get there by a setting.
 */
static bool
is_daemon(int fd, pid_t manager)
{
    uid_t uid;
    gid_t gid;
    pid_t pid;

    return socket_peer(fd, &uid, &gid, &pid)
        && (pid == getpid() || (manager && pid == manager));
}

static int
open_other(struct grant *grant, pid_t manager, struct error *error)
{
    int fd = endpoint_open(&grant->endpoint, grant->text, error);

    if (fd >= 0 && grant->endpoint.kind == ENDPOINT_UNIX_CONNECT
        && is_daemon(fd, manager)) {
        close(fd);
        error_set(error, ERROR_DENIED, "unix-connect %.120s: that is a socket"
                  " of xvs itself, which no extension gets", grant->text);
        return -1;
    }
    if (fd >= 0) {
        connections_note(&grant->connections, &grant->endpoint, fd);
    }
    return fd;
}

static int
open_listener(struct grant *grant, const struct xvs_guid *owner,
              struct error *error)
{
    int fd;

    if (!grant->listener) {
        grant->listener = listener_get(&grant->endpoint, grant->text, owner,
                                       error);
    }
    if (!grant->listener) {
        return -1;
    }
    fd = listener_copy(grant->listener);
    if (fd < 0) {
        error_set_errno(error, errno, "%.120s", grant->text);
    }
    return fd;
}

/* The newest comes first. */
static struct grant *
find_open(const struct grants *grants, const struct xvs_guid *uuid,
          const struct xvs_guid *instance, uint32_t property,
          struct error *error)
{
    const struct key key = key_of(uuid, instance);
    const struct holder *holder = find(grants, &key);
    struct grant *one = holder ? holder->first : NULL;

    while (one && one->property != property) {
        one = one->next;
    }
    if (one) {
        return one;
    }
    error_set(error, ERROR_NOT_FOUND, "no setting in force grants that"
              " socket");
    return NULL;
}

int
grants_open(struct grants *grants, const struct xvs_guid *uuid,
            const struct xvs_guid *instance, uint32_t property,
            const struct xvs_guid *owner, pid_t manager, struct error *error)
{
    struct grant *one = find_open(grants, uuid, instance, property, error);

    return !one ? -1 : endpoint_listens(one->endpoint.kind)
        ? open_listener(one, owner, error) : open_other(one, manager, error);
}

bool
grants_accept(const struct grants *grants, const struct xvs_guid *uuid,
              const struct xvs_guid *instance, uint32_t property, int *fd,
              struct call_visitor *visitor, struct error *error)
{
    const struct grant *one = find_open(grants, uuid, instance, property,
                                        error);
    pid_t pid;

    *fd = -1;
    if (!one) {
        return false;
    }
    if (one->endpoint.kind != ENDPOINT_UNIX_LISTEN || !one->listener) {
        return error_set(error, ERROR_NOT_FOUND, "%.120s: nobody comes there"
                         " by a unix socket", one->text);
    }
    *fd = listener_accept(one->listener);
    if (*fd < 0) {
        return errno == EAGAIN
            || error_set_errno(error, errno, "%.120s", one->text);
    }
    if (!socket_peer(*fd, &visitor->uid, &visitor->gid, &pid)) {
        close(*fd);
        *fd = -1;
        return error_set_errno(error, errno, "%.120s: who has come",
                               one->text);
    }
    return true;
}
