/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Questions of strangers to the channel's DNS: an answer is never longer than
 * it may be, begins as the question does, and is itself no question.
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "dns/dns.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
find(void *arg, const char *name, struct dns_host *host)
{
    size_t n = strlen(name);

    (void) arg;
    if (n >= DNS_NAME) {
        abort();
    }
    host->n = (uint32_t) n % (DNS_ADDRESSES + 1);
    for (uint32_t i = 0; i < host->n; i++) {
        host->addresses[i].size = i % 2 ? 4 : 16;
        memset(host->addresses[i].bytes, 1, 16);
    }
    host->port = 3128;
    return name[0] != 'x';
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct dns_zone zone = { .name = "vm.internal", .ttl = 5 };
    static uint8_t answer[DNS_MOST];    /* too large to be made anew */
    size_t answer_size = 0;

    for (int way = DNS_DATAGRAMS; way <= DNS_TCP; way++) {
        enum dns_end end = dns_answer(&zone, find, NULL, (enum dns_way) way,
                                      data, size, answer, &answer_size);

        if (end == DNS_SILENT ? answer_size != 0
            : answer_size < 12 || memcmp(answer, data, 2)
                  || !(answer[2] & 0x80)
                  || answer_size > (way == DNS_TCP ? DNS_MOST
                                    : way == DNS_BRIEFLY
                                    && size < DNS_DATAGRAM ? size
                                    : DNS_DATAGRAM)) {
            abort();
        }
    }
    return 0;
}
