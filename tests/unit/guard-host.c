/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * See guard-host.h.
 */
#include <config.h>

#include "guard-host.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "packet/parse.h"

struct xvs_answer {
    struct xvs_view view;       /* the last object, in 'body' */
    char body[1024] __attribute__((aligned(8)));
    uint32_t n;                 /* objects */
};

static struct {
    void *data;
    void (*release)(void *data);
} retired[2000];
static size_t n_retired;

char guard_refusal[256], guard_event[512], guard_texts[4][300];
_Atomic uint64_t guard_now = 1000000000000;

/* ---- The host ----------------------------------------------------------- */

static void
host_event(const struct xvs_host *host, enum xvs_log_level level,
           const char *text)
{
    (void) host;
    (void) level;
    snprintf(guard_event, sizeof(guard_event), "%s", text);
}

static int
host_refuse(struct xvs_answer *answer, int result, const char *text)
{
    (void) answer;
    snprintf(guard_refusal, sizeof(guard_refusal), "%s", text);
    return result;
}

static int
host_answer(struct xvs_answer *answer, const struct xvs_guid *instance,
            const struct xvs_view *view)
{
    (void) instance;
    if (view->size > sizeof(answer->body)) {
        abort();
    }
    if (answer->n++ == 0) {
        memcpy(answer->body, view->body, view->size);
        answer->view = (struct xvs_view) { answer->body, view->size, 0, NULL };
    }
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
    (void) milliseconds;
}

static uint64_t
host_now(const struct xvs_host *host)
{
    (void) host;
    return guard_now;
}

static const struct xvs_host the_host = {
    .size = sizeof(the_host),
    .api_version = XVS_API_VERSION,
    .switch_name = "test",
    .log = host_event,
    .refuse = host_refuse,
    .answer = host_answer,
    .event = host_event,
    .retire = host_retire,
    .timer = host_timer,
    .now = host_now,
};

void *
guard_begin(void)
{
    struct xvs_port port = { .size = sizeof(port), .mac = MAC_A };
    void *self = NULL;

    if (xvs_extension_v1.init(&the_host, &self) != XVS_SUCCESS) {
        abort();
    }
    for (port.id = 1; port.id <= 3; port.id++) {
        snprintf(port.name, sizeof(port.name), "p%u", port.id);
        if (xvs_extension_v1.port(self, XVS_PORT_CREATED, &port)
            != XVS_SUCCESS) {
            abort();
        }
        memcpy(port.mac, port.id == 1 ? MAC_B : "\0\0\0\0\0", 6);
    }
    guard_event[0] = 0;
    return self;
}

void
guard_end(void *self)
{
    xvs_extension_v1.fini(self);
    guard_grace();
}

void
guard_grace(void)
{
    while (n_retired) {
        n_retired--;
        retired[n_retired].release(retired[n_retired].data);
    }
}

/* ---- Settings and status ------------------------------------------------ */

static int
put(void *self, struct xvs_setting *setting, enum xvs_setting_op op,
    uint32_t port, uint32_t number)
{
    struct xvs_answer answer = { .n = 0 };

    guard_refusal[0] = 0;
    setting->size = sizeof(*setting);
    setting->op = op;
    setting->scope = port ? XVS_SCOPE_PORT : XVS_SCOPE_SWITCH;
    setting->port_id = port ? port : XVS_PORT_NONE;
    setting->instance = (struct xvs_guid) { .a = number };
    setting->version = 0x0100;
    if (op == XVS_DELETE) {
        setting->view = (struct xvs_view) { NULL, 0, 0, NULL };
    }
    return xvs_extension_v1.setting(self, setting, &answer);
}

int
guard_put(void *self, enum xvs_setting_op op, uint32_t port, uint32_t number,
          const struct guard_test_settings *from)
{
    static const struct xvs_guid of_port = XVS_GUARD_PORT_SETTINGS_UUID;
    static const struct xvs_guid of_switch = XVS_GUARD_SWITCH_SETTINGS_UUID;
    struct xvs_guard_port_settings_writer writer;
    char memory[512] __attribute__((aligned(8)));
    struct xvs_guard_port_settings *body =
        xvs_guard_port_settings_start(&writer, memory, sizeof(memory));
    struct xvs_setting setting = { .uuid = port ? of_port : of_switch };

    body->mode = from->mode;
    body->trusted = from->trusted;
    body->check_macs = from->macs;
    body->check_addresses = from->addresses;
    body->block_dhcp_server = from->dhcp;
    body->block_router_advertisement = from->router;
    body->block_redirects = from->redirects;
    body->dhcp_snooping = from->snooping;
    body->arp_rate = from->arp_rate;
    xvs_guard_port_settings_set_allowed_macs(&writer, from->allowed
                                             ? from->allowed : "");
    setting.view = xvs_guard_port_settings_view(&writer);
    writer.present[0] = (uint8_t) from->given;
    writer.present[1] = (uint8_t) (from->given >> 8);
    return put(self, &setting, op, port, number);
}

int
guard_put_address(void *self, enum xvs_setting_op op, uint32_t port,
                  uint32_t number, const char *text)
{
    struct xvs_guard_address_writer writer;
    char memory[256] __attribute__((aligned(8)));
    struct xvs_setting setting = { .uuid = XVS_GUARD_ADDRESS_UUID };

    xvs_guard_address_start(&writer, memory, sizeof(memory));
    xvs_guard_address_set_address(&writer, text);
    setting.view = xvs_guard_address_view(&writer);
    return put(self, &setting, op, port, number);
}

static void
query(void *self, const struct xvs_guid *uuid, uint32_t port,
      struct xvs_answer *answer)
{
    struct xvs_query the_query = {
        .size = sizeof(the_query), .scope = XVS_SCOPE_PORT, .port_id = port,
        .version = 0x0100, .uuid = *uuid,
    };

    answer->n = 0;
    if (xvs_extension_v1.status(self, &the_query, answer) != XVS_SUCCESS) {
        abort();
    }
}

struct xvs_guard_port_status
guard_port_status(void *self, uint32_t port)
{
    static const struct xvs_guid uuid = XVS_GUARD_PORT_STATUS_UUID;
    struct xvs_guard_port_status status;
    struct xvs_answer answer;

    query(self, &uuid, port, &answer);
    memcpy(&status, answer.body, sizeof(status));
    const struct xvs_ref refs[] = { status.last_reason, status.last_mac,
                                    status.last_address, status.macs };

    for (int i = 0; i < 4; i++) {
        snprintf(guard_texts[i], sizeof(guard_texts[i]), "%s",
                 xvs_ref_string(&answer.view, refs[i]));
    }
    return status;
}

uint32_t
guard_port_leases(void *self, uint32_t port, char text[80])
{
    static const struct xvs_guid uuid = XVS_GUARD_LEASE_UUID;
    struct xvs_guard_lease lease;
    struct xvs_answer answer;

    query(self, &uuid, port, &answer);
    if (answer.n) {
        memcpy(&lease, answer.body, sizeof(lease));
        snprintf(text, 80, "%s %s %u %u",
                 xvs_ref_string(&answer.view, lease.address),
                 xvs_ref_string(&answer.view, lease.mac_address),
                 lease.vlan, lease.left);
    }
    return answer.n;
}

/* ---- Frames ------------------------------------------------------------- */

static void
put16(uint8_t *at, uint32_t number)
{
    at[0] = (uint8_t) (number >> 8);
    at[1] = (uint8_t) number;
}

void
frame_put(struct guard_frame *frame, const void *bytes, uint32_t size)
{
    memcpy(frame->bytes + frame->size, bytes, size);
    frame->size += size;
}

void
frame_start(struct guard_frame *frame, const char *mac, uint32_t n_tags)
{
    memset(frame, 0, sizeof(*frame));
    frame_put(frame, "\xff\xff\xff\xff\xff\xff", 6);
    frame_put(frame, mac, 6);
    for (uint32_t i = 0; i < n_tags; i++) {
        frame_put(frame, i + 1 < n_tags ? "\x88\xa8\0\x2a" : "\x81\0\0\x2a",
                  4);
    }
}

static void
put_address(uint8_t *at, const char *text)
{
    if (inet_pton(strchr(text, ':') ? AF_INET6 : AF_INET, text, at) != 1) {
        abort();
    }
}

void
frame_arp(struct guard_frame *frame, uint8_t operation, const char *mac,
          const char *source, const char *target)
{
    uint8_t *arp;

    frame_put(frame, "\x08\x06\0\x01\x08\0\x06\x04\0", 9);
    frame_put(frame, &operation, 1);
    arp = frame->bytes + frame->size;
    memcpy(arp, mac, 6);
    put_address(arp + 6, source);
    put_address(arp + 16, target);
    frame->size += 20;
}

void
frame_ipv4(struct guard_frame *frame, const char *source,
           const char *destination, uint8_t protocol)
{
    uint8_t *ip = frame->bytes + frame->size + 2;

    put16(ip - 2, 0x0800);
    frame->size += 22;
    frame->l3 = frame->size - 20;
    ip[0] = 0x45;
    ip[8] = 64;
    ip[9] = protocol;
    put_address(ip + 12, source);
    put_address(ip + 16, destination);
}

void
frame_ipv6(struct guard_frame *frame, const char *source,
           const char *destination, uint8_t next)
{
    uint8_t *ip = frame->bytes + frame->size + 2;

    put16(ip - 2, 0x86dd);
    frame->size += 42;
    frame->l3 = frame->size - 40;
    ip[0] = 0x60;
    ip[6] = next;
    ip[7] = 255;
    put_address(ip + 8, source);
    put_address(ip + 24, destination);
}

void
frame_extension(struct guard_frame *frame, uint8_t next)
{
    uint8_t bytes[8] = { next, 0, 1, 4 };

    frame_put(frame, bytes, sizeof(bytes));
}

void
frame_fragment(struct guard_frame *frame, uint8_t next, uint16_t offset,
               int more)
{
    uint8_t bytes[8] = { next };

    put16(bytes + 2, offset * 8u + (more ? 1 : 0));
    frame_put(frame, bytes, sizeof(bytes));
}

void
frame_udp(struct guard_frame *frame, uint16_t from, uint16_t to)
{
    uint8_t udp[8] = { 0 };

    frame->l4 = frame->size;
    put16(udp, from);
    put16(udp + 2, to);
    frame_put(frame, udp, sizeof(udp));
}

void
frame_icmp6(struct guard_frame *frame, uint8_t type, const char *target,
            uint8_t option, const char *mac)
{
    uint8_t icmp[24] = { type };
    uint8_t bytes[8] = { option, 1 };

    if (target) {
        put_address(icmp + 8, target);
    }
    frame_put(frame, icmp, target ? 24 : type == 134 ? 16 : 8);
    if (option) {
        memcpy(bytes + 2, mac, 6);
        frame_put(frame, bytes, sizeof(bytes));
    }
}

void
frame_dhcp(struct guard_frame *frame, uint8_t operation, uint8_t type,
           uint32_t number, const char *mac, const char *given,
           uint32_t seconds)
{
    uint8_t *dhcp = frame->bytes + frame->size;

    dhcp[0] = operation;
    dhcp[1] = 1;
    dhcp[2] = 6;
    memcpy(dhcp + 4, &number, 4);
    put_address(dhcp + (type == 7 ? 12 : 16), given);
    memcpy(dhcp + 28, mac, 6);
    frame->size += 236;
    if (type) {
        uint8_t options[] = { 0x63, 0x82, 0x53, 0x63, 0, 53, 1, type, 51, 4,
                              (uint8_t) (seconds >> 24),
                              (uint8_t) (seconds >> 16),
                              (uint8_t) (seconds >> 8), (uint8_t) seconds,
                              255 };

        frame_put(frame, options, sizeof(options));
    }
}

static void
finish(struct guard_frame *frame)
{
    uint8_t *ip = frame->bytes + frame->l3;

    if (frame->l3 && ip[0] == 0x45) {
        put16(ip + 2, frame->size - frame->l3);
    } else if (frame->l3) {
        put16(ip + 4, frame->size - frame->l3 - 40);
    }
}

enum guard_reason
guard_run(void *self, uint32_t port, struct guard_frame *frame)
{
    struct xvs_packet packet = { .in_port = port, .time = guard_now };
    struct xvs_burst burst = { .n = 1, .packets = { &packet } };

    finish(frame);
    packet.data = frame->bytes;
    packet.length = packet.total = frame->size;
    parse_packet(&packet);
    xvs_extension_v1.ingress(self, &burst);
    return packet.verdict == XVS_DROP
        ? (enum guard_reason) packet.drop_reason : GUARD_PASS;
}
