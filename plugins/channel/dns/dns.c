/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Questions and answers of DNS.
 *
 *     ZONE                    SOA, NS
 *     ns.ZONE, VM.ZONE        A, AAAA of the host
 *     _xvs._tcp.VM.ZONE       SRV: the host's listener
 */

#include "dns/dns-inside.h"

#include <string.h>

#include "vm/names.h"

static const char service[] = "_xvs._tcp.";

/* The name without the zone, or NULL: it is not of the zone. */
static const char *
in_zone(struct question *question, const char *zone)
{
    size_t length = strlen(question->name), n = strlen(zone);

    if (length < n || strcmp(question->name + length - n, zone) != 0) {
        return NULL;
    }
    if (length == n) {
        question->name[0] = 0;
        return question->name;
    }
    if (question->name[length - n - 1] != '.') {
        return NULL;
    }
    question->name[length - n - 1] = 0;
    return question->name;
}

static bool
wants(const struct question *question, uint16_t type)
{
    return question->type == type || question->type == TYPE_ANY;
}

static void
answer_zone(struct reply *reply, const struct question *question)
{
    if (wants(question, TYPE_SOA)) {
        dns_put_soa(reply, 0);
    }
    if (wants(question, TYPE_NS)) {
        dns_put_ns(reply);
    }
}

static void
answer_name(struct reply *reply, const struct question *question,
            const char *name)
{
    size_t n = sizeof(service) - 1;
    bool is_service = strncmp(name, service, n) == 0;
    bool is_between = strncmp(name, service + 5, n - 5) == 0;
    const char *host_name = is_service ? name + n
        : is_between ? name + n - 5 : name;
    struct dns_host host = { .n = 0 };

    if (question->is_odd || !names_is_domain(host_name)
        || !reply->find(reply->arg, host_name, &host)) {
        reply->code = CODE_NAME;
    } else if (is_service && wants(question, TYPE_SRV)) {
        dns_put_service(reply, &host, host_name);
    } else if (!is_service && !is_between) {
        dns_put_addresses(reply, &host, question->type, NULL, 0);
    }
}

static void
answer(struct reply *reply, struct question *question)
{
    const char *name = in_zone(question, reply->zone->name);

    if (question->version) {
        reply->code = CODE_VERSION;
    } else if (!name || question->type == TYPE_AXFR
               || question->type == TYPE_IXFR
               || (question->class != CLASS_IN
                   && question->class != CLASS_ANY)) {
        reply->code = CODE_REFUSED;
    } else {
        if (name[0]) {
            answer_name(reply, question, name);
        } else {
            answer_zone(reply, question);
        }
        if (!reply->counts[0] && !reply->full) {
            dns_put_soa(reply, 1);
        }
    }
}

/* What does not fit is left out, all of it. */
static void
finish(struct reply *reply, const struct question *question, bool cut,
       size_t end)
{
    uint8_t opt[OPT_SIZE] = { 0 };
    uint16_t flags = dns_get16(reply->bytes + 2);

    if (cut) {
        memset(reply->counts, 0, sizeof(reply->counts));
        reply->size = end;
        flags |= FLAG_CUT;
    }
    if (question->has_opt) {
        dns_set16(opt + 1, TYPE_OPT);
        dns_set16(opt + 3, DNS_DATAGRAM);
        opt[5] = (uint8_t) (reply->code >> 4);
        memcpy(reply->bytes + reply->size, opt, OPT_SIZE);
        reply->size += OPT_SIZE;
        reply->counts[2]++;
    }
    dns_set16(reply->bytes + 2, (uint16_t) (flags | (reply->code & 15)));
    dns_set16(reply->bytes + 6, reply->counts[0]);
    dns_set16(reply->bytes + 8, reply->counts[1]);
    dns_set16(reply->bytes + 10, reply->counts[2]);
}

/* Without the question: it could not be read. */
static enum dns_end
refuse(struct reply *reply, uint32_t code, size_t *answer_size)
{
    dns_set16(reply->bytes + 2, (uint16_t) (dns_get16(reply->bytes + 2) | code));
    memset(reply->bytes + 4, 0, 8);
    *answer_size = HEADER;
    return DNS_REFUSED;
}

enum dns_end
dns_answer(const struct dns_zone *zone, dns_find find, void *arg,
           enum dns_way way, const uint8_t *bytes, size_t size,
           uint8_t out[DNS_MOST], size_t *answer_size)
{
    struct question question = { .room = SMALLEST };
    struct reply reply = { .zone = zone, .find = find, .arg = arg,
                           .bytes = out, .size = HEADER };
    uint16_t flags;

    *answer_size = 0;
    if (size < HEADER || dns_get16(bytes + 2) & FLAG_ANSWER) {
        return DNS_SILENT;
    }
    flags = dns_get16(bytes + 2) & (MASK_OPCODE | FLAG_RECURSE);
    memcpy(out, bytes, 2);
    dns_set16(out + 2, FLAG_ANSWER | flags);
    if (flags & MASK_OPCODE) {
        return refuse(&reply, CODE_NOT_DONE, answer_size);
    }
    if (!dns_read_question(&question, bytes, size)) {
        return refuse(&reply, CODE_FORMAT, answer_size);
    }
    question.room = question.room < SMALLEST ? SMALLEST : question.room;
    reply.most = way == DNS_TCP ? DNS_MOST
        : question.room < DNS_DATAGRAM ? question.room : DNS_DATAGRAM;
    reply.most -= question.has_opt ? OPT_SIZE : 0;
    memcpy(out + 4, "\0\1\0\0\0\0\0\0", 8);
    dns_put(&reply, bytes + HEADER, question.end - HEADER);
    answer(&reply, &question);
    reply.full |= way == DNS_BRIEFLY;
    if (reply.code == CODE_NONE || reply.code == CODE_NAME) {
        dns_set16(out + 2, (uint16_t) (dns_get16(out + 2) | FLAG_AUTHORITY));
    }
    finish(&reply, &question, reply.full, question.end);
    *answer_size = reply.size;
    return reply.code == CODE_NONE || reply.code == CODE_NAME ? DNS_ANSWERED
                                                              : DNS_REFUSED;
}
