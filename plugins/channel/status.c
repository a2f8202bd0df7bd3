/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What the extension, VMs and listeners did, as objects.
 */

#include "channel.h"

#include <stdio.h>

#include "link/link-mux.h"
#include "listeners.h"
#include "services.h"
#include "vms.h"
#include "xvs_channel.h"

#define SERVICES_SIZE 4096u     /* of a list of ports as text */

/* As in XVS_ChannelVmStatus. */
enum vm_state { STATE_UP = 1, STATE_DOWN, STATE_ELSEWHERE, STATE_EXPIRED,
                STATE_MOVED, STATE_IDLE };

static bool
is_all(const struct xvs_query *query)
{
    static const struct xvs_guid all;

    return memcmp(&query->instance, &all, sizeof(all)) == 0;
}

/* ---- All ---------------------------------------------------------------- */

static bool
is_up(const struct map_vm *vm)
{
    return vm->link && vm->link->state.up;
}

static uint32_t
count_up(const struct map *map)
{
    uint32_t n = 0;

    for (const struct map_vm *vm = map_next(map, NULL); vm;
         vm = map_next(map, vm)) {
        n += is_up(vm);
    }
    return n;
}

static uint32_t
count_clients(const struct item *item)
{
    uint32_t n = 0;

    for (; item; item = item->next) {
        const struct listening *one = (const struct listening *) item;
        struct listener_state state;

        if (one->listener) {
            listener_state(one->listener, &state);
            n += state.clients;
        }
    }
    return n;
}

static int
answer_all(const struct channel *self, const struct xvs_query *query,
           struct xvs_answer *answer)
{
    const struct counts *counts = &self->counts;
    const uint64_t *refused = counts->refused;
    struct xvs_channel_status status = {
        .clients = count_clients(self->listeners),
        .conversations = counts->conversations,
        .guest_streams = counts->guest_streams,
        .vms = map_count(self->map),
        .vms_up = count_up(self->map),
        .opened = counts->opened,
        .guest_opened = counts->guest_opened,
        .bytes_up = counts->bytes.up,
        .bytes_down = counts->bytes.down,
        .refused_requests = refused[REFUSED_REQUEST],
        .refused_clients = refused[REFUSED_CLIENT],
        .refused_rules = refused[REFUSED_RULE],
        .refused_names = refused[REFUSED_NAME],
        .refused_vms = refused[REFUSED_PORT] + refused[REFUSED_DOWN],
        .refused_limits = refused[REFUSED_LIMIT],
        .refused_routes = counts->guest_refused,
        .dns_queries = self->dns_queries,
        .dns_refused = self->dns_refused,
        .dns_limited = self->dns_limited,
    };
    const struct xvs_view view = { &status, sizeof(status), 0, NULL };

    return self->host->answer(answer, &query->uuid, &view);
}

/* ---- VMs ---------------------------------------------------------------- */

/* A value that is not known is NULL. */
static void
set_known(struct xvs_channel_vm_status_writer *writer,
          enum xvs_channel_vm_status_field field, uint64_t *to,
          uint64_t value, bool known)
{
    if (known) {
        *to = value;
    } else {
        xvs_channel_vm_status_null(writer, field);
    }
}

static bool
has_agent(const struct vm *vm)
{
    return vm->way.kind == VM_AGENT || vm->way.kind == VM_AGENT_VSOCK;
}

/* Its link finds out only when somebody dials. */
static bool
is_idle(const struct map_vm *map)
{
    return map->link && !map->link->state.reason[0]
        && !has_agent(vm_of(map));
}

static enum vm_state
state_of(const struct map_vm *map, uint64_t now)
{
    return map->moved ? STATE_MOVED
        : map->expires && now >= map->expires ? STATE_EXPIRED
        : vm_of(map)->way.kind == VM_NONE ? STATE_ELSEWHERE
        : is_up(map) ? STATE_UP
        : is_idle(map) ? STATE_IDLE : STATE_DOWN;
}

static void
put_counts(struct xvs_channel_vm_status *status, const struct counts *counts)
{
    status->opened = counts->opened;
    status->bytes_up = counts->bytes.up;
    status->bytes_down = counts->bytes.down;
    status->refused_rules = counts->refused[REFUSED_RULE]
        + counts->refused[REFUSED_CLIENT];
    status->refused_ports = counts->refused[REFUSED_PORT];
    status->refused_down = counts->refused[REFUSED_DOWN];
    status->refused_limits = counts->refused[REFUSED_LIMIT];
    status->guest_opened = counts->guest_opened;
    status->guest_refused = counts->guest_refused;
}

static void
put_link(struct xvs_channel_vm_status_writer *writer,
         struct xvs_channel_vm_status *status, const struct map_vm *map)
{
    static const struct link_state none = { .reason = "" };
    const struct link_state *state = map->link ? &map->link->state : &none;

    /* What guests open over the link of an agent is among its streams. */
    status->streams = state->streams
        + (has_agent(vm_of(map)) ? 0 : vm_of(map)->counts.guest_streams);
    status->resets = state->resets;
    set_known(writer, XVS_CHANNEL_VM_STATUS_ROUND_TRIP, &status->round_trip,
              state->round_trip / 1000, state->round_trip);
    xvs_channel_vm_status_set_agent(writer, state->agent);
    xvs_channel_vm_status_set_reason(writer, state->reason);
}

static size_t
add_port(char text[SERVICES_SIZE], size_t at, uint16_t port)
{
    int n = at + 8 < SERVICES_SIZE
        ? snprintf(text + at, SERVICES_SIZE - at, at ? ",%u" : "%u", port)
        : 0;

    return at + (size_t) n;
}

/* What its agent says, or what settings say where it has none. */
static void
list_services(const struct channel *self, const struct map_vm *map,
              char text[SERVICES_SIZE])
{
    const struct vm *vm = vm_of(map);
    unsigned int n = 0;
    const uint16_t *ports = has_agent(vm) && map->link
        ? link_mux_services(map->link, &n) : NULL;
    const struct service *service = vm->way.kind == VM_FIXED
        ? services_of(self->services, map->name) : NULL;
    size_t at = 0;

    text[0] = 0;
    for (unsigned int i = 0; ports && i < n; i++) {
        at = add_port(text, at, ports[i]);
    }
    for (; service; service = service->next) {
        at = add_port(text, at, service->port);
    }
}

static int
answer_vm(const struct channel *self, const struct map_vm *map,
          struct xvs_answer *answer)
{
    const struct vm *vm = vm_of(map);
    struct xvs_channel_vm_status_writer writer;
    _Alignas(8) char memory[XVS_CHANNEL_VM_STATUS_SIZE + SERVICES_SIZE
                            + 1024];
    char ports[SERVICES_SIZE];
    struct xvs_channel_vm_status *status =
        xvs_channel_vm_status_start(&writer, memory, sizeof(memory));
    uint64_t now = channel_now(self);

    if (!status) {
        return XVS_RESOURCES;
    }
    xvs_channel_vm_status_set_vm(&writer, map->name);
    xvs_channel_vm_status_set_host(&writer, map->host[0] ? map->host
                                   : self->config.host);
    xvs_channel_vm_status_set_uuid(&writer, map->uuid);
    xvs_channel_vm_status_set_link(&writer, vm_link_name(vm->way.kind));
    status->state = (uint8_t) state_of(map, now);
    set_known(&writer, XVS_CHANNEL_VM_STATUS_REMAINING, &status->remaining,
              map->expires > now ? (map->expires - now) / SECOND : 0,
              map->expires);
    put_counts(status, &vm->counts);
    set_known(&writer, XVS_CHANNEL_VM_STATUS_DIAL_LATENCY,
              &status->dial_latency, vm->counts.dialled / 1000,
              vm->counts.opened);
    list_services(self, map, ports);
    xvs_channel_vm_status_set_services(&writer, ports);
    put_link(&writer, status, map);
    return xvs_channel_vm_status_answer(&writer, self->host, answer,
                                        &map->instance);
}

static int
answer_vms(const struct channel *self, const struct xvs_query *query,
           struct xvs_answer *answer)
{
    const struct map_vm *vm = is_all(query)
        ? map_next(self->map, NULL) : map_get(self->map, &query->instance);
    int result = XVS_SUCCESS;

    while (vm && result == XVS_SUCCESS) {
        result = answer_vm(self, vm, answer);
        vm = is_all(query) ? map_next(self->map, vm) : NULL;
    }
    return result;
}

/* ---- Listeners ---------------------------------------------------------- */

static int
answer_listener(const struct channel *self, const struct listening *one,
                struct xvs_answer *answer)
{
    struct xvs_channel_listener_status_writer writer;
    _Alignas(8) char memory[XVS_CHANNEL_LISTENER_STATUS_SIZE + 512];
    struct xvs_channel_listener_status *status =
        xvs_channel_listener_status_start(&writer, memory, sizeof(memory));
    struct listener_state state = { .clients = 0 };

    if (!status) {
        return XVS_RESOURCES;
    }
    if (one->listener) {
        listener_state(one->listener, &state);
    }
    xvs_channel_listener_status_set_listener(&writer, one->place);
    status->open = one->listener != NULL;
    status->clients = state.clients;
    status->accepted = state.accepted;
    status->refused = state.refused;
    xvs_channel_listener_status_set_reason(&writer, one->reason);
    return xvs_channel_listener_status_answer(&writer, self->host, answer,
                                              &one->item.instance);
}

static int
answer_listeners(const struct channel *self, const struct xvs_query *query,
                 struct xvs_answer *answer)
{
    int result = XVS_SUCCESS;

    for (const struct item *item = self->listeners;
         item && result == XVS_SUCCESS; item = item->next) {
        if (xvs_asks_for(query, &item->instance)) {
            result = answer_listener(self, (const struct listening *) item,
                                     answer);
        }
    }
    return result;
}

int
channel_status(void *arg, const struct xvs_query *query,
               struct xvs_answer *answer)
{
    static const struct xvs_guid all = XVS_CHANNEL_STATUS_UUID;
    static const struct xvs_guid of_vm = XVS_CHANNEL_VM_STATUS_UUID;
    static const struct xvs_guid of_listener =
        XVS_CHANNEL_LISTENER_STATUS_UUID;

    if (memcmp(&query->uuid, &all, sizeof(all)) == 0) {
        return xvs_asks_for(query, &all) ? answer_all(arg, query, answer)
                                         : XVS_SUCCESS;
    }
    if (memcmp(&query->uuid, &of_vm, sizeof(of_vm)) == 0) {
        return answer_vms(arg, query, answer);
    }
    return memcmp(&query->uuid, &of_listener, sizeof(of_listener)) == 0
        ? answer_listeners(arg, query, answer) : XVS_NOT_SUPPORTED;
}
