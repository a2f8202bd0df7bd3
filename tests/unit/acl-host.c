/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * See acl-host.h.
 */
#include <config.h>

#include "acl-host.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "packet/parse.h"

struct xvs_answer {
    struct acl_test_answer *answer;     /* where objects go, or NULL */
};

static struct {
    void *data;
    void (*release)(void *data);
} retired[4000];
static size_t n_retired;

char acl_refusal[256];
_Atomic uint64_t acl_now = 1000000000;
uint32_t acl_timer_ms;

static void
host_log(const struct xvs_host *host, enum xvs_log_level level,
         const char *text)
{
    (void) host;
    fprintf(stderr, "%d: %s\n", (int) level, text);
}

static int
host_refuse(struct xvs_answer *answer, int result, const char *text)
{
    (void) answer;
    snprintf(acl_refusal, sizeof(acl_refusal), "%s", text);
    return result;
}

static int
host_answer(struct xvs_answer *to, const struct xvs_guid *instance,
            const struct xvs_view *view)
{
    struct acl_test_answer *answer = to->answer;

    if (answer->n == 16 || view->size > sizeof(answer->bodies[0])) {
        abort();
    }
    memcpy(answer->bodies[answer->n], view->body, view->size);
    answer->instances[answer->n] = *instance;
    answer->present[answer->n] = view->n_present ? view->present[0] : 0xff;
    answer->n++;
    return XVS_SUCCESS;
}

static void
host_retire(const struct xvs_host *host, void *data,
            void (*release)(void *data))
{
    (void) host;
    if (n_retired == sizeof(retired) / sizeof(retired[0])) {
        abort();
    }
    retired[n_retired].data = data;
    retired[n_retired++].release = release;
}

static void
host_timer(const struct xvs_host *host, uint32_t milliseconds)
{
    (void) host;
    acl_timer_ms = milliseconds;
}

static uint64_t
host_now(const struct xvs_host *host)
{
    (void) host;
    return acl_now;
}

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
};

void *
acl_begin(void)
{
    struct xvs_port port = { .size = sizeof(port), .name = "p" };
    void *self = NULL;

    if (xvs_extension_v1.init(&the_host, &self) != XVS_SUCCESS) {
        abort();
    }
    for (port.id = 1; port.id <= 2; port.id++) {
        if (xvs_extension_v1.port(self, XVS_PORT_CREATED, &port)
            != XVS_SUCCESS) {
            abort();
        }
    }
    return self;
}

void
acl_end(void *self)
{
    xvs_extension_v1.fini(self);
    acl_grace();
}

void
acl_grace(void)
{
    while (n_retired) {
        n_retired--;
        retired[n_retired].release(retired[n_retired].data);
    }
}

static int
put(void *self, struct xvs_setting *setting, enum xvs_setting_op op,
    uint32_t port, uint32_t number)
{
    struct xvs_answer answer = { NULL };

    acl_refusal[0] = 0;
    setting->size = sizeof(*setting);
    setting->op = op;
    setting->scope = port ? XVS_SCOPE_PORT : XVS_SCOPE_SWITCH;
    setting->port_id = port ? port : XVS_PORT_NONE;
    setting->instance = (struct xvs_guid) { .a = number };
    setting->version = 0x0100;
    return xvs_extension_v1.setting(self, setting, &answer);
}

static struct xvs_guid
rule_class(uint32_t port)
{
    static const struct xvs_guid port_rule = XVS_ACL_PORT_RULE_UUID;
    static const struct xvs_guid switch_rule = XVS_ACL_SWITCH_RULE_UUID;

    return port ? port_rule : switch_rule;
}

static struct xvs_ref
put_text(struct xvs_writer *writer, const char *text)
{
    return xvs_put_string(writer, text ? text : "");
}

int
acl_put_rule(void *self, enum xvs_setting_op op, uint32_t number,
             const struct acl_test_rule *rule)
{
    char memory[512] __attribute__((aligned(8)));
    struct xvs_acl_port_rule *body = (struct xvs_acl_port_rule *) memory;
    struct xvs_writer writer;

    xvs_writer_start(&writer, memory, sizeof(memory), sizeof(*body));
    body->priority = rule->priority;
    body->direction = rule->direction ? rule->direction : 3;
    body->action = rule->action;
    body->protocol = rule->protocol;
    body->stateful = rule->stateful;
    body->ethertype = rule->ethertype;
    body->source_port_low = rule->source_low;
    body->source_port_high = rule->source_high;
    body->destination_port_low = rule->destination_low;
    body->destination_port_high = rule->destination_high;
    body->idle_timeout = rule->idle;
    body->source_prefix = put_text(&writer, rule->source);
    body->destination_prefix = put_text(&writer, rule->destination);
    body->source_mac = put_text(&writer, rule->source_mac);
    body->destination_mac = put_text(&writer, rule->destination_mac);
    struct xvs_setting setting = {
        .uuid = rule_class(rule->port),
        .view = { memory, writer.size, 0, NULL },
    };

    return put(self, &setting, op, rule->port, number);
}

int
acl_delete_rule(void *self, uint32_t port, uint32_t number)
{
    struct xvs_setting setting = { .uuid = rule_class(port) };

    return put(self, &setting, XVS_DELETE, port, number);
}

int
acl_put_policy(void *self, uint32_t port, uint8_t default_action,
               uint32_t max_connections)
{
    struct xvs_acl_port_settings body = {
        .default_action = default_action,
        .max_connections = max_connections,
    };
    struct xvs_setting setting = {
        .uuid = XVS_ACL_PORT_SETTINGS_UUID,
        .view = { &body, sizeof(body), 0, NULL },
    };

    return put(self, &setting, XVS_ADD, port, 1);
}

int
acl_query(void *self, const struct xvs_guid *uuid, uint32_t port,
          struct acl_test_answer *answer)
{
    struct xvs_answer to = { answer };
    struct xvs_query query = {
        .size = sizeof(query),
        .scope = port ? XVS_SCOPE_PORT : XVS_SCOPE_SWITCH,
        .port_id = port ? port : XVS_PORT_NONE,
        .version = 0x0100,
        .uuid = *uuid,
    };

    answer->n = 0;
    return xvs_extension_v1.status(self, &query, &to);
}

struct xvs_acl_port_status
acl_port_status(void *self, uint32_t port)
{
    static const struct xvs_guid uuid = XVS_ACL_PORT_STATUS_UUID;
    struct acl_test_answer answer;
    struct xvs_acl_port_status status;

    if (acl_query(self, &uuid, port, &answer) != XVS_SUCCESS
        || answer.n != 1) {
        abort();
    }
    memcpy(&status, answer.bodies[0], sizeof(status));
    return status;
}

uint64_t
acl_rule_packets(void *self, uint32_t port, uint32_t number)
{
    static const struct xvs_guid of_port = XVS_ACL_RULE_STATUS_UUID;
    static const struct xvs_guid of_switch = XVS_ACL_SWITCH_RULE_STATUS_UUID;
    struct acl_test_answer answer;
    struct xvs_acl_rule_status status;

    acl_query(self, port ? &of_port : &of_switch, port, &answer);
    for (uint32_t i = 0; i < answer.n; i++) {
        if (answer.instances[i].a == number) {
            memcpy(&status, answer.bodies[i], sizeof(status));
            return status.packets;
        }
    }
    abort();
}

static uint8_t *
put16(uint8_t *at, unsigned int number)
{
    at[0] = (uint8_t) (number >> 8);
    at[1] = (uint8_t) number;
    return at + 2;
}

static uint8_t *put_ip(uint8_t *at, const struct acl_test_packet *from);

static uint8_t *
put_transport(uint8_t *at, const struct acl_test_packet *from)
{
    memset(at, 0, 20);
    if (from->fragment & 0x1fff) {
        return at + 24;
    }
    if (from->protocol == 1 || from->protocol == 58) {
        at[0] = (uint8_t) from->source_port;
        put16(at + 4, from->destination_port);
        return from->quoted ? put_ip(at + 8, from->quoted) : at + 16;
    }
    put16(at, from->source_port);
    put16(at + 2, from->destination_port);
    at[12] = 0x50;
    at[13] = from->tcp_flags;
    return at + 20;
}

/* The fragment header of IPv6, when it is needed. */
static uint8_t *
put_fragment(uint8_t *at, const struct acl_test_packet *from)
{
    memset(at, 0, 8);
    at[0] = from->protocol;
    put16(at + 2, (from->fragment & 0x1fffu) << 3 | from->fragment >> 13);
    put16(at + 6, from->datagram);
    return at + 8;
}

static uint8_t *
put_ip(uint8_t *at, const struct acl_test_packet *from)
{
    bool is_v6 = strchr(from->source, ':') != NULL;
    bool has_fragment = is_v6 && from->fragment;
    uint8_t *l4 = has_fragment ? put_fragment(at + 40, from)
                               : at + (is_v6 ? 40 : 20);
    uint8_t *end = put_transport(l4, from);

    memset(at, 0, is_v6 ? 40 : 20);
    if (is_v6) {
        at[0] = 0x60;
        put16(at + 4, (unsigned int) (end - at - 40));
        at[6] = has_fragment ? 44 : from->protocol;
        inet_pton(AF_INET6, from->source, at + 8);
        inet_pton(AF_INET6, from->destination, at + 24);
    } else {
        at[0] = 0x45;
        put16(at + 2, (unsigned int) (end - at));
        put16(at + 4, from->datagram);
        put16(at + 6, from->fragment);
        at[8] = 64;
        at[9] = from->protocol;
        inet_pton(AF_INET, from->source, at + 12);
        inet_pton(AF_INET, from->destination, at + 16);
    }
    return end;
}

void
acl_make_packet(struct xvs_packet *packet, uint8_t *frame,
                const struct acl_test_packet *from)
{
    uint8_t *at = frame + 12;

    memcpy(frame, "\x02\0\0\0\0\x02\x02\0\0\0\0\x01", 12);
    if (from->source_mac) {
        frame[11] = (uint8_t) strtoul(from->source_mac, NULL, 16);
    }
    for (unsigned int i = 0; i < from->n_tags; i++) {
        at = put16(put16(at, i + 1 < from->n_tags ? 0x88a8 : 0x8100), 42);
    }
    if (from->kind == TEST_ARP) {
        at = put16(at, 0x0806);
        memcpy(at, "\0\x01\x08\0\x06\x04\0\x01", 8);
        memset(at + 8, 0, 20);
        at += 28;
    } else if (from->kind == TEST_LLDP) {
        at = put16(at, 0x88cc);
        memset(at, 0, 46);
        at += 46;
    } else {
        at = put16(at, strchr(from->source, ':') ? 0x86dd : 0x0800);
        at = put_ip(at, from);
    }
    memset(packet, 0, sizeof(*packet));
    packet->data = frame;
    packet->length = (uint32_t) (at - frame) - from->cut;
    packet->total = packet->length;
    packet->time = acl_now;
    parse_packet(packet);
}

bool
acl_run(void *self, uint32_t port, bool out,
        const struct acl_test_packet *from)
{
    uint8_t frame[512];
    struct xvs_packet packet;
    struct xvs_burst burst = { .n = 1, .packets = { &packet } };

    acl_make_packet(&packet, frame, from);
    packet.in_port = out ? XVS_PORT_NONE : port;
    packet.out_port = out ? port : XVS_PORT_NONE;
    if (out) {
        xvs_extension_v1.egress(self, &burst);
    } else {
        xvs_extension_v1.ingress(self, &burst);
    }
    return packet.verdict == XVS_PASS;
}
