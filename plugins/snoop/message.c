/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Messages of IGMP and MLD, and the groups in them.  A message is judged
 * whole before anything of it is used: all records of a report lie within it,
 * or none is read.
 */
#include "message.h"

#include <string.h>

void
message_malformed(struct snoop_message *message, const char *why)
{
    message->kind = SNOOP_MALFORMED;
    message->why = why;
}

/* ---- Queries ------------------------------------------------------------ */

/* Number of 'bits' mantissa bits under a 3-bit exponent, when the top bit is
 * set (RFC 3376, 4.1.1; RFC 3810, 5.1.3). */
static uint32_t
floating(uint32_t code, unsigned int bits)
{
    uint32_t exponent = code >> bits & 7;

    return ((code & ((1u << bits) - 1)) | 1u << bits) << (exponent + 3);
}

static void
query4(struct snoop_message *message, struct span body)
{
    uint32_t code = body.data[1];

    message->kind = SNOOP_QUERY;
    message->version = body.size > 8 ? 3 : code ? 2 : 1;
    memcpy(message->group, body.data + 4, 4);
    if (body.size > 8
        && (body.size < 12
            || span_be16(body.data + 10) * 4 > body.size - 12)) {
        message_malformed(message, "a query of another size than it says");
    } else if (!snoop_is_zero(message->group)
               && message->group[0] >> 4 != 0xe) {
        message_malformed(message, "a query for what is no group");
    }
    code = message->version == 3 && code >= 128 ? floating(code, 4) : code;
    message->response_ms = message->version == 1 ? 10000 : code * 100;
}

static void
query6(struct snoop_message *message, struct span body)
{
    uint32_t code;

    if (body.size != 24
        && (body.size < 28
            || span_be16(body.data + 26) * 16 > body.size - 28)) {
        message_malformed(message, "a query of another size than it says");
        return;
    }
    message->kind = SNOOP_QUERY;
    message->version = body.size == 24 ? 1 : 2;
    memcpy(message->group, body.data + 8, SNOOP_ADDRESS);
    if (!snoop_is_zero(message->group) && message->group[0] != 0xff) {
        message_malformed(message, "a query for what is no group");
    }
    code = span_be16(body.data + 4);
    message->response_ms = message->version == 2 && code >= 32768
        ? floating(code, 12) : code;
}

/* ---- Reports ------------------------------------------------------------ */

/* Bytes of the record; 0: it does not fit. */
static size_t
record_size(const struct snoop_message *message, const uint8_t *at,
            size_t left)
{
    size_t address = message->is_ipv6 ? 16 : 4, size;

    if (left < 4 + address) {
        return 0;
    }
    size = 4 + address + span_be16(at + 2) * address + (size_t) at[1] * 4;
    return size <= left ? size : 0;
}

static void
report_of_list(struct snoop_message *message, struct span body)
{
    const uint8_t *at = body.data + 8;
    size_t left = body.size - 8, size;

    message->kind = SNOOP_REPORT;
    message->version = message->is_ipv6 ? 2 : 3;
    message->is_report_of_list = true;
    message->n_records = span_be16(body.data + 6);
    message->at = at;
    for (uint32_t i = 0; i < message->n_records; i++) {
        size = record_size(message, at, left);
        if (!size) {
            message_malformed(message, "a report ends before its records");
            return;
        }
        if (at[4] >> 4
            != (message->is_ipv6 ? 0xf : 0xe)) {
            message_malformed(message, "a report of what is no group");
            return;
        }
        at += size;
        left -= size;
    }
}

/* A message about one group, which is at 'group'. */
static void
report_of_one(struct snoop_message *message, struct span body,
              enum snoop_kind kind, uint8_t version)
{
    const uint8_t *group = body.data + (message->is_ipv6 ? 8 : 4);

    message->kind = kind;
    message->version = version;
    message->n_records = 1;
    memcpy(message->group, group, message->is_ipv6 ? SNOOP_ADDRESS : 4);
    if (message->is_ipv6 ? group[0] != 0xff : group[0] >> 4 != 0xe) {
        message_malformed(message, "a report of what is no group");
    }
}

/* What a record of a list says; false: nothing that is new. */
static bool
read_record(const uint8_t *at, struct snoop_record *record)
{
    bool has_sources = span_be16(at + 2) != 0;

    switch (at[0]) {
    case 1:                     /* listens to these sources only */
    case 3:                     /* from now on to these only */
        record->joins = has_sources;
        return true;
    case 2:                     /* to all but these */
    case 4:
        record->joins = true;
        return true;
    case 5:                     /* to these as well */
        record->joins = true;
        return has_sources;
    default:                    /* 6: to these no more, but perhaps others */
        return false;
    }
}

bool
snoop_next(struct snoop_message *message, struct snoop_record *record)
{
    size_t address = message->is_ipv6 ? 16 : 4;

    while (message->n_records) {
        const uint8_t *at = message->at;

        message->n_records--;
        memset(record->group, 0, sizeof(record->group));
        if (!message->is_report_of_list) {
            memcpy(record->group, message->group, SNOOP_ADDRESS);
            record->joins = message->kind == SNOOP_REPORT;
            return true;
        }
        memcpy(record->group, at + 4, address);
        message->at += record_size(message, at, SIZE_MAX);
        if (read_record(at, record)) {
            return true;
        }
    }
    return false;
}

/* ---- By type ------------------------------------------------------------ */

void
message_igmp(struct snoop_message *message, struct span body,
             bool has_alert)
{
    bool is_query = body.data[0] == 0x11;

    switch (body.data[0]) {
    case 0x11:
        query4(message, body);
        break;
    case 0x12:
        report_of_one(message, body, SNOOP_REPORT, 1);
        break;
    case 0x16:
        report_of_one(message, body, SNOOP_REPORT, 2);
        break;
    case 0x17:
        report_of_one(message, body, SNOOP_LEAVE, 2);
        break;
    case 0x22:
        report_of_list(message, body);
        break;
    default:
        return;
    }
    /* Version 1 is older than the option, and v1 queries look like v2. */
    if (message->kind != SNOOP_MALFORMED && message->version > 1
        && !has_alert) {
        message_malformed(message, is_query ? "a query without router alert"
                                    : "a report without router alert");
    }
}

void
message_mld(struct snoop_message *message, struct span body)
{
    if (body.data[0] == 143) {
        report_of_list(message, body);
    } else if (body.size < 24) {
        message_malformed(message, "an MLD message is cut short");
    } else if (body.data[0] == 130) {
        query6(message, body);
    } else {
        report_of_one(message, body, body.data[0] == 131 ? SNOOP_REPORT
                                                         : SNOOP_LEAVE, 1);
    }
}

/* ---- Groups ------------------------------------------------------------- */

void
snoop_mac(bool is_ipv6, const uint8_t *group, uint8_t mac[6])
{
    if (is_ipv6) {
        mac[0] = mac[1] = 0x33;
        memcpy(mac + 2, group + 12, 4);
        return;
    }
    memcpy(mac, "\x01\x00\x5e", 3);
    mac[3] = group[1] & 0x7f;
    mac[4] = group[2];
    mac[5] = group[3];
}

bool
snoop_is_flooded(bool is_ipv6, const uint8_t *group)
{
    uint8_t mac[6];

    snoop_mac(is_ipv6, group, mac);
    if (is_ipv6) {
        return group[0] != 0xff || mac[2] == 0xff
            || memcmp(mac + 2, "\0\0\0", 3) == 0;
    }
    return group[0] >> 4 != 0xe || (mac[3] == 0 && mac[4] == 0);
}
