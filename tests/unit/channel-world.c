/* SPDX-License-Identifier: BSD-3-Clause */

#include <config.h>

#include "unit/channel-world.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define LIMIT_MS 20000          /* of whatever is waited for */

static struct world *the_world;

/* ---- What other parts of the extension do ------------------------------- */

enum map_answer
map_find(const struct map *map, const char *name, size_t length, uint64_t now,
         const struct map_vm **vm)
{
    (void) map;
    (void) now;
    for (uint32_t i = 0; i < WORLD_VMS; i++) {
        const char *own = the_world->vms[i].name;

        if (*own && (length == strlen(own)
                     || (length > strlen(own) && name[strlen(own)] == '.'))
            && memcmp(name, own, strlen(own)) == 0) {
            *vm = &the_world->vms[i];
            return MAP_FOUND;
        }
    }
    return MAP_UNKNOWN;
}

void
map_label(const struct map *map, const char *name, size_t length,
          char label[64])
{
    (void) map;
    (void) name;
    (void) length;
    label[0] = 0;
}

bool
rules_identify(const struct rules *rules, const struct credentials *shown,
               struct identity *identity)
{
    (void) rules;
    if (shown->token && strcmp(shown->token, "secret") != 0) {
        return false;
    }
    if (shown->token || shown->fingerprint) {
        strcpy(identity->name, "admin");
    }
    return true;
}

bool
rules_vouch(const struct rules *rules, const char *name,
            struct identity *identity)
{
    (void) rules;
    strcpy(identity->voucher, identity->name);
    strcpy(identity->name, name);
    return *identity->voucher;
}

enum verdict
rules_judge(struct rules *rules, const struct identity *identity,
            const struct map_vm *vm, uint16_t port, struct permit *permit)
{
    (void) rules;
    (void) vm;
    if (port == 9 || (!*identity->name && !the_world->everybody)) {
        return VERDICT_DENIED;
    }
    if (the_world->verdict == VERDICT_ALLOWED) {
        the_world->permits++;
        *permit = the_world->permit;
    }
    return the_world->verdict;
}

bool
rules_allow(struct rules *rules, const struct identity *identity,
            const struct map_vm *vm, uint16_t port)
{
    (void) rules;
    (void) vm;
    return port != 9 && (*identity->name || the_world->everybody);
}

void
rules_end(struct permit *permit)
{
    (void) permit;
    the_world->permits--;
}

/* ---- Sockets ------------------------------------------------------------ */

static int
connect_to(const struct world_place *place)
{
    struct sockaddr_un local = { .sun_family = AF_UNIX };
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(place->port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int is_local = place->path[0] != 0;
    int fd = socket(is_local ? AF_UNIX : AF_INET,
                    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    strcpy(local.sun_path, place->path);
    if (fd < 0 || (connect(fd, is_local ? (void *) &local : (void *) &address,
                           is_local ? sizeof local : sizeof address) != 0
                   && errno != EINPROGRESS)) {
        close(fd);
        return -1;
    }
    return fd;
}

static void
wish(struct link_host *host, struct link_wish *wanted)
{
    struct world *world = host->context;

    wanted->next = world->wishes;
    wanted->queued = true;
    world->wishes = wanted;
    loop_post(world->loop, &world->opener, EPOLLIN);
}

static void
forget(struct link_host *host, struct link_wish *wanted)
{
    struct world *world = host->context;

    for (struct link_wish **at = &world->wishes; *at; at = &(*at)->next) {
        if (*at == wanted) {
            *at = wanted->next;
            wanted->queued = false;
            return;
        }
    }
}

static void
open_all(struct watch *watch, uint32_t events)
{
    struct world *world = the_world;

    (void) watch;
    (void) events;
    while (world->wishes) {
        struct link_wish *wanted = world->wishes;
        const struct world_place *place = wanted->grant;
        int fd = place->broken ? -1 : connect_to(place);

        world->wishes = wanted->next;
        wanted->queued = false;
        wanted->opened(wanted, fd, "it cannot be reached");
    }
}

static bool
peer(struct proxy_host *host, const char *name, struct peer_way *way)
{
    struct world *world = host->context;

    (void) name;
    *way = world->way;
    way->grant = &world->peer;
    return world->has_peer;
}

static struct relay_count *
count(struct proxy_host *host, const struct map_vm *vm)
{
    struct world *world = host->context;

    (void) vm;
    return &world->bytes;
}

static void
told(struct proxy_host *host, const struct proxy_end *end)
{
    struct world *world = host->context;
    struct world_told *one = &world->told[world->n_told++ % 64];

    one->status = end->status;
    one->up = end->up;
    one->down = end->down;
    snprintf(one->wanted, sizeof one->wanted, "%s", end->wanted);
    snprintf(one->reason, sizeof one->reason, "%s",
             end->reason ? end->reason : "");
    snprintf(one->who, sizeof one->who, "%s", end->who->name);
}

const struct world_told *
world_find(const struct world *world, int status)
{
    for (uint32_t i = 0; i < 64; i++) {
        const struct world_told *one = &world->told[(world->n_told - 1 - i)
                                                    % 64];

        if (i < world->n_told && one->status == status) {
            return one;
        }
    }
    return NULL;
}

/* ---- Life --------------------------------------------------------------- */

void
world_begin(struct world *world)
{
    memset(world, 0, sizeof *world);
    the_world = world;
    world->loop = loop_create();
    world->config = (struct config) {
        .host = "h1", .zone = "vm.internal", .head_timeout = 5 * SECOND,
        .dial_timeout = 5 * SECOND, .max_clients = 1000 };
    world->links = (struct link_host) { .loop = world->loop,
                                        .context = world, .open = wish,
                                        .forget = forget };
    world->host = (struct proxy_host) {
        .loop = world->loop, .config = &world->config, .context = world,
        .told = told, .count = count, .peer = peer, .links = &world->links };
    world->opener.fd = -1;
    world->opener.ready = open_all;
    world->everybody = true;
    world->proxy = proxy_create(&world->host);
}

void
world_end(struct world *world)
{
    proxy_destroy(world->proxy);
    for (uint32_t i = 0; i < WORLD_VMS; i++) {
        if (world->vms[i].link) {
            world->vms[i].link->class->destroy(world->vms[i].link);
        }
    }
    loop_unwatch(&world->opener);
    loop_destroy(world->loop);
}

struct map_vm *
world_vm(struct world *world, const char *name, struct link *link)
{
    for (uint32_t i = 0; i < WORLD_VMS; i++) {
        struct map_vm *vm = &world->vms[i];

        if (!*vm->name) {
            strcpy(vm->name, name);
            vm->link = link;
            return vm;
        }
    }
    abort();
}

uint16_t
world_listen(struct listener_config *config)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr
                                       = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof address;

    config->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
                        0);
    if (config->fd < 0
        || bind(config->fd, (struct sockaddr *) &address, size) != 0
        || listen(config->fd, 64) != 0
        || getsockname(config->fd, (struct sockaddr *) &address, &size)
               != 0) {
        abort();
    }
    return ntohs(address.sin_port);
}

int
world_connect(uint16_t port)
{
    const struct world_place place = { .port = port };
    int fd = connect_to(&place);

    if (fd < 0) {
        abort();
    }
    return fd;
}

bool
world_run(struct world *world, bool (*until)(void *arg), void *arg)
{
    struct pollfd wait = { .fd = loop_descriptor(world->loop),
                           .events = POLLIN };
    struct timespec begun, now;

    clock_gettime(CLOCK_MONOTONIC, &begun);
    do {
        loop_run(world->loop);
        if (until(arg)) {
            return true;
        }
        poll(&wait, 1, 5);
        clock_gettime(CLOCK_MONOTONIC, &now);
    } while (now.tv_sec - begun.tv_sec < LIMIT_MS / 1000);
    return false;
}
