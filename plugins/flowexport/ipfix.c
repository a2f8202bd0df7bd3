/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See ipfix.h.  One table says which elements a record has; templates and
 * records are both written from it, so that they cannot differ.
 */

#include "ipfix.h"

#define HEADER 16u
#define SET_HEADER 4u
#define VERSION 10
#define SET_TEMPLATES 2
#define SET_OPTIONS 3
#define VARIABLE 65535
#define NAME_MAX_SIZE 63u

enum template { TEMPLATE_V4 = 256, TEMPLATE_V6, TEMPLATE_L2, TEMPLATE_TOTALS,
                TEMPLATE_PORT };

/* Information elements. */
enum element {
    OCTETS = 1, PACKETS = 2, PROTOCOL = 4, TOS = 5, TCP_CONTROL = 6,
    SOURCE_PORT = 7, SOURCE_V4 = 8, IN_PORT = 10, DESTINATION_PORT = 11,
    DESTINATION_V4 = 12, OUT_PORT = 14, SOURCE_V6 = 27, DESTINATION_V6 = 28,
    TOTAL_OCTETS = 40, TOTAL_MESSAGES = 41, TOTAL_RECORDS = 42,
    SOURCE_MAC = 56, VLAN = 58, IP_VERSION = 60, DESTINATION_MAC = 80,
    PORT_NAME = 82, END_REASON = 136, DOMAIN = 149, START = 152, END = 153,
    ETHERTYPE = 256, FRAME_OCTETS = 352
};

struct field {
    uint16_t element, size;
};

/* What all flows have, at the end of their records. */
#define COMMON \
    { IN_PORT, 4 }, { OUT_PORT, 4 }, { VLAN, 2 }, { END_REASON, 1 }, \
    { PACKETS, 8 }, { OCTETS, 8 }, { FRAME_OCTETS, 8 }, { START, 8 }, \
    { END, 8 }, { 0, 0 }
#define TRANSPORT \
    { SOURCE_PORT, 2 }, { DESTINATION_PORT, 2 }, { PROTOCOL, 1 }, \
    { TOS, 1 }, { IP_VERSION, 1 }, { TCP_CONTROL, 2 }

static const struct field v4[] = { { SOURCE_V4, 4 }, { DESTINATION_V4, 4 },
                                   TRANSPORT, COMMON };
static const struct field v6[] = { { SOURCE_V6, 16 }, { DESTINATION_V6, 16 },
                                   TRANSPORT, COMMON };
static const struct field l2[] = { { SOURCE_MAC, 6 }, { DESTINATION_MAC, 6 },
                                   { ETHERTYPE, 2 }, COMMON };
/* Of options, the first field is the scope. */
static const struct field totals[] = {
    { DOMAIN, 4 }, { TOTAL_MESSAGES, 8 }, { TOTAL_RECORDS, 8 },
    { TOTAL_OCTETS, 8 }, { 0, 0 } };
static const struct field port[] = { { IN_PORT, 4 },
                                     { PORT_NAME, VARIABLE }, { 0, 0 } };

static uint32_t
n_fields(const struct field *fields)
{
    uint32_t n = 0;

    while (fields[n].element) {
        n++;
    }
    return n;
}

static uint32_t
record_size(const struct field *fields)
{
    uint32_t size = 0;

    for (; fields->element; fields++) {
        size += fields->size;
    }
    return size;
}

/* ---- Sets --------------------------------------------------------------- */

void
ipfix_begin(struct ipfix *ipfix)
{
    ipfix->message.size = HEADER;
    ipfix->n = 0;
    ipfix->set = 0;
    ipfix->set_id = 0;
}

static void
close_set(struct ipfix *ipfix)
{
    if (ipfix->set) {
        message_set(&ipfix->message, ipfix->set + 2,
                    ipfix->message.size - ipfix->set, 2);
        ipfix->set = 0;
    }
}

/* Makes sure that 'size' bytes can follow in a set of that number. */
static bool
open_set(struct ipfix *ipfix, uint16_t id, uint32_t size)
{
    bool is_open = ipfix->set && ipfix->set_id == id;

    if (!message_has(&ipfix->message, size + (is_open ? 0 : SET_HEADER))) {
        return false;
    }
    if (!is_open) {
        close_set(ipfix);
        ipfix->set = ipfix->message.size;
        ipfix->set_id = id;
        message_number(&ipfix->message, id, 2);
        message_number(&ipfix->message, 0, 2);
    }
    return true;
}

bool
ipfix_end(struct ipfix *ipfix, uint32_t seconds)
{
    struct message *message = &ipfix->message;

    close_set(ipfix);
    if (message->size <= HEADER) {
        return false;
    }
    message_set(message, 0, VERSION, 2);
    message_set(message, 2, message->size, 2);
    message_set(message, 4, seconds, 4);
    message_set(message, 8, ipfix->sequence, 4);
    message_set(message, 12, ipfix->domain, 4);
    ipfix->sequence += ipfix->n;
    return true;
}

/* ---- Templates ---------------------------------------------------------- */

static void
put_fields(struct message *message, const struct field *fields)
{
    for (; fields->element; fields++) {
        message_number(message, fields->element, 2);
        message_number(message, fields->size, 2);
    }
}

static void
put_template(struct ipfix *ipfix, enum template id,
             const struct field *fields)
{
    open_set(ipfix, SET_TEMPLATES, 4 + 4 * n_fields(fields));
    message_number(&ipfix->message, id, 2);
    message_number(&ipfix->message, n_fields(fields), 2);
    put_fields(&ipfix->message, fields);
}

static void
put_options(struct ipfix *ipfix, enum template id, const struct field *fields)
{
    open_set(ipfix, SET_OPTIONS, 6 + 4 * n_fields(fields));
    message_number(&ipfix->message, id, 2);
    message_number(&ipfix->message, n_fields(fields), 2);
    message_number(&ipfix->message, 1, 2);
    put_fields(&ipfix->message, fields);
}

void
ipfix_templates(struct ipfix *ipfix)
{
    put_template(ipfix, TEMPLATE_V4, v4);
    put_template(ipfix, TEMPLATE_V6, v6);
    put_template(ipfix, TEMPLATE_L2, l2);
    put_options(ipfix, TEMPLATE_TOTALS, totals);
    put_options(ipfix, TEMPLATE_PORT, port);
}

/* ---- Records ------------------------------------------------------------ */

static uint64_t
milliseconds(const struct ipfix *ipfix, uint64_t ns)
{
    return (uint64_t) ((int64_t) ns + ipfix->epoch_ns) / 1000000u;
}

static uint64_t
number_of(const struct ipfix *ipfix, const struct xvs_flow *flow,
          enum ipfix_end reason, uint16_t element)
{
    switch (element) {
    case SOURCE_PORT:
        return flow->source_port;
    case DESTINATION_PORT:
        return flow->destination_port;
    case PROTOCOL:
        return flow->protocol;
    case TOS:
        return flow->tos;
    case IP_VERSION:
        return flow->ip_version;
    case TCP_CONTROL:
        return flow->tcp_flags;
    case ETHERTYPE:
        return flow->ethertype;
    case IN_PORT:
        return flow->in_port;
    case OUT_PORT:
        return flow->out_port == XVS_PORT_NONE ? 0 : flow->out_port;
    case VLAN:
        return flow->vlan;
    case END_REASON:
        return reason;
    case PACKETS:
        return flow->packets;
    case OCTETS:
        return flow->bytes;
    case FRAME_OCTETS:
        return flow->frame_bytes;
    case START:
        return milliseconds(ipfix, flow->first);
    default:
        return milliseconds(ipfix, flow->last);
    }
}

static void
put_field(struct ipfix *ipfix, const struct xvs_flow *flow,
          enum ipfix_end reason, const struct field *field)
{
    switch (field->element) {
    case SOURCE_V4:
    case SOURCE_V6:
    case SOURCE_MAC:
        message_put(&ipfix->message, flow->source, field->size);
        break;
    case DESTINATION_V4:
    case DESTINATION_V6:
    case DESTINATION_MAC:
        message_put(&ipfix->message, flow->destination, field->size);
        break;
    default:
        message_number(&ipfix->message,
                       number_of(ipfix, flow, reason, field->element),
                       field->size);
    }
}

bool
ipfix_flow(struct ipfix *ipfix, const struct xvs_flow *flow,
           enum ipfix_end reason)
{
    const struct field *field = flow->ip_version == 4 ? v4
        : flow->ip_version == 6 ? v6 : l2;
    uint16_t id = flow->ip_version == 4 ? TEMPLATE_V4
        : flow->ip_version == 6 ? TEMPLATE_V6 : TEMPLATE_L2;

    if (!open_set(ipfix, id, record_size(field))) {
        return false;
    }
    for (; field->element; field++) {
        put_field(ipfix, flow, reason, field);
    }
    ipfix->n++;
    return true;
}

bool
ipfix_totals(struct ipfix *ipfix, uint64_t messages, uint64_t records,
             uint64_t bytes)
{
    if (!open_set(ipfix, TEMPLATE_TOTALS, record_size(totals))) {
        return false;
    }
    message_number(&ipfix->message, ipfix->domain, 4);
    message_number(&ipfix->message, messages, 8);
    message_number(&ipfix->message, records, 8);
    message_number(&ipfix->message, bytes, 8);
    ipfix->n++;
    return true;
}

bool
ipfix_port(struct ipfix *ipfix, uint32_t port_id, const char *name)
{
    uint32_t length = (uint32_t) strnlen(name, NAME_MAX_SIZE);

    if (!open_set(ipfix, TEMPLATE_PORT, 4 + 1 + length)) {
        return false;
    }
    message_number(&ipfix->message, port_id, 4);
    message_number(&ipfix->message, length, 1);
    message_put(&ipfix->message, name, length);
    ipfix->n++;
    return true;
}
