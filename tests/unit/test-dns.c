/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Answers of the channel's DNS, byte by byte where standards say so.
 */

#include <config.h>

#include <stdio.h>
#include <string.h>

#include "dns/dns.h"
#include "unit/unit.h"

enum { A = 1, NS = 2, SOA = 6, AAAA = 28, SRV = 33, OPT = 41, ANY = 255 };

static const struct dns_zone zone = { .name = "vm.internal", .ttl = 5,
                                      .serial = 7 };
static uint8_t question[1500], answer[DNS_MOST];
static size_t size, answer_size;

/* vm1 has one of both, big has as many as there may be, h1 is only a name. */
static bool
find(void *arg, const char *name, struct dns_host *host)
{
    uint32_t n = strcmp(name, "big") == 0 ? DNS_ADDRESSES
        : strcmp(name, "vm1") == 0 || strcmp(name, "ns") == 0 ? 2 : 0;

    (void) arg;
    host->port = 3128;
    for (host->n = 0; host->n < n; host->n++) {
        host->addresses[host->n].size = host->n == 0 ? 4 : 16;
        memset(host->addresses[host->n].bytes, (int) host->n + 1, 16);
    }
    return n || strcmp(name, "h1") == 0;
}

static void
put(const void *bytes, size_t n)
{
    memcpy(question + size, bytes, n);
    size += n;
}

static void
put_name(const char *name)
{
    while (*name) {
        uint8_t n = (uint8_t) strcspn(name, ".");

        put(&n, 1);
        put(name, n);
        name += n + (name[n] == '.');
    }
    put("", 1);
}

static void
begin(const char *name, uint8_t type)
{
    const uint8_t end[] = { 0, type, 0, 1 };

    size = 0;
    put("\x12\x34\1\0\0\1\0\0\0\0\0\0", 12);
    put_name(name);
    put(end, 4);
}

/* An OPT that takes so many bytes. */
static void
put_opt(uint16_t room, uint8_t version)
{
    const uint8_t opt[] = { 0, 0, OPT, (uint8_t) (room >> 8), (uint8_t) room,
                            0, version, 0, 0, 0, 0 };

    question[11] = 1;
    put(opt, sizeof opt);
}

static enum dns_end
send_by(enum dns_way way)
{
    memset(answer, 0xee, sizeof answer);
    return dns_answer(&zone, find, NULL, way, question, size, answer,
                      &answer_size);
}

static enum dns_end
send(bool tcp)
{
    return send_by(tcp ? DNS_TCP : DNS_DATAGRAMS);
}

static enum dns_end
ask(const char *name, uint8_t type)
{
    begin(name, type);
    return send(false);
}

static uint32_t
count(uint32_t section)
{
    return (uint32_t) answer[6 + 2 * section] << 8 | answer[7 + 2 * section];
}

static uint32_t
code(void)
{
    return answer[3] & 15;
}

/* Where the n-th record's type is, of all sections. */
static size_t
record(uint32_t n)
{
    size_t at = 12;

    while (answer[at]) {
        at += 1u + answer[at];
    }
    at += 5;
    for (;; n--) {
        while (answer[at] && answer[at] < 0xc0) {
            at += 1u + answer[at];
        }
        at += answer[at] ? 2 : 1;
        if (n == 0) {
            return at;
        }
        at += 10u + (size_t) (answer[at + 8] << 8) + answer[at + 9];
    }
}

static void
test_addresses(void)
{
    size_t at;

    CU_ASSERT_EQUAL(ask("Vm1.VM.internal", A), DNS_ANSWERED);
    CU_ASSERT_EQUAL(memcmp(answer, "\x12\x34\x85\x00\0\1\0\1\0\0\0\0", 12), 0);
    CU_ASSERT_EQUAL(memcmp(answer + 12, question + 12, size - 12), 0);
    at = record(0);
    CU_ASSERT_EQUAL(at, size + 2);
    CU_ASSERT_EQUAL(memcmp(answer + size, "\xc0\x0c\0\1\0\1\0\0\0\5\0\4\1\1\1"
                           "\1", 16), 0);
    CU_ASSERT_EQUAL(answer_size, size + 16);
    CU_ASSERT_EQUAL(ask("vm1.vm.internal", AAAA), DNS_ANSWERED);
    CU_ASSERT_EQUAL(answer[record(0) + 1], AAAA);
    CU_ASSERT_EQUAL(answer_size, size + 28);
    CU_ASSERT_EQUAL(ask("vm1.vm.internal", ANY), DNS_ANSWERED);
    CU_ASSERT_EQUAL(count(0), 2);
}

static void
test_nothing(void)
{
    CU_ASSERT_EQUAL(ask("vm1.vm.internal", 16), DNS_ANSWERED);
    CU_ASSERT_EQUAL(code(), 0);
    CU_ASSERT_EQUAL(count(0), 0);
    CU_ASSERT_EQUAL(count(1), 1);
    CU_ASSERT_EQUAL(answer[record(0) + 1], SOA);
    CU_ASSERT_EQUAL(ask("h1.vm.internal", A), DNS_ANSWERED);
    CU_ASSERT_EQUAL(code(), 0);
    CU_ASSERT_EQUAL(ask("_tcp.vm1.vm.internal", SRV), DNS_ANSWERED);
    CU_ASSERT_EQUAL(code(), 0);
    CU_ASSERT_EQUAL(count(0), 0);
    CU_ASSERT_EQUAL(ask("vm2.vm.internal", A), DNS_ANSWERED);
    CU_ASSERT_EQUAL(code(), 3);
    CU_ASSERT_EQUAL(count(1), 1);
    CU_ASSERT(answer[2] & 4);
    CU_ASSERT_EQUAL(ask("_xvs._udp.vm1.vm.internal", SRV), DNS_ANSWERED);
    CU_ASSERT_EQUAL(code(), 3);
    CU_ASSERT_EQUAL(ask("vm1 .vm.internal", A), DNS_ANSWERED);
    CU_ASSERT_EQUAL(code(), 3);
}

static void
test_zone(void)
{
    CU_ASSERT_EQUAL(ask("vm.internal", SOA), DNS_ANSWERED);
    CU_ASSERT_EQUAL(count(0), 1);
    CU_ASSERT_EQUAL(answer[record(0) + 1], SOA);
    CU_ASSERT_EQUAL(ask("vm.internal", NS), DNS_ANSWERED);
    CU_ASSERT_EQUAL(count(0), 1);
    CU_ASSERT_EQUAL(count(2), 2);
    CU_ASSERT_EQUAL(ask("vm.internal", A), DNS_ANSWERED);
    CU_ASSERT_EQUAL(count(0), 0);
    CU_ASSERT_EQUAL(count(1), 1);
    CU_ASSERT_EQUAL(ask("xvm.internal", A), DNS_REFUSED);
    CU_ASSERT_EQUAL(code(), 5);
    CU_ASSERT_EQUAL(ask("internal", A), DNS_REFUSED);
    CU_ASSERT_EQUAL(ask("", A), DNS_REFUSED);
    CU_ASSERT_EQUAL(ask("vm1.vm.internal.org", A), DNS_REFUSED);
    CU_ASSERT_EQUAL(ask("vm.internal", 252), DNS_REFUSED);
    begin("vm1.vm.internal", A);
    question[size - 1] = 3;
    CU_ASSERT_EQUAL(send(false), DNS_REFUSED);
    CU_ASSERT(!(answer[2] & 4));
}

static void
test_service(void)
{
    size_t at;

    CU_ASSERT_EQUAL(ask("_xvs._tcp.vm1.vm.internal", SRV), DNS_ANSWERED);
    CU_ASSERT_EQUAL(count(0), 1);
    CU_ASSERT_EQUAL(count(2), 2);
    at = record(0);
    CU_ASSERT_EQUAL(memcmp(answer + at + 10, "\0\0\0\0\x0c\x38\3vm1\2vm", 13),
                    0);
    CU_ASSERT_EQUAL(ask("_xvs._tcp.h1.vm.internal", SRV), DNS_ANSWERED);
    CU_ASSERT_EQUAL(count(0), 0);
    CU_ASSERT_EQUAL(ask("_xvs._tcp.vm1.vm.internal", A), DNS_ANSWERED);
    CU_ASSERT_EQUAL(count(0) + code(), 0);
}

/* An answer is as long as the client says, and never longer than we do. */
static void
test_sizes(void)
{
    static const char name[] = "_xvs._tcp.big.vm.internal";

    CU_ASSERT_EQUAL(ask(name, SRV), DNS_ANSWERED);
    CU_ASSERT(!(answer[2] & 2));
    for (uint16_t room = 0; room < 2000; room++) {
        begin(name, SRV);
        put_opt(room, 0);
        CU_ASSERT_EQUAL(send(false), DNS_ANSWERED);
        CU_ASSERT(answer_size <= (room < 512 ? 512u : room));
        CU_ASSERT(answer_size <= DNS_DATAGRAM);
        CU_ASSERT_EQUAL(count(2) != 0, true);
    }
    begin(name, SRV);
    put_opt(1232, 1);
    CU_ASSERT_EQUAL(send(false), DNS_REFUSED);
    CU_ASSERT_EQUAL(code(), 0);
    CU_ASSERT_EQUAL(answer[answer_size - 6], 1);
}

/* A name as long as can be; what does not fit leaves the question alone. */
static void
test_cut(void)
{
    char name[300] = "";

    for (uint32_t i = 0; i < 3; i++) {
        memset(name + strlen(name), 'a' + (int) i, 60);
        strcat(name, ".");
    }
    memset(name + strlen(name), 'x', 57);
    strcat(name, ".vm.internal");
    CU_ASSERT_EQUAL(strlen(name), 252);
    CU_ASSERT_EQUAL(ask(name, A), DNS_ANSWERED);
    CU_ASSERT_EQUAL(code(), 3);
    strcat(name, ".abc");
    CU_ASSERT_EQUAL(ask(name, A), DNS_REFUSED);
    CU_ASSERT_EQUAL(code(), 1);
}

/* No more than was asked, which says to ask over TCP. */
static void
test_brief(void)
{
    begin("vm1.vm.internal", A);
    put_opt(1232, 0);
    CU_ASSERT_EQUAL(send_by(DNS_BRIEFLY), DNS_ANSWERED);
    CU_ASSERT_EQUAL(answer_size, size);
    CU_ASSERT(answer[2] & 2);
    CU_ASSERT_EQUAL(count(0), 0);
    CU_ASSERT_EQUAL(count(1), 0);
    begin("nobody.vm.internal", A);
    CU_ASSERT_EQUAL(send_by(DNS_BRIEFLY), DNS_ANSWERED);
    CU_ASSERT_EQUAL(answer_size, size);
    CU_ASSERT_EQUAL(code(), 3);
}

static void
test_malformed(void)
{
    begin("vm1.vm.internal", A);
    for (size_t n = 0; n < size; n++) {
        enum dns_end end = dns_answer(&zone, find, NULL, DNS_DATAGRAMS,
                                      question, n, answer, &answer_size);

        CU_ASSERT_EQUAL(end, n < 12 ? DNS_SILENT : DNS_REFUSED);
        CU_ASSERT_EQUAL(answer_size, n < 12 ? 0u : 12u);
    }
    /* An answer, an update, two questions, a pointer, a loop. */
    question[2] |= 0x80;
    CU_ASSERT_EQUAL(send(false), DNS_SILENT);
    begin("vm1.vm.internal", A);
    question[2] |= 5 << 3;
    CU_ASSERT_EQUAL(send(false), DNS_REFUSED);
    CU_ASSERT_EQUAL(code(), 4);
    begin("vm1.vm.internal", A);
    question[5] = 2;
    CU_ASSERT_EQUAL(send(false), DNS_REFUSED);
    CU_ASSERT_EQUAL(code(), 1);
    begin("vm1.vm.internal", A);
    question[12] = 0xc0;
    question[13] = 0x0c;
    CU_ASSERT_EQUAL(send(false), DNS_REFUSED);
    CU_ASSERT_EQUAL(code(), 1);
    begin("vm1.vm.internal", A);
    put_opt(1232, 0);
    put_opt(1232, 0);
    question[11] = 2;
    CU_ASSERT_EQUAL(send(false), DNS_REFUSED);
    CU_ASSERT_EQUAL(code(), 1);
}

static const struct unit_test tests[] = {
    { "addresses", test_addresses },
    { "names without an answer", test_nothing },
    { "the zone, and others", test_zone },
    { "services", test_service },
    { "sizes", test_sizes },
    { "long names", test_cut },
    { "too many questions", test_brief },
    { "malformed questions", test_malformed },
};

UNIT_MAIN("DNS of the channel", tests)
