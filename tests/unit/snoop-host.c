/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * See snoop-host.h.
 */
#include <config.h>

#include "snoop-host.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "packet/parse.h"

#define MS_NS 1000000u

struct xvs_answer {
    uint32_t n;                 /* objects */
    struct xvs_port_snooping_status status; /* the last one, if it is such */
};

struct snoop_fake snoop_fake;

/* ---- The host ----------------------------------------------------------- */

static void
host_log(const struct xvs_host *host, enum xvs_log_level level,
         const char *text)
{
    (void) host;
    (void) level;
    (void) text;
    snoop_fake.n_events++;
}

static int
host_refuse(struct xvs_answer *answer, int result, const char *text)
{
    (void) answer;
    snprintf(snoop_fake.refusal, sizeof(snoop_fake.refusal), "%s", text);
    return result;
}

static int
host_answer(struct xvs_answer *answer, const struct xvs_guid *instance,
            const struct xvs_view *view)
{
    (void) instance;
    answer->n++;
    if (view->size == sizeof(answer->status)) {
        memcpy(&answer->status, view->body, sizeof(answer->status));
    }
    return XVS_SUCCESS;
}

/* Memory that packet hooks may still use. */
struct retired {
    struct retired *next;
    void *data;
    void (*release)(void *data);
};

static struct retired *retired;

static void
host_retire(const struct xvs_host *host, void *data,
            void (*release)(void *data))
{
    struct retired *one = NULL;

    (void) host;
    if (!snoop_fake.has_workers) {
        release(data);
        return;
    }
    one = malloc(sizeof(*one));
    if (!one) {
        abort();
    }
    *one = (struct retired) { retired, data, release };
    retired = one;
}

static void
release_all(void)
{
    while (retired) {
        struct retired *one = retired;

        retired = one->next;
        one->release(one->data);
        free(one);
    }
}

static void
host_timer(const struct xvs_host *host, uint32_t milliseconds)
{
    (void) host;
    snoop_fake.timer_ms = milliseconds;
    snoop_fake.due = snoop_fake.now + milliseconds * (uint64_t) MS_NS;
}

static uint64_t
host_now(const struct xvs_host *host)
{
    (void) host;
    return snoop_fake.now;
}

static void
host_wake(const struct xvs_host *host)
{
    (void) host;
    __atomic_add_fetch(&snoop_fake.n_wakes, 1, __ATOMIC_RELAXED);
}

/* ---- The switch --------------------------------------------------------- */

static int
port_policy(const struct xvs_host *host, uint32_t port_id, uint32_t parts,
            const struct xvs_port_policy *policy)
{
    (void) host;
    if (port_id >= 16 || parts != XVS_POLICY_MULTICAST) {
        return XVS_INVALID_PARAMETER;
    }
    snoop_fake.is_router[port_id] =
        policy && policy->flags & XVS_PORT_ALL_MULTICAST;
    return XVS_SUCCESS;
}

static int
switch_policy(const struct xvs_host *host, uint32_t parts,
              const struct xvs_switch_policy *policy)
{
    static const struct xvs_switch_policy none;

    (void) host;
    if (parts != XVS_SWITCH_MULTICAST) {
        return XVS_INVALID_PARAMETER;
    }
    snoop_fake.policy = policy ? *policy : none;
    return XVS_SUCCESS;
}

static int
group(const struct xvs_host *host, const uint8_t *mac, uint16_t vlan,
      const uint32_t *port_ids, uint32_t n)
{
    struct snoop_fake_group *at = snoop_fake.groups;
    struct snoop_fake_group *end = at + snoop_fake.n_groups;

    (void) host;
    if (snoop_fake.result != XVS_SUCCESS) {
        return snoop_fake.result;
    }
    while (at < end && (at->vlan != vlan || memcmp(at->mac, mac, 6) != 0)) {
        at++;
    }
    if (!port_ids) {
        if (at == end) {
            return XVS_INVALID_PARAMETER;
        }
        *at = end[-1];
        snoop_fake.n_groups--;
        return XVS_SUCCESS;
    }
    if (n > XVS_GROUP_PORTS || vlan > 4094) {
        return XVS_INVALID_PARAMETER;
    }
    if (at == end && snoop_fake.n_groups++ == SNOOP_FAKE_GROUPS) {
        abort();
    }
    memcpy(at->mac, mac, 6);
    at->vlan = vlan;
    at->n = n;
    memcpy(at->ports, port_ids, (n < 8 ? n : 8) * sizeof(port_ids[0]));
    return XVS_SUCCESS;
}

static uint32_t
addresses(const struct xvs_host *host, uint64_t *position,
          struct xvs_address *out, uint32_t n)
{
    uint32_t i = 0;

    (void) host;
    for (; i < n && *position < snoop_fake.n_groups; i++, ++*position) {
        out[i] = (struct xvs_address) {
            .vlan = snoop_fake.groups[*position].vlan,
            .flags = XVS_ADDRESS_GROUP,
        };
        memcpy(out[i].mac, snoop_fake.groups[*position].mac, 6);
    }
    return i;
}

static const struct xvs_switching the_switch = {
    .size = sizeof(the_switch),
    .port_policy = port_policy,
    .switch_policy = switch_policy,
    .group = group,
    .addresses = addresses,
};

static const struct xvs_host the_host = {
    .size = sizeof(the_host),
    .api_version = XVS_API_VERSION,
    .switch_name = "test",
    .log = host_log,
    .refuse = host_refuse,
    .answer = host_answer,
    .event = host_log,
    .retire = host_retire,
    .timer = host_timer,
    .now = host_now,
    .switching = &the_switch,
    .wake = host_wake,
};

/* ---- Life --------------------------------------------------------------- */

void *
snoop_begin(void)
{
    struct xvs_port port = { .size = sizeof(port) };
    void *self = NULL;

    snoop_fake.now = 1000000000000u;
    snoop_fake.timer_ms = 0;
    if (xvs_extension_v1.init(&the_host, &self) != XVS_SUCCESS) {
        abort();
    }
    for (port.id = 1; port.id <= 4; port.id++) {
        snprintf(port.name, sizeof(port.name), "p%u", (unsigned) port.id);
        if (xvs_extension_v1.port(self, XVS_PORT_CREATED, &port)
            != XVS_SUCCESS) {
            abort();
        }
    }
    xvs_extension_v1.state(self, XVS_ACTIVATE);
    snoop_fake.n_wakes = snoop_fake.n_events = 0;
    snoop_pass(self, 3000);
    return self;
}

void
snoop_end(void *self)
{
    xvs_extension_v1.state(self, XVS_PAUSE);
    release_all();
    xvs_extension_v1.fini(self);
    memset(&snoop_fake, 0, sizeof(snoop_fake));
}

void
snoop_settle(void *self)
{
    while (snoop_fake.n_wakes) {
        snoop_fake.n_wakes = 0;
        xvs_extension_v1.timer(self);
    }
}

void
snoop_pass(void *self, uint64_t milliseconds)
{
    uint64_t end = snoop_fake.now + milliseconds * MS_NS;

    while (snoop_fake.timer_ms && snoop_fake.due <= end) {
        snoop_fake.now = snoop_fake.due;
        snoop_fake.due += snoop_fake.timer_ms * (uint64_t) MS_NS;
        xvs_extension_v1.timer(self);
    }
    snoop_fake.now = end;
}

/* ---- What the switch was told ------------------------------------------- */

static bool
read_mac(const char *text, uint8_t mac[6])
{
    unsigned int bytes[6];

    if (sscanf(text, "%x:%x:%x:%x:%x:%x", &bytes[0], &bytes[1], &bytes[2],
               &bytes[3], &bytes[4], &bytes[5]) != 6) {
        return false;
    }
    for (int i = 0; i < 6; i++) {
        mac[i] = (uint8_t) bytes[i];
    }
    return true;
}

const struct snoop_fake_group *
snoop_told(const char *text, uint16_t vlan)
{
    uint8_t mac[6];

    if (!read_mac(text, mac)) {
        abort();
    }
    for (uint32_t i = 0; i < snoop_fake.n_groups; i++) {
        if (snoop_fake.groups[i].vlan == vlan
            && memcmp(snoop_fake.groups[i].mac, mac, 6) == 0) {
            return &snoop_fake.groups[i];
        }
    }
    return NULL;
}

bool
snoop_bound(bool is_ipv6, uint16_t vlan)
{
    return snoop_fake.policy.members_only[is_ipv6][vlan / 8] >> (vlan % 8)
        & 1;
}

/* ---- Settings and status ------------------------------------------------ */

int
snoop_put(void *self, enum xvs_setting_op op, const struct xvs_guid *uuid,
          uint32_t port, uint32_t number, const struct xvs_view *view)
{
    struct xvs_answer answer = { 0 };
    struct xvs_setting setting = {
        .size = sizeof(setting), .op = op, .uuid = *uuid, .version = 0x0100,
        .scope = port ? XVS_SCOPE_PORT : XVS_SCOPE_SWITCH,
        .port_id = port ? port : XVS_PORT_NONE,
        .instance = { .a = number },
    };

    if (view) {
        setting.view = *view;
    }
    snoop_fake.refusal[0] = 0;
    return xvs_extension_v1.setting(self, &setting, &answer);
}

int
snoop_put_switch(void *self, const struct xvs_switch_snooping *body,
                 const char *vlans)
{
    static const struct xvs_guid uuid = XVS_SWITCH_SNOOPING_UUID;
    char memory[2048] __attribute__((aligned(8)));
    struct xvs_writer writer;
    struct xvs_view view;

    xvs_writer_start(&writer, memory, sizeof(memory), sizeof(*body));
    memcpy(memory, body, sizeof(*body));
    ((struct xvs_switch_snooping *) memory)->vlans =
        xvs_put_string(&writer, vlans);
    view = (struct xvs_view) { memory, writer.size, 0, NULL };
    return snoop_put(self, XVS_UPDATE, &uuid, 0, 1, &view);
}

int
snoop_put_port(void *self, uint32_t port, uint8_t router)
{
    static const struct xvs_guid uuid = XVS_PORT_SNOOPING_UUID;
    struct xvs_port_snooping body = { .router = router };
    const uint8_t present = 5;  /* all but FastLeave */
    struct xvs_view view = { &body, sizeof(body), 3, &present };

    return snoop_put(self, XVS_UPDATE, &uuid, port, 1, &view);
}

int
snoop_put_static(void *self, enum xvs_setting_op op, uint32_t port,
                 uint32_t number, const char *text, uint16_t vlan)
{
    static const struct xvs_guid uuid = XVS_SNOOP_STATIC_GROUP_UUID;
    char memory[256] __attribute__((aligned(8)));
    struct xvs_snoop_static_group_writer writer;
    struct xvs_snoop_static_group *body =
        xvs_snoop_static_group_start(&writer, memory, sizeof(memory));
    struct xvs_view view;

    body->vlan = vlan;
    xvs_snoop_static_group_set_group(&writer, text);
    view = xvs_snoop_static_group_view(&writer);
    return snoop_put(self, op, &uuid, port, number,
                     op == XVS_DELETE ? NULL : &view);
}

int
snoop_put_filter(void *self, enum xvs_setting_op op, uint32_t port,
                 uint32_t number, const char *text, uint8_t action)
{
    static const struct xvs_guid uuid = XVS_SNOOP_GROUP_FILTER_UUID;
    char memory[256] __attribute__((aligned(8)));
    struct xvs_snoop_group_filter_writer writer;
    struct xvs_snoop_group_filter *body =
        xvs_snoop_group_filter_start(&writer, memory, sizeof(memory));
    struct xvs_view view;

    body->action = action;
    xvs_snoop_group_filter_set_groups(&writer, text);
    view = xvs_snoop_group_filter_view(&writer);
    return snoop_put(self, op, &uuid, port, number,
                     op == XVS_DELETE ? NULL : &view);
}

static uint32_t
ask(void *self, const struct xvs_guid *uuid, uint32_t port,
    struct xvs_answer *answer)
{
    struct xvs_query query = {
        .size = sizeof(query), .uuid = *uuid, .version = 0x0100,
        .scope = port ? XVS_SCOPE_PORT : XVS_SCOPE_SWITCH,
        .port_id = port ? port : XVS_PORT_NONE,
    };

    answer->n = 0;
    if (xvs_extension_v1.status(self, &query, answer) != XVS_SUCCESS) {
        abort();
    }
    return answer->n;
}

struct xvs_port_snooping_status
snoop_port_status(void *self, uint32_t port)
{
    static const struct xvs_guid uuid = XVS_PORT_SNOOPING_STATUS_UUID;
    struct xvs_answer answer = { 0 };

    ask(self, &uuid, port, &answer);
    return answer.status;
}

uint32_t
snoop_count(void *self, const struct xvs_guid *uuid)
{
    struct xvs_answer answer = { 0 };

    return ask(self, uuid, 0, &answer);
}

/* ---- Messages ----------------------------------------------------------- */

static void
put16(uint8_t *at, uint32_t number)
{
    at[0] = (uint8_t) (number >> 8);
    at[1] = (uint8_t) number;
}

static uint32_t
sum(uint32_t start, const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        start += i & 1 ? data[i] : (uint32_t) data[i] << 8;
    }
    return start;
}

static void
finish(uint8_t *at, uint32_t total)
{
    while (total >> 16) {
        total = (total & 0xffff) + (total >> 16);
    }
    put16(at, ~total & 0xffff);
}

size_t
snoop_one(uint8_t *body, uint8_t type, uint16_t code, const char *text)
{
    bool is_ipv6 = type >= 130;

    memset(body, 0, 24);
    body[0] = type;
    if (is_ipv6) {
        put16(body + 4, code);
        inet_pton(AF_INET6, *text ? text : "::", body + 8);
        return 24;
    }
    body[1] = (uint8_t) code;
    inet_pton(AF_INET, *text ? text : "0.0.0.0", body + 4);
    return 8;
}

size_t
snoop_list(uint8_t *body, bool is_ipv6, uint32_t n, uint8_t record,
           uint16_t n_sources, const char *text)
{
    size_t address = is_ipv6 ? 16 : 4;
    size_t size = 4 + address + n_sources * address;
    uint8_t first[16];

    inet_pton(is_ipv6 ? AF_INET6 : AF_INET, text, first);
    memset(body, 0, 8 + n * size);
    body[0] = is_ipv6 ? 143 : 0x22;
    put16(body + 6, n);
    for (uint32_t i = 0; i < n; i++) {
        uint8_t *at = body + 8 + i * size;

        at[0] = record;
        put16(at + 2, n_sources);
        memcpy(at + 4, first, address);
        put16(at + 4 + address - 2,
              ((uint32_t) first[address - 2] << 8 | first[address - 1]) + i);
    }
    return 8 + n * size;
}

/* The IP header, with options; returns where the message begins. */
static uint8_t *
put_ip(uint8_t *ip, const struct snoop_wrap *wrap, size_t size)
{
    size_t extra = wrap->no_alert ? 0 : wrap->is_ipv6 ? 8 : 4;
    uint8_t protocol = wrap->protocol ? wrap->protocol
        : wrap->is_ipv6 ? 58 : 2;

    if (wrap->is_ipv6) {
        memset(ip, 0, 40);
        ip[0] = 0x60;
        put16(ip + 4, (uint32_t) (size + extra));
        ip[6] = extra ? 0 : protocol;
        ip[7] = wrap->hops ? wrap->hops : 1;
        inet_pton(AF_INET6, wrap->source ? wrap->source : "fe80::9", ip + 8);
        inet_pton(AF_INET6, wrap->destination ? wrap->destination
                  : "ff02::16", ip + 24);
        if (extra) {
            memcpy(ip + 40, "\0\0\x05\x02\0\0\x01\0", 8);
            ip[40] = protocol;
        }
        return ip + 40 + extra;
    }
    memset(ip, 0, 20);
    ip[0] = (uint8_t) (0x45 + extra / 4);
    put16(ip + 2, (uint32_t) (20 + extra + size));
    ip[8] = wrap->hops ? wrap->hops : 1;
    ip[9] = protocol;
    inet_pton(AF_INET, wrap->source ? wrap->source : "192.0.2.9", ip + 12);
    inet_pton(AF_INET, wrap->destination ? wrap->destination : "224.0.0.22",
              ip + 16);
    memcpy(ip + 20, "\x94\x04\0\0", extra);
    finish(ip + 10, sum(0, ip, 20 + extra));
    return ip + 20 + extra;
}

size_t
snoop_wrap(uint8_t *frame, const struct snoop_wrap *wrap,
           const uint8_t *body, size_t size)
{
    uint8_t *at = frame + 12, *ip, *message;
    uint32_t total = 0;

    memcpy(frame, "\x01\0\x5e\0\0\x16\x02\0\0\0\0\x01", 12);
    if (wrap->vlan) {
        put16(at, 0x8100);
        put16(at + 2, wrap->vlan);
        at += 4;
    }
    put16(at, wrap->is_ipv6 ? 0x86dd : 0x0800);
    ip = at + 2;
    message = put_ip(ip, wrap, size);
    memcpy(message, body, size);
    put16(message + 2, 0);
    if (wrap->is_ipv6) {
        total = sum((uint32_t) size
                    + (wrap->protocol ? wrap->protocol : 58), ip + 8, 32);
    }
    finish(message + 2, sum(total, message, size));
    message[3] ^= wrap->wrong_sum;
    return (size_t) (message - frame) + size;
}

uint8_t
snoop_run(void *self, uint32_t port, bool out, uint8_t *frame, size_t size)
{
    struct xvs_packet packet = {
        .data = frame, .length = (uint32_t) size, .total = (uint32_t) size,
        .in_port = out ? XVS_PORT_NONE : port,
        .out_port = out ? port : XVS_PORT_NONE,
        .time = snoop_fake.now,
    };
    struct xvs_burst burst = { .n = 1, .packets = { &packet } };

    parse_packet(&packet);
    if (out) {
        xvs_extension_v1.egress(self, &burst);
    } else {
        xvs_extension_v1.ingress(self, &burst);
    }
    return packet.verdict == XVS_PASS ? 0 : packet.drop_reason;
}

static uint8_t
run_one(void *self, uint32_t port, uint8_t type, uint16_t code,
        const char *text, const char *source)
{
    struct snoop_wrap wrap = { .is_ipv6 = type >= 130, .source = source };
    uint8_t body[64], frame[256], reason;
    size_t size = snoop_one(body, type, code, text);

    size = snoop_wrap(frame, &wrap, body, size);
    reason = snoop_run(self, port, false, frame, size);
    snoop_settle(self);
    return reason;
}

uint8_t
snoop_join(void *self, uint32_t port, const char *text)
{
    return run_one(self, port, strchr(text, ':') ? 131 : 0x16, 0, text, NULL);
}

uint8_t
snoop_leave(void *self, uint32_t port, const char *text)
{
    return run_one(self, port, strchr(text, ':') ? 132 : 0x17, 0, text, NULL);
}

uint8_t
snoop_query(void *self, uint32_t port, const char *source)
{
    bool is_ipv6 = strchr(source, ':');

    return run_one(self, port, is_ipv6 ? 130 : 0x11, is_ipv6 ? 1000 : 10, "",
                   source);
}
