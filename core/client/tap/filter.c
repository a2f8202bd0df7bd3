/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * libpcap's compiler, for Ethernet.  The library and what it needs are loaded
 * when there is a filter to compile, and not at the start of every command.
 */

#include <config.h>

#include "client/tap/filter.h"

#include <pcap/pcap.h>

#include "base/error.h"
#include "base/library.h"
#include "schema/value.h"

#define LONGEST_FRAME 65600

#define USED(symbol) symbol(pcap_open_dead) symbol(pcap_compile) \
    symbol(pcap_geterr) symbol(pcap_freecode) symbol(pcap_close)

static struct {
    USED(LIBRARY_MEMBER)
} lib;

static const char *const files[] = { "libpcap.so.0.8", "libpcap.so.1", NULL };
static const char *const symbols[] = { USED(LIBRARY_NAME) NULL };
static const struct library libpcap = { "libpcap", "libpcap0.8", files,
                                        symbols };

bool
filter_compile(const char *text, struct value *program, struct error *error)
{
    struct bpf_program compiled;
    pcap_t *pcap;

    if (!library_load(&libpcap, &lib, error)) {
        return false;
    }
    pcap = lib.pcap_open_dead(DLT_EN10MB, LONGEST_FRAME);
    if (!pcap
        || lib.pcap_compile(pcap, &compiled, text, 1, PCAP_NETMASK_UNKNOWN)) {
        error_set(error, ERROR_INVALID, "filter '%.200s': %s", text,
                  pcap ? lib.pcap_geterr(pcap) : "no memory");
        error_hint(error, "pcap-filter(7) describes the language");
        if (pcap) {
            lib.pcap_close(pcap);
        }
        return false;
    }
    *program = value_array(CIM_UINT64, compiled.bf_len);
    for (unsigned int i = 0; i < compiled.bf_len; i++) {
        const struct bpf_insn *one = &compiled.bf_insns[i];

        program->items[i] =
            value_u64(CIM_UINT64, (uint64_t) one->code << 48
                                  | (uint64_t) one->jt << 40
                                  | (uint64_t) one->jf << 32 | one->k);
    }
    lib.pcap_freecode(&compiled);
    lib.pcap_close(pcap);
    return true;
}
